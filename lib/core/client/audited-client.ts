import type { Audit, AuditedPlace } from '../observe/audit.js';
import type { ReadonlySecretValue } from '../secret/secret-value.js';
import { HcpVaultClient } from './hcp-vault-client.js';
import type { FetchOptions, PathOptions, ReadOptions, WithSecretOptions } from './read-options.js';
import type { SecretRuntime } from './secret-runtime.js';

type Values = Record<string, ReadonlySecretValue>;

/** What is told of, by its plain types: those that are seen infer from `SecretTypes`. */
interface Readings {
  get(name: string, options?: ReadOptions): unknown;
  fetch(name: string, options?: FetchOptions): Promise<unknown>;
  withSecret(name: string, work: (value: unknown) => Promise<unknown>, options?: WithSecretOptions): Promise<unknown>;
  fetchSecrets(): Promise<Values>;
  getByPath(path: string, options?: PathOptions): Promise<Values>;
}

const Base = HcpVaultClient as unknown as new (runtime: SecretRuntime) => Readings;

type Tell = (name: string, version?: string) => void;

/** The client of a connection that is audited. A class of its own, so that one that is not pays nothing at a reading. */
class AuditedClient extends Base implements Readings {
  readonly #get: Tell;
  readonly #fetch: Tell;
  readonly #withSecret: Tell;
  readonly #fetchSecrets: Tell;
  readonly #getByPath: Tell;

  constructor(runtime: SecretRuntime, audit: Audit) {
    super(runtime);
    const told = (method: keyof Readings): Tell => {
      const place: AuditedPlace = audit.place('read', { kind: 'client', name: `client.${method}` });
      return (name, version) => {
        const state = runtime.secrets.find(name, version);
        if (state) place(state);
      };
    };
    [this.#get, this.#fetch, this.#withSecret] = [told('get'), told('fetch'), told('withSecret')];
    [this.#fetchSecrets, this.#getByPath] = [told('fetchSecrets'), told('getByPath')];
  }

  override get(name: string, options?: ReadOptions): unknown {
    const value = super.get(name, options);
    this.#get(name, options?.version);
    return value;
  }

  override async fetch(name: string, options?: FetchOptions): Promise<unknown> {
    const value = await super.fetch(name, options);
    this.#fetch(name, options?.version);
    return value;
  }

  override withSecret(
    name: string,
    work: (value: unknown) => Promise<unknown>,
    options?: WithSecretOptions,
  ): Promise<unknown> {
    const told = (value: unknown): Promise<unknown> => {
      this.#withSecret(name);
      return work(value);
    };
    return super.withSecret(name, told, options);
  }

  override async fetchSecrets(): Promise<Values> {
    const values = await super.fetchSecrets();
    for (const name of Object.keys(values)) this.#fetchSecrets(name);
    return values;
  }

  override async getByPath(path: string, options?: PathOptions): Promise<Values> {
    const values = await super.getByPath(path, options);
    for (const name of Object.keys(values)) this.#getByPath(name);
    return values;
  }
}

export const auditedClient = (runtime: SecretRuntime, audit: Audit): HcpVaultClient =>
  new AuditedClient(runtime, audit) as unknown as HcpVaultClient;
