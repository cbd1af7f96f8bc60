import { showDemo } from './demo.js';
import { showTables } from './tables.js';
import { byId, element, number, say, span } from './words.js';

/** Milliseconds. */
const EVERY = 500;
const PATIENCE = 2500;
/** Without an answer for so long, what is shown is old. */
const SILENT = 2500;

let answeredAt = performance.now();
let isEmbedded = false;

function show({ backend, uptime, rotations, ...overview }) {
  isEmbedded = overview.isEmbedded;
  byId('demo').hidden = !isEmbedded;
  byId('no-demo').hidden = isEmbedded;
  byId('facts').replaceChildren(
    'Running for ',
    element('b', {}, span(uptime)),
    ' without a restart · ',
    element('b', {}, number(rotations)),
    ` ${rotations === 1 ? 'rotation' : 'rotations'} seen · ${backend}`,
  );
  showTables(overview);
}

async function ask(path) {
  const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

async function look() {
  const [overview, demo] = await Promise.all([ask('/secrets'), isEmbedded ? ask('/demo') : undefined]);
  answeredAt = performance.now();
  show(overview);
  if (demo) showDemo(demo);
}

/** Says so, and greys what is old, where the app is killed or hangs; goes on asking. */
function watch() {
  const silent = performance.now() - answeredAt;
  const isSilent = silent > SILENT;
  const phase = isSilent ? 'silent' : 'live';
  if (document.body.dataset.phase !== phase)
    say('announced', isSilent ? 'The app does not answer.' : 'The app answers again.');
  document.body.dataset.phase = phase;
  say('pulse', isSilent ? `No answer for ${span(silent / 1000)}` : 'live');
}

async function follow() {
  await look().catch(() => undefined);
  watch();
  setTimeout(follow, EVERY);
}

show(JSON.parse(byId('state').textContent));
setInterval(watch, EVERY);
void follow();
