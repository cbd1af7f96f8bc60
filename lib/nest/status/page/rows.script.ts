/** One secret: its row in the table, its details, and the parts of it that move with time. */
export const ROWS_SCRIPT = String.raw`
function meterOf(part, isLate, isOver) {
  const fill = make('i');
  fill.style.setProperty('--part', String(Math.min(1, Math.max(0, part))));
  return make('span', { className: 'meter' + (isOver ? ' over' : isLate ? ' late' : ''), 'aria-hidden': 'true' }, fill);
}

function moveMeter(cell, text, part, isLate, isOver) {
  let [words, meter] = cell.children;
  if (!meter) {
    words = make('span');
    meter = meterOf(part, isLate, isOver);
    cell.replaceChildren(words, meter);
  }
  say(words, text);
  const name = 'meter' + (isOver ? ' over' : isLate ? ' late' : '');
  if (meter.className !== name) meter.className = name;
  const value = String(Math.round(Math.min(1, Math.max(0, part)) * 500) / 500);
  if (meter.firstChild.style.getPropertyValue('--part') !== value) meter.firstChild.style.setProperty('--part', value);
}

const nothing = (text) => make('span', { className: 'none', text: text ?? '–' });

function moveAge(cell, secret) {
  if (!secret.loadedAt) return cell.replaceChildren(nothing());
  const age = nowAt() - Date.parse(secret.loadedAt);
  if (!secret.maxAgeMs) {
    if (cell.children.length !== 1 || cell.firstChild.className === 'none') cell.replaceChildren(make('span'));
    return say(cell.firstChild, span(age));
  }
  const part = age / secret.maxAgeMs;
  moveMeter(cell, span(age) + ' of ' + span(secret.maxAgeMs), part, part > 1, secret.standing === 'stale' || secret.standing === 'ended');
}

function moveLease(cell, secret) {
  const { lease } = secret;
  if (!lease) return cell.firstChild?.className === 'none' ? undefined : cell.replaceChildren(nothing());
  const rest = left(lease.expiresAt);
  const text = rest <= 0 ? 'ended' : span(rest) + ' left of ' + span(lease.durationMs);
  moveMeter(cell, text, rest / lease.durationMs, rest < lease.durationMs / 10, rest <= 0);
}

function usersOf(secret) {
  const users = secret.consumers ?? [];
  if (users.length === 0) return [nothing('nobody by name')];
  const shown = users.slice(0, 2).map((user) => make('div', { text: userText(user) }));
  if (users.length > 2) shown.push(make('div', { className: 'soft', text: 'and ' + (users.length - 2) + ' more' }));
  return shown;
}

function moveLast(cell, secret) {
  const last = secret.events?.at(-1);
  if (!last) return cell.firstChild?.className === 'none' ? undefined : cell.replaceChildren(nothing());
  if (cell.children.length !== 2) cell.replaceChildren(make('div'), make('div', { className: 'soft' }));
  say(cell.children[0], inWords(last.type));
  say(cell.children[1], ago(last.at));
}

/** The row of a secret: made once, and filled again where the secret has changed. */
function rowOf(secret, on) {
  const name = make('button', { className: 'name', type: 'button', 'aria-expanded': 'false', on: { click: () => on.toggle(secret.id) } }, make('span'));
  const under = make('div', { className: 'under' });
  const cell = (label, className) => make('td', { role: 'cell', 'data-label': label, className: className ?? '' });
  const cells = { version: cell('Version'), age: cell('Age'), lease: cell('Lease'), users: cell('Used by', 'users'), last: cell('Last event', 'last') };
  const first = make('td', { role: 'cell' }, name, under);
  const row = make('tr', { role: 'row', 'data-id': secret.id }, first, cells.version, cells.age, cells.lease, cells.users, cells.last);
  let refresh;
  if (settings.hasActions) {
    refresh = make('button', { type: 'button', text: 'Refresh', on: { click: () => on.refresh(secret.id) } });
    row.append(make('td', { role: 'cell', className: 'act' }, refresh));
  }
  return { row, name, under, refresh, ...cells, details: undefined, shown: undefined };
}

function fillRow(view, secret, hasSeveralConnections) {
  if (view.shown === secret) return;
  view.shown = secret;
  view.row.dataset.standing = secret.standing;
  say(view.name.firstChild, secret.name + (secret.requestedVersion === undefined ? '' : ' @ ' + secret.requestedVersion));
  const words = STANDING_WORDS[secret.standing] ?? secret.standing;
  const where = hasSeveralConnections ? ' · ' + secret.connection : '';
  const doing = secret.attempt ? ' · ' + (secret.attempt.kind === 'renewal' ? 'being renewed' : 'being read') : '';
  view.under.replaceChildren(make('span', { className: 'tag', text: words }), where + doing);
  if (secret.why) view.under.append(make('span', { className: 'why', text: localTimes(secret.why) }));
  if (secret.version === undefined) view.version.replaceChildren(nothing());
  else {
    view.version.replaceChildren(make('span', { className: 'version', text: secret.version, title: secret.version }));
    if (secret.versionKind === 'process') view.version.append(make('span', { className: 'soft', text: 'this process' }));
  }
  view.users.replaceChildren(...usersOf(secret));
  if (view.refresh) view.refresh.setAttribute('aria-label', 'Refresh ' + secret.name);
  if (view.details) fillDetails(view, secret);
}

function moveRow(view, secret) {
  moveAge(view.age, secret);
  moveLease(view.lease, secret);
  moveLast(view.last, secret);
}

function fillDetails(view, secret) {
  const facts = [];
  const fact = (word, ...values) => facts.push([word, make('span', {}, ...values)]);
  if (secret.version !== undefined) {
    fact('Version', make('span', { className: 'mono', text: secret.version }));
    fact('which is', VERSION_WORDS[secret.versionKind] ?? secret.versionKind);
  }
  if (secret.loadedAt) fact('Read', timeOf(secret.loadedAt), ', from ' + (FROM_WORDS[secret.from] ?? secret.from));
  if (secret.nextRefreshAt) fact('Next refresh', timeOf(secret.nextRefreshAt));
  if (secret.lease) fact('Lease ends', timeOf(secret.lease.expiresAt), secret.lease.renewable ? ', renewable' : ', not renewable');
  fact('Changes are', CHANNEL_WORDS[secret.channel] ?? secret.channel);
  const part = (title, body) => make('div', {}, make('h3', { text: title }), body);
  const users = (secret.consumers ?? []).map((user) => make('li', { text: userText(user) }));
  const events = [...(secret.events ?? [])].reverse().map((event) =>
    make('li', {}, timeOf(event.at), make('span', { text: inWords(event.type) + (event.version === undefined ? '' : ' ' + event.version) }), event.code ? make('span', { className: 'mono bad', text: event.code }) : undefined),
  );
  const parts = [part('What is known', factList(facts, 'list'))];
  if (users.length > 0) parts.push(part('Used by', make('ul', {}, ...users)));
  if (events.length > 0) parts.push(part('Events, the newest first', make('ul', {}, ...events)));
  if (secret.lastError) parts.push(part('Last error', make('p', {}, make('span', { className: 'mono bad', text: secret.lastError.code }), make('span', { text: ' ' + secret.lastError.message }))));
  const cell = make('td', { role: 'cell', colSpan: settings.hasActions ? 7 : 6 }, make('div', { className: 'details-grid' }, ...parts));
  view.details.replaceChildren(cell);
}
`;
