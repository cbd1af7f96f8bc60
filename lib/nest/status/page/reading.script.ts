/** Where the page gets its data from: the stream, read by fetch so that the token goes in a header; and what it asks the app to do. */
export const READING_SCRIPT = String.raw`
const base = location.pathname.replace(/\/+$/, '');
const SILENCE = 6 * SECOND, LONGEST_PAUSE = 10 * SECOND;
let token, reading, heardAt, triedAt = 0, failures = 0, retry;

const headers = (more) => ({ ...(token === undefined ? {} : { authorization: 'Bearer ' + token }), ...more });

function stop() {
  clearTimeout(retry);
  reading?.abort();
  reading = undefined;
}

async function watch() {
  stop();
  if (document.hidden) return;
  const own = (reading = new AbortController());
  triedAt = performance.now();
  try {
    const answer = await fetch(base + '/events', { headers: headers({ accept: 'text/event-stream' }), signal: own.signal, cache: 'no-store', redirect: 'manual' });
    if (own !== reading) return;
    if (answer.type === 'opaqueredirect') return ask('Your session is over: load the page again.');
    if (answer.status === 401 || answer.status === 403) return ask(refusalText(answer.status));
    if (!answer.ok) throw new Error('status ' + answer.status);
    await readAll(answer.body.pipeThrough(new TextDecoderStream()).getReader(), own);
  } catch {
    // Told by the silence.
  }
  if (own !== reading) return;
  failures += 1;
  retry = setTimeout(watch, Math.min(LONGEST_PAUSE, SECOND * 2 ** Math.min(failures - 1, 4)));
}

async function readAll(reader, own) {
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done || own !== reading) return;
    const frames = (rest + value).split('\n\n');
    rest = frames.pop();
    for (const frame of frames) {
      const [, type] = /^event: (\w+)$/m.exec(frame) ?? [];
      const at = frame.indexOf('data: ');
      if (!type || at < 0) continue;
      take(type, JSON.parse(frame.slice(at + 6)));
      heard();
    }
  }
}

function heard() {
  heardAt = performance.now();
  failures = 0;
  $('door').hidden = true;
  $('content').hidden = false;
  $('silence').hidden = true;
  phase('live');
  say($('live-text'), 'Live');
}

/** What hangs says nothing: not even that it fails. */
function listen() {
  if (document.hidden || heardAt === undefined || !$('door').hidden) return;
  const silence = performance.now() - heardAt;
  if (silence < SILENCE) return;
  if (document.body.dataset.phase !== 'silent') announce('No answer. What is shown is old.');
  // A connection that hangs may never end by itself.
  if (performance.now() - triedAt > LONGEST_PAUSE) watch();
  phase('silent');
  say($('live-text'), 'No answer for ' + span(silence));
  $('silence').hidden = false;
  say($('silence'), 'No answer for ' + span(silence) + '. What is shown is what was known at ' + clockTime(report.at) + '.');
}

function refusalText(status) {
  if (token !== undefined) return status === 401 ? 'That is not the token.' : 'You are not let in.';
  if (settings.access === 'token') return 'Enter the token of this status page.';
  return 'The guard of this page does not let you in. Where it takes a bearer token, enter it.';
}

function ask(text) {
  const wasRefused = token !== undefined;
  stop();
  token = heardAt = report = undefined;
  phase('asking');
  say($('live-text'), 'Not let in');
  $('content').hidden = true;
  $('door').hidden = false;
  $('door').classList.toggle('refused', wasRefused);
  say($('door-text'), text);
  $('token').value = '';
  $('token').focus();
  if (wasRefused) announce(text);
}

let hiding;
function toast(text) {
  clearTimeout(hiding);
  $('toast').hidden = false;
  say($('toast'), text);
  announce(text);
  hiding = setTimeout(() => ($('toast').hidden = true), 6 * SECOND);
}

async function act(body, done) {
  try {
    const answer = await fetch(base + '/actions', {
      method: 'POST', cache: 'no-store', redirect: 'manual',
      headers: headers({ 'content-type': 'application/json', accept: 'application/json', 'x-secrets-status': '1' }),
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    toast(answer.ok ? done(told) : told.message ?? 'It was refused.');
  } catch {
    toast('There was no answer.');
  }
}

function confirmed(title, text, yes) {
  const dialog = $('confirm');
  say($('confirm-title'), title);
  say($('confirm-text'), text);
  say($('confirm-yes'), yes);
  return new Promise((resolve) => {
    const end = (is) => () => { dialog.close(); resolve(is); };
    $('confirm-yes').onclick = end(true);
    $('confirm-no').onclick = end(false);
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
    $('confirm-no').focus();
  });
}

const refreshText = ({ changed, unchanged, failed, failures }) =>
  [changed && changed + ' changed', unchanged && unchanged + ' unchanged', failed && failed + ' failed'].filter(Boolean).join(', ') + (failures[0] ? ': ' + failures[0].code : '') || 'There was nothing to read.';

on.refresh = async (id) => {
  const secret = known.get(id);
  if (!secret) return;
  if (secret.lease && !(await confirmed('Open new credentials for ' + secret.name + '?', 'It is a dynamic secret: a refresh issues new credentials, and those that there are end with their lease.', 'Open'))) return;
  await act({ action: 'refresh', connection: secret.connection, id }, (told) => secret.name + ': ' + refreshText(told));
};
on.refreshAll = (of) => act({ action: 'refresh', connection: of.connection }, (told) => of.connection + ': ' + refreshText(told));
on.pause = async (of) => {
  const action = of.isPaused ? 'resume' : 'pause';
  if (action === 'pause' && !(await confirmed('Pause readings of ' + of.connection + '?', 'Nothing is read by schedule or announcement in this process until somebody resumes. Leases are renewed, and misses are read.', 'Pause'))) return;
  await act({ action, connection: of.connection }, ({ isPaused }) => of.connection + (isPaused ? ' is paused.' : ' is resumed.'));
};

$('door').addEventListener('submit', (event) => {
  event.preventDefault();
  token = $('token').value.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) return ask('That is not the token.');
  say($('live-text'), 'Connecting');
  watch();
});
document.addEventListener('visibilitychange', () => {
  if (!$('door').hidden) return;
  if (document.hidden) { stop(); phase('asleep'); say($('live-text'), 'Waits while it is hidden'); }
  else { heardAt = heardAt && performance.now(); watch(); }
});
begin();
setInterval(listen, SECOND / 2);
if (settings.access === 'token') ask(refusalText(401));
else watch();
`;
