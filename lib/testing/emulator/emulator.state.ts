import { randomUUID } from 'node:crypto';
import type { DynamicSecret, EmulatedSecret, NamedValues } from './emulated-secret.js';
import { issuedValues, keepNewest, rotated, secretFrom } from './emulated-secret.js';
import type { SecretSpec } from './emulator.seed.js';
import { RpcError } from './rpc-error.js';

/** An app and its secrets. */
export interface EmulatedApp {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly createdAt: number;
  readonly secrets: Map<string, EmulatedSecret>;
}

/** Credentials that one opening of a dynamic secret issued. Times in milliseconds. */
export interface IssuedCredentials {
  readonly values: NamedValues;
  readonly createdAt: number;
  readonly ttl: number;
}

/** The apps and secrets of the one emulated project. Its own errors are those that the API answers with. */
export class EmulatorState {
  readonly #apps = new Map<string, EmulatedApp>();
  // Apart from the secrets, so that a count outlives the removal or replacement of what was opened.
  readonly #issued = new Map<string, number>();
  readonly #maxVersions: number;
  readonly #now: () => number;

  constructor(seed: ReadonlyMap<string, ReadonlyMap<string, SecretSpec>>, maxVersions: number, now: () => number) {
    this.#maxVersions = maxVersions;
    this.#now = now;
    for (const [app, secrets] of seed) {
      this.createApp(app);
      for (const [name, spec] of secrets) this.set(app, name, spec);
    }
  }

  apps(): EmulatedApp[] {
    return [...this.#apps.values()];
  }

  app(name: string): EmulatedApp {
    const app = this.#apps.get(name);
    if (!app) throw RpcError.notFound('app');
    return app;
  }

  createApp(name: string, description = ''): EmulatedApp {
    if (this.#apps.has(name)) throw RpcError.exists('app');
    const app = {
      id: randomUUID(),
      name,
      description,
      createdAt: this.#now(),
      secrets: new Map<string, EmulatedSecret>(),
    };
    this.#apps.set(name, app);
    return app;
  }

  deleteApp(name: string): void {
    if (!this.#apps.delete(name)) throw RpcError.notFound('app');
  }

  find(app: string, name: string): EmulatedSecret | undefined {
    return this.#apps.get(app)?.secrets.get(name);
  }

  secret(app: string, name: string): EmulatedSecret {
    const secret = this.app(app).secrets.get(name);
    if (!secret) throw RpcError.notFound('secret');
    return secret;
  }

  /** From outside the API: makes the app where it is missing, and drops the oldest version rather than refuse the new one. */
  set(app: string, name: string, spec: SecretSpec): void {
    const { secrets } = this.#apps.get(app) ?? this.createApp(app);
    secrets.set(name, keepNewest(secretFrom(name, spec, this.#now(), secrets.get(name)), this.#maxVersions));
  }

  /** By the API: a new static secret, or a new version of one. */
  putStatic(app: string, name: string, value: string): EmulatedSecret {
    const { secrets } = this.app(app);
    const previous = secrets.get(name);
    if (previous && previous.type !== 'kv') throw RpcError.exists('a secret of another type');
    if (previous && previous.versions.length >= this.#maxVersions) {
      throw new RpcError(8, 'maximum number of secret versions reached');
    }
    const secret = secretFrom(name, { type: 'kv', value }, this.#now(), previous);
    secrets.set(name, secret);
    return secret;
  }

  rotate(app: string, name: string, value?: string | NamedValues): void {
    const secret = rotated(this.secret(app, name), value, this.#now());
    this.app(app).secrets.set(name, keepNewest(secret, this.#maxVersions));
  }

  remove(app: string, name: string): void {
    this.secret(app, name);
    this.app(app).secrets.delete(name);
  }

  /** Issues new credentials, and counts them. */
  issue(app: string, secret: DynamicSecret): IssuedCredentials {
    const n = this.issued(app, secret.name) + 1;
    this.#issued.set(key(app, secret.name), n);
    return { values: issuedValues(secret, n), createdAt: this.#now(), ttl: secret.ttl };
  }

  issued(app: string, name: string): number {
    return this.#issued.get(key(app, name)) ?? 0;
  }
}

const key = (app: string, name: string): string => JSON.stringify([app, name]);
