import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { isEncodable } from '../../../core/secret/secret-name.js';
import { hideInOutput } from '../../../core/redaction.js';
import { fieldsOf } from '../auth/token.request.js';
import { crc32c } from './crc32c.js';
import { KIND } from './google-secret-manager.errors.js';
import { isId, resourceName } from './google-secret-manager.names.js';

/** A version as it was read. Holds the value, and shows only its number. */
export class AccessedVersion {
  readonly #data: Buffer;

  constructor(
    readonly version: string,
    data: Buffer,
  ) {
    this.#data = data;
  }

  get data(): Buffer {
    return this.#data;
  }

  static {
    hideInOutput(AccessedVersion.prototype, (self) => `[secret version ${self.version}]`);
  }
}

/** What was asked for: the answer is about that, or it is not used. */
export interface Asked {
  readonly secret: string;
  readonly location: string | undefined;
  readonly version: string;
}

const NUMBER = /^[1-9]\d{0,18}$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const REWRITTEN = 'Something on the way (a gateway, a proxy) rewrites requests or answers: correct it.';

/**
 * `{ name, payload: { data, dataCrc32c } }`. Undefined where the checksum says that the value was damaged on the way: then it is asked for again.
 * @throws SecretSourceUnavailableError for an answer about something else, and for one that makes no sense.
 */
export function accessedOf(answer: unknown, { secret, location, version }: Asked): AccessedVersion | undefined {
  const { name, payload } = fieldsOf(answer);
  const about = resourceName(name);
  const number = about?.version ?? '';
  if (!about || !NUMBER.test(number)) throw unusable('the answer names no version of a secret.');
  const isAsked = !NUMBER.test(version) || version === number;
  if (about.secret !== secret || about.location !== location || !isAsked) {
    throw unusable('the answer is about another secret, and is not used.');
  }
  const { data, dataCrc32c } = fieldsOf(payload);
  const bytes = bytesOf(data, dataCrc32c);
  return isSum(dataCrc32c, bytes) ? new AccessedVersion(number, bytes) : undefined;
}

/** JSON of a protobuf leaves out what is empty: an answer without a value is that of an empty one only where its checksum says so. */
function bytesOf(data: unknown, sum: unknown): Buffer {
  if (data === undefined && String(sum) === '0') return Buffer.alloc(0);
  // One character beyond a whole group is six bits of a byte: something was cut off.
  if (typeof data === 'string' && BASE64.test(data) && data.replace(/=+$/, '').length % 4 !== 1)
    return Buffer.from(data, 'base64');
  throw unusable('the answer holds no value of it.');
}

/** An int64, which JSON has as a string. The service always sends it; an emulator may not. */
function isSum(sum: unknown, bytes: Buffer): boolean {
  if (sum === undefined) return true;
  return (typeof sum === 'string' || typeof sum === 'number') && String(sum) === String(crc32c(bytes));
}

/** The number of a version that was added. */
export function addedVersionOf(answer: unknown): string {
  const { version = '' } = resourceName(fieldsOf(answer)['name']) ?? {};
  if (NUMBER.test(version)) return version;
  throw new SecretSourceUnavailableError('the answer to the write names no version.', {
    sourceKind: KIND,
    effect: 'possible',
    advice: REWRITTEN,
  });
}

/** All that an empty list may have: JSON of a protobuf leaves out what is empty, so that it is `{}` mostly. */
const EMPTY = ['nextPageToken', 'totalSize', 'unreachable'];

/**
 * A page of `{ secrets: [{ name }], nextPageToken? }`: the last parts of names.
 * @throws SecretSourceUnavailableError for what is not a list: taken for an empty one, it would say that there are no secrets.
 */
export function pageOf(answer: unknown): { readonly secrets: readonly string[]; readonly next: string | undefined } {
  const { secrets = [], nextPageToken } = fieldsOf(answer);
  const isList = Array.isArray(secrets) && answer === fieldsOf(answer);
  const isEmpty = isList && secrets.length === 0;
  if (!isList || (isEmpty && !Object.keys(fieldsOf(answer)).every((key) => key === 'secrets' || EMPTY.includes(key))))
    throw unusable('the answer holds no list of secrets.');
  return {
    secrets: secrets.map((secret) => listedName(fieldsOf(secret)['name'])),
    next: typeof nextPageToken === 'string' && nextPageToken !== '' ? encodable(nextPageToken) : undefined,
  };
}

function listedName(name: unknown): string {
  const { secret } = resourceName(name) ?? {};
  if (secret !== undefined && isId(secret)) return secret;
  throw unusable('the list has an entry that is not a secret.');
}

function encodable(token: string): string {
  if (isEncodable(token)) return token;
  throw unusable("the answer names a next page that can't be asked for.");
}

const unusable = (reason: string): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(reason, { sourceKind: KIND, advice: REWRITTEN });
