import type { SecretError, SecretErrorDetails } from '../errors/index.js';
import { SecretConfigurationError, SecretNotFoundError } from '../errors/index.js';

/**
 * Where a name goes at its backend, and so what could lead elsewhere there. `key`: it is looked up as it stands, in a map, a document, a folder's
 * listing or a JSON body. `segment`: one segment of a URL's path, at a backend whose names have no slash. `path`: segments of a URL's path, divided
 * by slashes.
 */
export type NamePlace = 'key' | 'segment' | 'path';

export interface NameRules {
  readonly place: NamePlace;
  /** For a backend that is known to have no other names than these. */
  readonly shape?: { readonly matches: (name: string) => boolean; readonly words: string } | undefined;
}

/** What is wrong with a name, as the end of a sentence that begins with "the name". */
export interface NameFault {
  readonly text: string;
  /** No secret there has such a name; else it is refused because it could lead elsewhere. */
  readonly isImpossible: boolean;
}

/** Characters (UTF-16) that a name may have at most, whatever the source. */
export const LONGEST_NAME = 4096;

/** Printable ASCII. */
const PLAIN = /^[ -~]*$/;
const CONTROL = /\p{Cc}/u;
/** Zero-width ones, joiners, marks of direction, soft hyphens. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Half a character of UTF-16: no encoding has it, so that on the wire it would be an error, or another name. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const ADVICE =
  'Correct the name; where names come from a request, look them up in a list of your own before they are asked for.';

const unsafe = (text: string): NameFault => ({ text, isImpossible: false });
const impossible = (text: string): NameFault => ({ text, isImpossible: true });

/** True for text that every encoding has; `encodeURIComponent` throws on anything else. */
export const isEncodable = (text: string): boolean => !LONE_SURROGATE.test(text);

/** The one policy for what a name may be: why nobody asks for this one; undefined where it may be asked for. */
export function nameFault(name: string, { place, shape }: NameRules): NameFault | undefined {
  if (name.length > LONGEST_NAME) return unsafe(`has more than ${LONGEST_NAME} characters`);
  // Most names are plain, and are asked for often.
  if (!PLAIN.test(name)) {
    if (CONTROL.test(name)) return unsafe('holds a control character');
    if (!isEncodable(name)) return impossible('holds half a character (a lone surrogate)');
  }
  const fault = place === 'key' ? undefined : faultInUrl(name, place);
  if (fault || !shape || shape.matches(name)) return fault;
  return impossible(`is none that there can be: ${shape.words}`);
}

/** The same as an error that names the secret. */
export function nameRefusal(
  name: unknown,
  rules: NameRules,
  where: Omit<SecretErrorDetails, 'secretName'> = {},
  full: string = String(name),
): SecretError | undefined {
  if (typeof name !== 'string') {
    return new SecretConfigurationError(`the name of a secret is a text, and not ${kindOf(name)}.`, where);
  }
  const fault = nameFault(name, anyRules) ?? nameFault(full, rules);
  if (!fault) return undefined;
  const details = { advice: ADVICE, ...where, secretName: abridged(name) };
  const reason = `the name ${fault.text}; it is not asked for.`;
  return fault.isImpossible ? new SecretNotFoundError(reason, details) : new SecretConfigurationError(reason, details);
}

/** What holds for the names of all sources. */
export const anyRules: NameRules = { place: 'key' };

/** Throws the refusal. */
export function checkName(name: unknown, rules: NameRules = anyRules, where?: SecretErrorDetails, full?: string): void {
  const refusal = nameRefusal(name, rules, where, full);
  if (refusal) throw refusal;
}

/** For who only wants to know whether there is one: false where there can be none of this name. Throws the refusal of a name that could lead elsewhere. */
export function mayExist(name: string, rules: NameRules, where?: SecretErrorDetails, full?: string): boolean {
  const refusal = nameRefusal(name, rules, where, full);
  if (refusal && refusal.code !== 'SECRET_NOT_FOUND') throw refusal;
  return refusal === undefined;
}

/** Those of the names that may be asked for, each once; of the others the refusals are put into the results. */
export function usableNames(
  names: Iterable<string>,
  rules: NameRules,
  results: Map<string, unknown>,
  where: SecretErrorDetails,
  full: (name: string) => string = (name) => name,
): string[] {
  return [...new Set(names)].filter((name) => {
    const refusal = nameRefusal(name, rules, where, full(name));
    if (refusal) results.set(name, refusal);
    return !refusal;
  });
}

function faultInUrl(name: string, place: 'segment' | 'path'): NameFault | undefined {
  if (name === '') return unsafe('is empty');
  if (place === 'path' && name.split('/').includes('')) return unsafe('holds an empty segment');
  // Most names are plain, and are asked for often.
  if (!/^[\w/-]*$/.test(name)) {
    const fault = faultInReadings(name);
    if (fault) return fault;
  }
  return place === 'segment' && /[/\\]/.test(name)
    ? impossible('holds a slash or backslash, as no name there does')
    : undefined;
}

/** Nobody encodes so often in earnest. */
const MOST_ROUNDS = 4;

/**
 * We encode what a name holds, but a gateway on the way may decode once more than it should and then resolve what it finds, as nginx does for
 * `proxy_pass http://up/;`: each reading of the name that one may come to is looked at.
 */
function faultInReadings(name: string): NameFault | undefined {
  let text = name;
  for (let round = 0; round <= MOST_ROUNDS; round += 1) {
    if (hasDotSegment(text)) return unsafe('holds a dot segment');
    const decoded = decodedOnce(text);
    if (decoded === text) return undefined;
    if (/[/\\]|\p{Cc}/u.test(decoded) && separatorsIn(decoded) !== separatorsIn(text)) {
      return unsafe('holds an encoded slash, backslash or control character');
    }
    text = decoded;
  }
  return unsafe('is encoded over and over');
}

const separatorsIn = (text: string): number => text.match(/[/\\]|\p{Cc}/gu)?.length ?? 0;

/**
 * `.` and `..`, also between backslashes, before parameters, a query or a fragment (`..;x`, `..?`), between blanks, and in characters that
 * compatibility decomposition takes for dots and slashes (`．．／`); characters that nobody sees, which some leave out, are none.
 */
function hasDotSegment(text: string): boolean {
  const plain = text.normalize('NFKC').replace(INVISIBLE, '');
  return plain.split(/[/\\]/).some((part) => /^\.{1,2}$/.test(part.replace(/[;?#].*$/s, '').trim()));
}

/** Percent-encoding taken off once: of bytes, of UTF-8 in overlong forms (`%c0%ae`), and as IIS has it (`%u002e`). */
function decodedOnce(text: string): string {
  if (!text.includes('%')) return text;
  return text
    .replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/%(c[01]|(?:e0|f0%80|f8%80%80|fc%80%80%80)%8[01])%([89ab][0-9a-f])/gi, (_, lead: string, hex: string) =>
      String.fromCharCode(((parseInt(lead.slice(-2), 16) & 1) << 6) | (parseInt(hex, 16) & 0x3f)),
    )
    .replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** An over-long name is not carried along in its own refusal. */
const abridged = (name: string): string => (name.length > LONGEST_NAME ? `${name.slice(0, 64)}…` : name);

const kindOf = (value: unknown): string =>
  value === null || value === undefined ? String(value) : `of type ${typeof value}`;
