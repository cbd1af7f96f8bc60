import { byId, element, number, say } from './words.js';

const BUTTONS = [
  ['rotate', 'Rotate', 'A new password at the database and at the backend. The pool is swapped; work goes on.'],
  [
    'refuse-first',
    'Refuse the password first',
    'The database changes it 2 s before the backend tells. Requests wait, and none fails.',
  ],
  ['take-away', 'Take the backend away', 'It answers 503 to everything. The app serves with what it has.'],
  ['revoke', 'Revoke the lease', 'The access key of AWS is refused. The app opens a new one, and does the work again.'],
  ['break', 'Put in a broken value', 'Somebody leaves the password out. The schema refuses it; rotate to mend it.'],
];
const BRING_BACK = ['bring-back', 'Bring the backend back', 'By itself it comes back after a minute.'];

let obstacles = {};

/** The sentence stays for a while; a button that can't be pressed keeps its place for the keyboard. */
let cleared;
function tell(text) {
  say('obstacle', text);
  clearTimeout(cleared);
  cleared = setTimeout(() => say('obstacle', ''), 6000);
}

async function press(action) {
  if (document.body.dataset.phase === 'silent') return tell('The app does not answer.');
  if (obstacles[action]) return tell(obstacles[action]);
  try {
    const answer = await fetch(`/demo/${action}`, { method: 'POST', signal: AbortSignal.timeout(3000) });
    const state = await answer.json();
    if (answer.ok) showDemo(state);
    else tell(state.message);
  } catch {
    tell('The app does not answer.');
  }
}

function label(made, [action, title, text]) {
  if (made.dataset.action === action) return;
  made.dataset.action = action;
  made.setAttribute('aria-label', title);
  made.firstChild.textContent = title;
  made.lastChild.textContent = text;
}

function button(usual) {
  const id = `about-${usual[0]}`;
  const made = element('button', { type: 'button', 'aria-describedby': id }, element('b'), element('span', { id }));
  label(made, usual);
  made.addEventListener('click', () => press(made.dataset.action));
  return made;
}

function showButtons() {
  const list = byId('buttons');
  if (!list.firstChild) list.append(...BUTTONS.map((one) => element('li', {}, button(one))));
  const isAway = obstacles['bring-back'] === null;
  list.querySelectorAll('button').forEach((made, index) => {
    const usual = BUTTONS[index];
    label(made, isAway && usual[0] === 'take-away' ? BRING_BACK : usual);
    made.setAttribute('aria-disabled', String(obstacles[made.dataset.action] !== null));
  });
}

function showLoad({ perSecond, answered, failed, waiting, slowest }) {
  say('rate', number(perSecond.at(-1)));
  say('answered', number(answered));
  say('failed', number(failed));
  byId('failed').dataset.level = failed === 0 ? 'good' : 'bad';
  say('waiting', number(waiting));
  say('slowest', slowest < 1000 ? `${slowest} ms` : `${(slowest / 1000).toFixed(1)} s`);
  const top = Math.max(10, ...perSecond);
  const bars = perSecond.map((count, index) => `M${index + 0.5} 40v${-Math.max(0.6, (count / top) * 38).toFixed(2)}`);
  byId('bars').setAttribute('d', bars.join(''));
  byId('chart').setAttribute(
    'aria-label',
    `Requests a second over the last minute, from ${Math.min(...perSecond)} to ${Math.max(...perSecond)}`,
  );
}

function showPool(pool) {
  if (!pool) return say('pool', '');
  const made = pool.version === undefined ? 'not made yet' : `made from DATABASE v${pool.version}`;
  const more = [
    pool.draining && `v${pool.draining.version} still has work, and drains`,
    pool.state === 'building' && 'the next one is being made',
    pool.state === 'failed' && `the next one can't be made (${pool.lastError?.code}); this one serves on`,
  ].filter(Boolean);
  say('pool', `Connection pool: ${[made, ...more].join(' · ')}`);
}

let lastEntry = 0;
/** Only what is new is put in, as a screen reader reads out what comes in. */
function showJournal(entries) {
  const list = byId('journal');
  const last = entries.at(-1)?.number ?? 0;
  if (last < lastEntry) lastEntry = 0; // the app was started again
  for (const { number: count, at, text } of entries) {
    if (count <= lastEntry) continue;
    if (lastEntry === 0) list.replaceChildren();
    lastEntry = count;
    const time = new Date(at).toLocaleTimeString('en-GB');
    list.prepend(element('li', {}, element('time', {}, time), element('span', {}, text)));
  }
  while (list.children.length > 40) list.lastElementChild.remove();
}

export function showDemo(state) {
  obstacles = state.obstacles;
  showLoad(state.load);
  showPool(state.pool);
  showButtons();
  showJournal(state.journal);
}
