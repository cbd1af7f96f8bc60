/** Spans, times and the words for what data call by a code. Also the one way to make an element: what comes from outside is text, and never HTML. */
export const WORDS_SCRIPT = String.raw`
const $ = (id) => document.getElementById(id);
const settings = JSON.parse($('settings').textContent);

function make(tag, given, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(given ?? {})) {
    if (value === undefined || value === false) continue;
    if (key === 'text') element.textContent = value;
    else if (key === 'on') for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (key in element && key !== 'role' && !key.startsWith('aria')) element[key] = value;
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Writes only what is another: a screen reader and the layout hear of nothing else. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

function span(milliseconds) {
  const length = Math.max(0, milliseconds);
  if (length < MINUTE) return Math.floor(length / SECOND) + ' s';
  if (length < HOUR) return Math.floor(length / MINUTE) + ' min';
  const [large, largeUnit, small, smallUnit] = length < DAY ? [HOUR, 'h', MINUTE, 'min'] : [DAY, 'd', HOUR, 'h'];
  const whole = Math.floor(length / large), rest = Math.floor((length % large) / small);
  return whole + ' ' + largeUnit + (whole < 10 && rest > 0 ? ' ' + rest + ' ' + smallUnit : '');
}

/** By the clock of the app, which may differ from the browser's. */
let ahead = 0;
const nowAt = () => Date.now() + ahead;
const ago = (at) => span(nowAt() - Date.parse(at)) + ' ago';
const left = (at) => Date.parse(at) - nowAt();

const twoDigits = (number) => String(number).padStart(2, '0');
function clockTime(at) {
  const date = new Date(at), today = new Date();
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  if (date.toDateString() === today.toDateString()) return time;
  return date.getFullYear() + '-' + twoDigits(date.getMonth() + 1) + '-' + twoDigits(date.getDate()) + ' ' + time;
}

const timeOf = (at) => make('time', { dateTime: at, title: at, text: clockTime(at) });

/** Sentences of the app tell times in UTC: they are shown as the browser tells them. */
const localTimes = (text) => text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, clockTime);

const factList = (facts, className) =>
  make('dl', { className: 'facts ' + (className ?? '') }, ...facts.map(([word, value, title]) => make('div', {}, make('dt', { text: word }), make('dd', { title: title || undefined }, value))));

const STANDINGS = ['ended', 'stale', 'failing', 'missing', 'unread', 'current'];
const STANDING_WORDS = { ended: 'Ended', stale: 'Stale', failing: 'Failing', missing: 'Not there', unread: 'Not read yet', current: 'Current' };
const CHANNEL_WORDS = { live: 'announced', lost: 'announcements lost', none: 'not announced' };
const FROM_WORDS = { source: 'the source', disk: 'the disk cache', redis: 'the Redis cache' };
const VERSION_WORDS = {
  source: 'the source’s own: the same in all replicas',
  fingerprint: 'a fingerprint under the shared key: the same in all replicas',
  process: 'a fingerprint of this process: tells nothing to other replicas',
};

const inWords = (code) => {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function userText(user) {
  const place = user.member ? (user.member === 'constructor' ? user.name + ' (constructor)' : user.name + '.' + user.member) : user.name;
  return USER_WORDS[user.kind] ? USER_WORDS[user.kind].replace('$', place) : place;
}
const USER_WORDS = {
  class: '$',
  handler: '$ (on rotation)',
  resource: '$ (rotatingProvider)',
  config: 'ConfigService, $',
  provider: '$ (provider)',
  ref: '$',
  required: 'option "required"',
};
`;
