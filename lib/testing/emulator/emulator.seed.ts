import { randomBytes, randomUUID } from 'node:crypto';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { didYouMean, nearNames } from '../../core/options/near-names.js';

/** One secret: a static one (`kv`), one that the service rotates, or one whose every opening issues new credentials. */
export type SecretSpec =
  | { readonly type: 'kv'; readonly value: string }
  | {
      readonly type: 'rotating' | 'dynamic';
      readonly values: Readonly<Record<string, string>>;
      /** Seconds with an `s`, e.g. `'3600s'`. Dynamic secrets without one live for an hour; rotating ones have no end. */
      readonly ttl?: string;
    };

/** What the emulator starts with. What is left out gets a made-up value; a string is a static secret. */
export interface Seed {
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly organizationId?: string;
  readonly projectId?: string;
  readonly apps: Readonly<Record<string, Readonly<Record<string, string | SecretSpec>>>>;
}

/** A seed that was checked and completed. */
export interface CompleteSeed {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly organizationId: string;
  readonly projectId: string;
  readonly apps: ReadonlyMap<string, ReadonlyMap<string, SecretSpec>>;
}

const SEED_KEYS = ['clientId', 'clientSecret', 'organizationId', 'projectId', 'apps'];
const SPEC_KEYS = { kv: ['type', 'value'], values: ['type', 'values', 'ttl'] };

/** Checks a seed of unknown origin. Errors tell the place of the fault by its keys, and never quote a value. */
export function completeSeed(seed: unknown): CompleteSeed {
  const given = record(seed, 'the seed');
  onlyKeys(given, SEED_KEYS, 'the seed');
  const apps = new Map<string, ReadonlyMap<string, SecretSpec>>();
  for (const [app, secrets] of Object.entries(record(given.apps, 'apps'))) {
    checkName(app, 'an app in apps');
    const specs = new Map<string, SecretSpec>();
    for (const [name, spec] of Object.entries(record(secrets, `apps.${app}`))) {
      checkName(name, `a secret in apps.${app}`);
      specs.set(name, toSpec(spec, `apps.${app}.${name}`));
    }
    apps.set(app, specs);
  }
  return {
    clientId: text(given.clientId, 'clientId') ?? `emulated-${randomBytes(8).toString('hex')}`,
    clientSecret: text(given.clientSecret, 'clientSecret') ?? madeUpValue(),
    organizationId: text(given.organizationId, 'organizationId') ?? randomUUID(),
    projectId: text(given.projectId, 'projectId') ?? randomUUID(),
    apps,
  };
}

/** A secret as the seed or `setSecret` gives it, copied; `place` is what an error calls it. */
export function toSpec(spec: unknown, place: string): SecretSpec {
  if (typeof spec === 'string') return { type: 'kv', value: spec };
  const given = record(spec, place, 'a string or an object with "type"');
  switch (given.type) {
    case 'kv':
      onlyKeys(given, SPEC_KEYS.kv, place);
      if (typeof given.value !== 'string') throw wrong(`${place}.value`, 'a string');
      return { type: 'kv', value: given.value };
    case 'rotating':
    case 'dynamic': {
      onlyKeys(given, SPEC_KEYS.values, place);
      const values = toValues(given.values, `${place}.values`);
      if (given.ttl === undefined) return { type: given.type, values };
      if (typeof given.ttl !== 'string' || !(ttlMilliseconds(given.ttl) > 0)) {
        throw wrong(`${place}.ttl`, 'seconds with an "s", such as "3600s"');
      }
      return { type: given.type, values, ttl: given.ttl };
    }
    default:
      throw wrong(`${place}.type`, '"kv", "rotating" or "dynamic"');
  }
}

/** The named values of a rotating or dynamic secret, copied. */
export function toValues(values: unknown, place: string): Record<string, string> {
  const entries = Object.entries(record(values, place));
  for (const [key, value] of entries) if (typeof value !== 'string') throw wrong(`${place}.${key}`, 'a string');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Milliseconds of a protobuf duration such as `3600s`; NaN for anything else. */
export function ttlMilliseconds(ttl: string): number {
  return /^\d{1,9}(\.\d{1,9})?s$/.test(ttl) ? Number(ttl.slice(0, -1)) * 1000 : Number.NaN;
}

/** For what the caller left out. */
export function madeUpValue(): string {
  return randomBytes(24).toString('base64url');
}

export function checkName(name: unknown, place: string): asserts name is string {
  if (typeof name !== 'string' || name === '') throw wrong(`The name of ${place}`, 'a string that is not empty');
}

function text(value: unknown, place: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw wrong(place, 'a string that is not empty');
  return value;
}

function record(value: unknown, place: string, expected = 'an object'): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(place, expected);
  return { ...value, __proto__: null }; // only own properties
}

function onlyKeys(given: object, known: readonly string[], place: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new SecretConfigurationError(
      `Emulator: ${place} has an unknown key "${unknown}"; known: ${known.join(', ')}.${didYouMean(nearNames(unknown, known))}`,
    );
  }
}

function wrong(place: string, expected: string): SecretConfigurationError {
  return new SecretConfigurationError(`Emulator: ${place} has to be ${expected}.`);
}
