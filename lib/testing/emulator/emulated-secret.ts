import type { SecretSpec } from './emulator.seed.js';
import { madeUpValue, ttlMilliseconds } from './emulator.seed.js';

export type NamedValues = Readonly<Record<string, string>>;

/** One state of a secret's value. `createdAt` is in milliseconds. */
export interface EmulatedVersion<T> {
  readonly version: number;
  readonly createdAt: number;
  readonly value: T;
}

interface Named {
  readonly name: string;
  readonly createdAt: number;
}

export interface StaticSecret extends Named {
  readonly type: 'kv';
  /** Oldest first; never empty. */
  readonly versions: readonly EmulatedVersion<string>[];
}

export interface RotatingSecret extends Named {
  readonly type: 'rotating';
  readonly ttl?: number;
  readonly versions: readonly EmulatedVersion<NamedValues>[];
}

export interface DynamicSecret extends Named {
  readonly type: 'dynamic';
  /** Milliseconds. */
  readonly ttl: number;
  readonly values: NamedValues;
}

/** A secret as the emulator holds it. Immutable: a change makes a new one. */
export type EmulatedSecret = StaticSecret | RotatingSecret | DynamicSecret;
export type VersionedSecret = StaticSecret | RotatingSecret;

const HOUR = 60 * 60 * 1000;

/** The secret as `spec` describes it; of the same type as `previous`, it continues that one's versions. */
export function secretFrom(name: string, spec: SecretSpec, now: number, previous?: EmulatedSecret): EmulatedSecret {
  const createdAt = previous?.createdAt ?? now;
  const ttl = spec.type === 'kv' || spec.ttl === undefined ? undefined : ttlMilliseconds(spec.ttl);
  switch (spec.type) {
    case 'kv': {
      const versions = previous?.type === 'kv' ? previous.versions : [];
      return { type: 'kv', name, createdAt, versions: withNext(versions, spec.value, now) };
    }
    case 'rotating': {
      const versions = withNext(previous?.type === 'rotating' ? previous.versions : [], spec.values, now);
      return { type: 'rotating', name, createdAt, versions, ...(ttl !== undefined && { ttl }) };
    }
    case 'dynamic':
      return { type: 'dynamic', name, createdAt, ttl: ttl ?? HOUR, values: spec.values };
  }
}

/** The same secret with another value; of a static or rotating one it is a new version. Left out, the value is made up. */
export function rotated(secret: EmulatedSecret, value: string | NamedValues | undefined, now: number): EmulatedSecret {
  switch (secret.type) {
    case 'kv':
      return { ...secret, versions: withNext(secret.versions, typeof value === 'string' ? value : madeUpValue(), now) };
    case 'rotating': {
      const values = typeof value === 'object' ? value : madeUpLike(latest(secret).value);
      return { ...secret, versions: withNext(secret.versions, values, now) };
    }
    case 'dynamic':
      return { ...secret, values: typeof value === 'object' ? value : madeUpLike(secret.values) };
  }
}

/** The same secret with its newest `max` versions: what bounds an emulator that rotates for days. */
export function keepNewest(secret: EmulatedSecret, max: number): EmulatedSecret {
  switch (secret.type) {
    case 'kv':
      return { ...secret, versions: secret.versions.slice(-max) };
    case 'rotating':
      return { ...secret, versions: secret.versions.slice(-max) };
    case 'dynamic':
      return secret;
  }
}

export function latest<T>({ versions }: { readonly versions: readonly EmulatedVersion<T>[] }): EmulatedVersion<T> {
  const version = versions.at(-1);
  if (!version) throw new Error('A versioned secret has at least one version.');
  return version;
}

/** What the n-th opening of a dynamic secret issues: each seed value with `-n` appended. */
export function issuedValues({ values }: DynamicSecret, n: number): NamedValues {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, `${value}-${n}`]));
}

function withNext<T>(versions: readonly EmulatedVersion<T>[], value: T, now: number): EmulatedVersion<T>[] {
  return [...versions, { version: (versions.at(-1)?.version ?? 0) + 1, createdAt: now, value }];
}

const madeUpLike = (values: NamedValues): NamedValues =>
  Object.fromEntries(Object.keys(values).map((key) => [key, madeUpValue()]));
