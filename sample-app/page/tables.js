import { byId, element, span, times } from './words.js';

/** What each row showed last, by its key, to light up what has changed. */
const shown = new Map();

const cell = (label, ...content) =>
  element('td', { role: 'cell', 'data-label': label }, element('div', {}, ...content));
const badge = (kind, text) => element('span', { class: `badge ${kind}` }, text);

function row(key, state, ...cells) {
  const hasChanged = shown.has(key) && shown.get(key) !== state;
  shown.set(key, state);
  return element('tr', { role: 'row', class: hasChanged ? 'changed' : '' }, ...cells);
}

function standing({ stale, error }) {
  if (!error && !stale) return badge('good', 'current');
  return badge('old', `last good value: ${error ?? 'late'}`);
}

function secretRow({ name, version, changes, age, checked, stale, lease, error }) {
  const ends = lease === undefined ? null : element('small', {}, `ends in ${span(lease)}`);
  return row(
    `secret ${name}`,
    changes,
    element('th', { role: 'rowheader', scope: 'row', class: 'name' }, name),
    cell('Version', version === null ? '–' : `v${version.slice(0, 12)}`),
    cell('Changed', times(changes)),
    cell('In the app for', span(age), ends),
    cell('Last read', checked === null ? '–' : checked < 1.5 ? 'just now' : `${span(checked)} ago`),
    cell('Standing', standing({ stale, error })),
  );
}

function placeBadge({ live, isThere, current }) {
  if (!isThere) return badge('none', 'not in this source');
  if (live) return current ? badge('good', 'live') : badge('old', 'behind');
  return current ? badge('good', 'snapshot, still current') : badge('old', 'snapshot, replaced since');
}

function placeRow({ title, code, secret, field, ...rest }, changes) {
  return row(
    `place ${title}`,
    rest.live ? changes : rest.current,
    element(
      'th',
      { role: 'rowheader', scope: 'row' },
      element('span', { class: 'name' }, title),
      element('code', {}, code),
    ),
    cell('Secret', secret, field ? element('code', { class: 'part' }, field) : null),
    cell('What is there', placeBadge(rest)),
  );
}

/** A row that lit up and has not changed again goes on fading, rather than being cut off by the next look. */
function replaceRows(body, rows) {
  rows.forEach((made, index) => {
    const old = body.children[index];
    if (!old) return body.append(made);
    if (made.className === 'changed') return old.replaceWith(made);
    old.replaceChildren(...made.children);
  });
  while (body.children.length > rows.length) body.lastElementChild.remove();
}

export function showTables({ secrets, places }) {
  const changes = new Map(secrets.map((secret) => [secret.name, secret.changes]));
  replaceRows(byId('secrets'), secrets.map(secretRow));
  replaceRows(
    byId('places'),
    places.map((place) => placeRow(place, changes.get(place.secret))),
  );
}
