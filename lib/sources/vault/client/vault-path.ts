import { VaultInvalidRequestError } from './vault.errors.js';

/** A path below `/v1/`, checked and encoded: nothing that a caller put in reaches another path than the one it names. */
export class VaultPath {
  /** As it goes on the wire. */
  readonly encoded: string;
  /** As users know it, for errors. */
  readonly text: string;

  private constructor(encoded: string, text: string) {
    this.encoded = encoded;
    this.text = text;
  }

  /** From literal parts of ours and parts that come from the caller, which may hold `/` between segments. */
  static of(...parts: (string | PathSegment)[]): VaultPath {
    const texts = parts.map((part) => (typeof part === 'string' ? part : part.name));
    const path = texts.join('/');
    for (const part of parts) if (typeof part !== 'string') part.check();
    return new VaultPath(
      path
        .split('/')
        .map((text) => encodeSegment(text, path))
        .join('/'),
      path,
    );
  }
}

/** A name that is one segment of a path: a role, key or user with a slash would address something else. */
export class PathSegment {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }

  check(): void {
    if (typeof this.name === 'string' && this.name.includes('/')) throw refused('a name with a slash', this.name);
  }
}

export const segment = (name: string): PathSegment => new PathSegment(name);

/** A folder or mount as Vault lists them, with a slash at the end, is the same one without. */
export const withoutTrailingSlash = (path: string): string =>
  typeof path === 'string' ? path.replace(/\/$/, '') : path;

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

function encodeSegment(text: string, path: string): string {
  if (text === '') throw refused('an empty segment', path);
  if (CONTROL.test(text)) throw refused('a control character', path);
  if (hidesDots(text)) throw refused('a dot segment', path);
  try {
    return encodeURIComponent(text);
  } catch {
    throw refused('half of a surrogate pair', path);
  }
}

/**
 * `.` and `..`, also percent-encoded, even more than once: we encode the percent sign, but a proxy on the way may decode once more than it should,
 * and `URL` takes `%2e%2e` for `..` (https://url.spec.whatwg.org/#double-dot-path-segment).
 */
function hidesDots(segment: string): boolean {
  if (!/[.%\\]/.test(segment)) return false;
  let text = segment;
  for (let round = 0; round < 4; round += 1) {
    if (text.split(/[/\\]/).some((part) => part === '.' || part === '..')) return true;
    const decoded = text.replace(/%(2e|2f|5c|25)/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (decoded === text) return false;
    text = decoded;
  }
  return true; // nobody encodes so often in earnest
}

function refused(what: string, path: string): VaultInvalidRequestError {
  // eslint-disable-next-line no-control-regex -- they would garble a log
  const shown = path.replace(/[\u0000-\u001f\u007f-\u009f]/g, '�');
  return new VaultInvalidRequestError(`Vault path "${shown}" holds ${what}: it is not sent.`, {
    status: 400,
    path: shown,
  });
}
