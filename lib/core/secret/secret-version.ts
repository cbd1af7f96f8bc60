import type { KeyObject } from 'node:crypto';
import { printableStart } from '../errors/printable.js';
import type { OptionKinds } from '../options/option-kinds.js';
import { ownOptions } from '../options/own-options.js';
import { bearsOwn } from '../own-brand.js';
import { hideInOutput } from '../redaction.js';
import { fingerprint, sharedFingerprint } from './fingerprint.js';
import type { Lease } from './lease.js';
import type { SecretValue } from './secret-value.js';
import { copyIn, isBytes } from './secret-value.js';
import { isSameValue } from './same-value.js';

export interface SecretVersionOptions {
  /** What the source calls this state of the value. Without it a truncated HMAC of the value serves, so equal values are not a rotation. */
  readonly version?: string | undefined;
  readonly createdAt?: Date | undefined;
  /** When the source will replace or end the value; for display, and to read again in time. */
  readonly expiresAt?: Date | undefined;
  /** Present only on dynamic secrets. */
  readonly lease?: Lease | undefined;
}

export const VERSION_OPTIONS: OptionKinds<SecretVersionOptions> = {
  version: 'text',
  createdAt: 'any',
  expiresAt: 'any',
  lease: 'any',
};

// Two copies of the package (CommonJS and ESM) may live in one process, so `instanceof` is not enough.
const brand = Symbol.for('nestjs-hcp-vault.SecretVersion');

/** True for what `SecretVersion.of` made, also in another copy of this package. */
export function isSecretVersion(value: unknown): value is SecretVersion {
  return SecretVersion.isOne(value);
}

/** Who calls a version so: the source, a fingerprint under a key that replicas share, or one under this process's own. */
export type VersionKind = 'source' | 'fingerprint' | 'process';

/** Where a state was found that this process has not read from its source: in a shared cache. */
export interface SecretOrigin {
  readonly from: 'disk' | 'redis';
  /** Milliseconds past `maxAge` for which it may be served, where the cache says less than the connection. */
  readonly maxStale: number;
}

/** One state of a secret, as a source read it. Holds the value, and shows it to nobody who merely prints it. */
export class SecretVersion {
  readonly #value: SecretValue;
  #version: string | undefined;
  readonly versionKind: VersionKind;
  readonly createdAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly lease: Lease | undefined;
  /** Undefined for what came from the source itself. */
  readonly origin: SecretOrigin | undefined;

  /** Where replicas share a key: makes the version when somebody asks. */
  readonly #makeVersion: (() => string) | undefined;

  private constructor(
    value: SecretValue,
    options: SecretVersionOptions,
    { origin, makeVersion }: { readonly origin?: SecretOrigin | undefined; readonly makeVersion?: () => string } = {},
  ) {
    this.#value = value;
    this.#version = options.version;
    this.#makeVersion = makeVersion;
    this.versionKind = options.version !== undefined ? 'source' : makeVersion ? 'fingerprint' : 'process';
    this.createdAt = validDate(options.createdAt);
    this.expiresAt = validDate(options.expiresAt);
    this.lease = options.lease;
    this.origin = origin;
    Object.freeze(this);
  }

  /** What another copy made has its class's mark; a Proxy, or an object with one of ours for a prototype, is none. */
  static isOne(value: unknown): value is SecretVersion {
    if (typeof value !== 'object' || value === null) return false;
    if (#value in value) return true;
    try {
      const prototype = Object.getPrototypeOf(value) as object | null;
      return (
        prototype !== null &&
        prototype !== SecretVersion.prototype &&
        bearsOwn(prototype, brand) &&
        Object.isFrozen(value)
      );
    } catch {
      return false;
    }
  }

  /** Copies and freezes the value. Throws SecretConfigurationError where it is not text, bytes or JSON. */
  static of(value: SecretValue | object, options?: SecretVersionOptions): SecretVersion {
    return new SecretVersion(copyIn(value), ownOptions(options, VERSION_OPTIONS, 'SecretVersion.of'));
  }

  /** What the source calls it; without a word of the source's, a fingerprint of the value, made when somebody asks. */
  get version(): string {
    return (this.#version ??= this.#makeVersion?.() ?? fingerprint(this.#value));
  }

  /** The same state under the name that all replicas give it which share the key; a version of the source's own stays. */
  sharedUnder(key: KeyObject, name: string): SecretVersion {
    if (this.versionKind === 'source') return this;
    const [value, { createdAt, expiresAt, lease, origin }] = [this.#value, this];
    const makeVersion = (): string => sharedFingerprint(key, name, value);
    return new SecretVersion(value, { createdAt, expiresAt, lease }, { origin, makeVersion });
  }

  /** The same state as one that was found in a shared cache. @param lease what is left of it: who found it neither extends nor ends it. */
  foundIn(origin: SecretOrigin, lease: Lease | undefined): SecretVersion {
    const { createdAt, expiresAt } = this;
    const version = this.versionKind === 'source' ? this.#version : undefined;
    return new SecretVersion(this.#value, { version, createdAt, expiresAt, lease }, { origin });
  }

  /** The value: text, a frozen JSON object or array, or a fresh copy of the bytes. */
  get value(): SecretValue {
    return isBytes(this.#value) ? Uint8Array.from(this.#value) : this.#value;
  }

  static {
    Object.defineProperty(SecretVersion.prototype, brand, { value: true });
    hideInOutput(SecretVersion.prototype, (self) => `[secret version ${printableStart(self.version, 100)}]`);
  }
}

/** True where two states of a secret have the same value, whatever the source calls them. JSON may order its keys differently. */
export function haveSameValue(a: SecretVersion, b: SecretVersion): boolean {
  return isSameValue(a.value, b.value);
}

/** A backend's date that can't be read is none: it must not make an entry, or what displays it, fail. */
const validDate = (date: Date | undefined): Date | undefined =>
  typeof date?.getTime === 'function' && Number.isFinite(date.getTime()) ? date : undefined;
