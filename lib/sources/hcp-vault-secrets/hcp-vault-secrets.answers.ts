import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../../core/errors/index.js';
import { Lease } from '../../core/secret/lease.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import { isEncodable } from '../../core/secret/secret-name.js';
import { entryOrError } from '../../core/source/each-entry.js';
import { KIND } from './hcp-vault-secrets.options.js';

// The service's generated types mark every field `omitempty`: whatever is missing here is a secret without a usable value, never a crash.

export type HcpSecretType = 'kv' | 'rotating' | 'dynamic';
/** A JSON object as it came. */
export type HcpFields = Readonly<Record<string, unknown>>;

/** A secret of a list or an opening, with the fields that name it; the rest as it came. */
export interface HcpSecret {
  readonly name: string;
  readonly type: HcpSecretType | undefined;
  readonly fields: HcpFields;
}

export interface HcpPage {
  readonly secrets: readonly HcpSecret[];
  readonly next: string | undefined;
}

const HOUR = 3_600_000;
const MEMBERS = { kv: 'static_version', rotating: 'rotating_version', dynamic: 'dynamic_instance' } as const;
const TYPES = Object.keys(MEMBERS) as HcpSecretType[];

/**
 * A page of `secrets:open` or of the list: `{ secrets, pagination: { next_page_token } }`. Both may be left out where they are empty; what is somebody
 * else's JSON is not an empty page: it would say that there are no secrets.
 * @throws SecretSourceUnavailableError for what is not a page.
 */
export function pageOf(answer: unknown): HcpPage {
  const { secrets = [], pagination, ...others } = fieldsOf(answer);
  const isPage = isObject(answer) && Array.isArray(secrets) && (secrets.length > 0 || Object.keys(others).length === 0);
  if (!isPage) {
    throw new SecretSourceUnavailableError('the answer holds no page of secrets.', {
      sourceKind: KIND,
      advice: 'Something on the way (a gateway, a proxy) rewrites requests or answers: correct it.',
      effect: 'possible',
    });
  }
  return {
    secrets: secrets.flatMap((item) => secretOf(item) ?? []),
    next: pageTokenOf(fieldsOf(pagination)['next_page_token']),
  };
}

function pageTokenOf(value: unknown): string | undefined {
  const token = textOf(value);
  if (token === undefined || isEncodable(token)) return token;
  throw new SecretSourceUnavailableError("the answer names a next page that can't be asked for.", { sourceKind: KIND });
}

/** `{ secret }` of opening one. */
export const openedSecretOf = (answer: unknown): HcpSecret | undefined => secretOf(fieldsOf(answer)['secret']);

function secretOf(item: unknown): HcpSecret | undefined {
  const fields = fieldsOf(item);
  const name = textOf(fields['name']);
  return name === undefined ? undefined : { name, type: typeOf(fields), fields };
}

const typeOf = (fields: HcpFields): HcpSecretType | undefined =>
  TYPES.find((type) => fields['type'] === type) ?? TYPES.find((type) => fields[MEMBERS[type]] !== undefined);

/**
 * The value as users get it: of a static secret its string, of a rotating or dynamic one the whole object, so that field paths begin with `values.`.
 * `fields` are those of an opened secret, or of the answer to opening a version; `mayIssue` is true where a secret of any type was opened.
 */
export function versionOf(
  name: string,
  fields: HcpFields,
  { mayIssue }: { readonly mayIssue: boolean },
): SecretVersion | SecretError {
  const type = typeOf(fields);
  const member = fieldsOf(type && fields[MEMBERS[type]]);
  const number = integerOf(member['version']) ?? integerOf(fields['latest_version']);
  const createdAt = dateOf(member['created_at']);
  const expiresAt = dateOf(member['expires_at']);
  const { value, values } = member;
  if (type === 'kv' && typeof value === 'string') return SecretVersion.of(value, { version: number, createdAt });
  if (type === 'rotating' && isObject(values)) {
    return entryOrError(name, () => SecretVersion.of(member, { version: number, createdAt, expiresAt }));
  }
  if (type === 'dynamic' && isObject(values)) {
    // No version: the API has none, and the fingerprint over values and times differs with each opening.
    const lease = Lease.of({ duration: lifeOf(createdAt, expiresAt, member['ttl']) });
    const version = entryOrError(name, () => SecretVersion.of(member, { createdAt, expiresAt, lease }));
    if (!isSecretError(version)) return version;
    return unusable(name, "the answer holds a value of it that can't be read.", 'possible', version);
  }
  // Its opening was answered, so credentials may have been issued.
  const effect = !mayIssue || type === 'kv' || type === 'rotating' ? 'none' : 'possible';
  return unusable(name, 'the answer holds no value of it.', effect);
}

function unusable(secretName: string, reason: string, effect: 'none' | 'possible', cause?: SecretError): SecretError {
  return new SecretSourceUnavailableError(reason, {
    secretName,
    sourceKind: KIND,
    advice: 'Look at the secret in the HCP portal; one without a version, or whose provider fails, has no value.',
    effect,
    cause,
  });
}

/** Milliseconds between two times of the server's own clock, so that ours need not agree with it; else its `ttl`; else an hour, the service's default. */
function lifeOf(createdAt: Date | undefined, expiresAt: Date | undefined, ttl: unknown): number {
  const span = createdAt && expiresAt ? expiresAt.getTime() - createdAt.getTime() : Number.NaN;
  if (span > 0) return span;
  const told = secondsOf(ttl) * 1000;
  return told > 0 && Number.isFinite(told) ? told : HOUR;
}

/** A protobuf or Go duration: `3600s`, `1h30m`. */
function secondsOf(ttl: unknown): number {
  if (typeof ttl !== 'string' || !/^(?:\d+(?:\.\d+)?[hms])+$/.test(ttl)) return Number.NaN;
  const units: Record<string, number> = { h: 3600, m: 60, s: 1 };
  return [...ttl.matchAll(/([\d.]+)([hms])/g)].reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * units[unit]!,
    0,
  );
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** An object's fields; none for anything else. */
export const fieldsOf = (value: unknown): HcpFields => (isObject(value) ? (value as HcpFields) : {});
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** int64: a JSON number, or a string as protobuf's own JSON mapping has it. */
const integerOf = (value: unknown): string | undefined =>
  Number.isFinite(value) || (typeof value === 'string' && value !== '') ? String(value) : undefined;

function dateOf(value: unknown): Date | undefined {
  const date = new Date(textOf(value) ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
