/** How a value may be written. `prefix` and `suffix` are what stands beside it in the same encoding. */
export interface Spelling {
  readonly name: string;
  write(value: string, prefix: string, suffix: string): string;
  /** The part that must not get out; what is written whole, where it is not given. */
  core?(value: string, prefix: string): string;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const percentAll = (text: string): string =>
  [...bytes(text)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('');
const lower = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase());
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const escaped = (text: string): string =>
  [...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
const ascii = (text: string): string =>
  json(text).replace(/[^ -~]|[<>&']/g, (c) => `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
const html = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!);

const spelled = (name: string, encode: (text: string) => string): Spelling => ({ name, write: encode });

const base64 = (name: string, encoding: 'base64' | 'base64url'): Spelling => ({
  name,
  write: (value, prefix, suffix) => bytes(prefix + value + suffix).toString(encoding),
  // All characters whose bits are the value's alone.
  core: (value, prefix) => {
    const ahead = bytes(prefix).length % 3;
    const text = Buffer.concat([Buffer.alloc(ahead), bytes(value)]).toString(encoding);
    return text.slice([0, 2, 3][ahead], Math.floor((8 * (ahead + bytes(value).length)) / 6));
  },
});

export const spellings: readonly Spelling[] = [
  spelled('plain', (value) => value),
  base64('base64', 'base64'),
  base64('base64url', 'base64url'),
  spelled('encodeURIComponent', encodeURIComponent),
  spelled('encodeURIComponent, lower case', (value) => lower(encodeURIComponent(value))),
  spelled('RFC 3986', (value) => encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)),
  spelled('encodeURI', encodeURI),
  spelled('a form', (value) => new URLSearchParams([['', value]]).toString().slice(1)),
  spelled('percent, all of it', percentAll),
  spelled('JSON', json),
  spelled('JSON in JSON', (value) => json(json(value))),
  spelled('JSON in JSON in JSON', (value) => json(json(json(value)))),
  spelled('JSON of ASCII', ascii),
  spelled('JSON of ASCII in JSON', (value) => json(ascii(value))),
  spelled('JSON, all escaped', escaped),
  spelled('JSON, all escaped, in JSON', (value) => json(escaped(value))),
  spelled('JSON in a URL', (value) => encodeURIComponent(json(value))),
  spelled('a URL in JSON', (value) => json(encodeURIComponent(value))),
  spelled('HTML', html),
  spelled('HTML in JSON', (value) => json(html(value))),
  spelled('hex', (value) => bytes(value).toString('hex')),
  spelled('hex, upper case', (value) => bytes(value).toString('hex').toUpperCase()),
  spelled('bytes as numbers', (value) => `[${[...bytes(value)].join(',')}]`),
]; // prettier-ignore
