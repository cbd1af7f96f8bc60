/** The page over the data: verdict, connections, the table with its filter and its pages. Only what is on the screen is made. */
export const VIEW_SCRIPT = String.raw`
const PER_PAGE = 100;
const SIGNS = { ok: '✓', degraded: '!', down: '✕' };

const known = new Map();
let report, order = [], counts = {}, page = 0, standing = 'all', words = '', announced = '';
const views = new Map();
const open = new Set();
const on = { toggle, refresh: undefined };

const phase = (name) => { if (document.body.dataset.phase !== name) document.body.dataset.phase = name; };
const announce = (text) => { if (text !== announced) $('announcer').textContent = announced = text; };

/** Takes what was sent: all of it, or what has changed. */
function take(type, data) {
  ahead = Date.parse(data.at) - Date.now();
  if (type === 'report') {
    known.clear();
    for (const secret of data.secrets) known.set(secret.id, secret);
    report = data;
    showReplica(data.replica);
    sort();
  } else if (report) {
    report = { ...report, at: data.at, verdict: data.verdict, connections: data.connections ?? report.connections, resources: data.resources ?? report.resources };
    for (const change of data.secrets) {
      const secret = { ...known.get(change.id), ...change };
      for (const key of Object.keys(secret)) if (secret[key] === null) delete secret[key];
      known.set(change.id, secret);
    }
    for (const id of data.gone) { known.delete(id); open.delete(id); views.delete(id); }
    if (data.secrets.length + data.gone.length > 0) sort();
  } else return;
  showVerdict(report.verdict);
  if (type === 'report' || data.connections) showConnections(report.connections);
  if (type === 'report' || data.resources) showResources(report.resources ?? []);
  if (type === 'report' || data.secrets.length + data.gone.length > 0) showSecrets();
}

function sort() {
  counts = Object.fromEntries(STANDINGS.map((name) => [name, 0]));
  for (const secret of known.values()) counts[secret.standing] = (counts[secret.standing] ?? 0) + 1;
  const matches = (secret) => words === '' || (secret.name + ' ' + secret.connection + ' ' + secret.source + ' ' + (secret.consumers ?? []).map(userText).join(' ')).toLowerCase().includes(words);
  const rank = (secret) => STANDINGS.indexOf(secret.standing);
  order = [...known.values()]
    .filter((secret) => (standing === 'all' || secret.standing === standing) && matches(secret))
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) || (a.id < b.id ? -1 : 1));
  page = Math.min(page, Math.max(0, Math.ceil(order.length / PER_PAGE) - 1));
}

function showReplica({ host, pid, startedAt, version, node }) {
  say($('replica'), host + ' · pid ' + pid);
  document.title = 'Secrets · ' + host + ' ' + pid;
  $('footer').replaceChildren('nestjs-hcp-vault ' + version + ', Node.js ' + node.replace('v', '') + ', process of ', timeOf(startedAt), '. Names, versions and times: never a value.');
}

function showVerdict({ level, headline, text }) {
  $('verdict').dataset.level = level;
  say($('verdict-sign'), SIGNS[level] ?? '?');
  say($('verdict-headline'), headline);
  say($('verdict-rest'), text.startsWith(headline) ? text.slice(headline.length).trim() : text);
  announce(headline);
}

function cardOf(title, side, facts, buttons, rest) {
  const head = make('div', { className: 'card-head' }, make('h3', { text: title }), make('span', { className: 'mono', text: side }), buttons);
  return make('li', {}, head, factList(facts), rest);
}

/** Words that move with time, each with what says them. */
let moving = [];
const lively = (write, className) => {
  const element = make('span', { className: className ?? '', text: write() });
  moving.push([element, write]);
  return element;
};

function showConnections(connections) {
  const focused = document.activeElement?.dataset?.key;
  moving = moving.filter(([element]) => !$('connections').contains(element));
  $('connections').replaceChildren(...connections.map(connectionCard));
  if (focused) document.querySelector('[data-key="' + CSS.escape(focused) + '"]')?.focus();
}

function connectionCard(of) {
  const facts = [];
  const isSilent = of.consecutiveFailures > 0;
  if (of.lastAnswerAt) facts.push(['Answered', lively(() => ago(of.lastAnswerAt))]);
  if (isSilent && of.lastFailure) facts.push(['Failing', make('span', { className: 'bad', text: of.lastFailure.code + ' × ' + of.consecutiveFailures })]);
  if (of.latencyMs !== undefined) facts.push(['Takes', of.latencyMs < 10 ? of.latencyMs.toFixed(1) + ' ms' : Math.round(of.latencyMs) + ' ms']);
  facts.push(['Next refresh', of.isPaused ? make('span', { className: 'bad', text: 'paused' }) : of.nextRefreshAt ? lively(() => (left(of.nextRefreshAt) < SECOND ? 'now' : 'in ' + span(left(of.nextRefreshAt)))) : 'none planned']);
  facts.push(['Changes', make('span', { className: of.channel === 'lost' ? 'bad' : '', text: CHANNEL_WORDS[of.channel] ?? of.channel }), of.channels.map(({ kind, state }) => kind + ': ' + state).join(', ')]);
  const { session } = of;
  if (session?.lastError) facts.push(['Session', make('span', { className: 'bad', text: session.lastError.code })]);
  else if (session?.expiresAt) facts.push(['Session', lively(() => (left(session.expiresAt) > 0 ? 'ends in ' + span(left(session.expiresAt)) : 'ended'))]);
  else if (session?.loggedInAt) facts.push(['Session', lively(() => 'since ' + ago(session.loggedInAt).replace(' ago', ''))]);
  for (const cache of of.caches ?? []) facts.push([inWords(cache.kind) + ' cache', make('span', { className: cache.state === 'failed' ? 'bad' : '', text: cache.state })]);
  const all = Object.values(of.counts).reduce((sum, count) => sum + count, 0);
  const share = make('div', { className: 'share', role: 'img', 'aria-label': STANDINGS.filter((name) => of.counts[name] > 0).map((name) => of.counts[name] + ' ' + STANDING_WORDS[name].toLowerCase()).join(', ') });
  for (const name of [...STANDINGS].reverse()) {
    if (!of.counts[name]) continue;
    const part = make('i', { className: 'share-' + name, title: of.counts[name] + ' ' + STANDING_WORDS[name].toLowerCase() });
    part.style.flexGrow = String(of.counts[name] / all);
    share.append(part);
  }
  let buttons;
  if (settings.hasActions) {
    const pause = of.isPaused ? 'Resume' : 'Pause';
    const button = (text, act) => make('button', { type: 'button', text, 'data-key': of.connection + ' ' + text, 'aria-label': text + ', connection ' + of.connection, on: { click: act } });
    buttons = make('div', { className: 'card-row' }, button('Refresh all', () => on.refreshAll(of)), button(pause, () => on.pause(of)));
  }
  return cardOf(inWords(of.title), of.connection, facts, buttons, all > 0 ? share : undefined);
}

function showResources(resources) {
  $('resources-section').hidden = resources.length === 0;
  moving = moving.filter(([element]) => !$('resources').contains(element));
  $('resources').replaceChildren(...resources.map((of) => {
    const isBad = of.state === 'failed' || !of.isAlive;
    const state = of.state === 'failed' ? (of.isAlive ? 'the last rebuild failed, the old one serves' : 'it could not be made') : of.state;
    const facts = [['Secret', make('span', { className: 'mono', text: of.secret })]];
    facts.push(['State', make('span', { className: isBad ? 'bad' : '', text: inWords(state) })]);
    if (of.lastError) facts.push(['Last error', make('span', { className: 'mono bad', text: of.lastError.code + (of.failures > 1 ? ' × ' + of.failures : '') })]);
    facts.push(['Since', lively(() => ago(of.since))]);
    if (of.version !== undefined) facts.push(['Made from', make('span', { className: 'mono', text: of.version })]);
    if (of.wantedVersion !== undefined) facts.push(['Wanted', make('span', { className: 'mono bad', text: of.wantedVersion })]);
    if (of.draining) facts.push(['Draining', lively(() => of.draining.version + ', since ' + ago(of.draining.since))]);
    return cardOf(of.name, of.connection, facts);
  }));
}

function showChips() {
  const chips = [['all', 'All', known.size], ...STANDINGS.filter((name) => counts[name] > 0 || name === standing).map((name) => [name, STANDING_WORDS[name], counts[name]])];
  const key = JSON.stringify([chips, standing]);
  if ($('chips').dataset.key === key) return;
  $('chips').dataset.key = key;
  const focused = document.activeElement?.dataset?.standing;
  $('chips').replaceChildren(...chips.map(([name, text, count]) =>
    make('button', { type: 'button', 'data-standing': name, 'aria-pressed': String(standing === name), on: { click: () => { standing = name; page = 0; sort(); showSecrets(); } } }, text + ' ', make('b', { text: count.toLocaleString('en') })),
  ));
  if (focused) $('chips').querySelector('[data-standing="' + focused + '"]')?.focus();
}

function showSecrets() {
  showChips();
  const shown = order.slice(page * PER_PAGE, (page + 1) * PER_PAGE);
  const hasSeveral = report.connections.length > 1;
  const wanted = [];
  for (const secret of shown) {
    let view = views.get(secret.id);
    if (!view) views.set(secret.id, (view = rowOf(secret, on)));
    fillRow(view, secret, hasSeveral);
    moveRow(view, secret);
    wanted.push(view.row);
    if (open.has(secret.id)) wanted.push(detailsOf(view, secret));
  }
  const ids = new Set(shown.map(({ id }) => id));
  for (const id of views.keys()) if (!ids.has(id)) views.delete(id);
  place($('secrets'), wanted);
  $('empty').hidden = shown.length > 0;
  say($('empty'), known.size === 0 ? 'No secret is known yet.' : 'No secret is like that.');
  $('pager').hidden = order.length <= PER_PAGE;
  const from = page * PER_PAGE;
  say($('page-text'), (from + 1).toLocaleString('en') + '–' + (from + shown.length).toLocaleString('en') + ' of ' + order.length.toLocaleString('en'));
  $('before').disabled = page === 0;
  $('after').disabled = from + PER_PAGE >= order.length;
}

/** Moves only what stands elsewhere, and leaves the focus where it is. */
function place(parent, wanted) {
  const focused = document.activeElement;
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, index) => { if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null); });
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus();
}

function detailsOf(view, secret) {
  if (!view.details) {
    view.details = make('tr', { className: 'details', role: 'row', id: 'details-' + secret.id });
    fillDetails(view, secret);
  }
  view.name.setAttribute('aria-expanded', 'true');
  return view.details;
}

function toggle(id) {
  const view = views.get(id);
  if (open.delete(id)) {
    view.details?.remove();
    view.details = undefined;
    view.name.setAttribute('aria-expanded', 'false');
  } else {
    open.add(id);
    view.row.after(detailsOf(view, known.get(id)));
  }
}

function tick() {
  if (!report) return;
  for (const [element, write] of moving) say(element, write());
  for (const [id, view] of views) if (known.has(id)) moveRow(view, known.get(id));
}

function filterBy(text) {
  words = text.trim().toLowerCase();
  page = 0;
  if (!report) return;
  sort();
  showSecrets();
}

function turn(by) {
  page += by;
  showSecrets();
  $('secrets-heading').scrollIntoView({ block: 'start' });
}

function begin() {
  const columns = ['Secret', 'Version', 'Age', 'Lease', 'Used by', 'Last event'];
  $('columns').replaceChildren(...columns.map((text) => make('th', { role: 'columnheader', scope: 'col', text })));
  if (settings.hasActions) $('columns').append(make('th', { role: 'columnheader', scope: 'col', className: 'act' }, make('span', { className: 'sr', text: 'Actions' })));
  $('filter').addEventListener('input', () => filterBy($('filter').value));
  $('before').addEventListener('click', () => turn(-1));
  $('after').addEventListener('click', () => turn(1));
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && !$('content').hidden) {
      event.preventDefault();
      $('filter').focus();
    } else if (event.key === 'Escape' && event.target === $('filter')) {
      $('filter').value = '';
      filterBy('');
    }
  });
  setInterval(tick, SECOND);
}
`;
