import { randomBytes } from 'node:crypto';

export interface Attributes {
  readonly enabled?: boolean;
  /** Whole seconds since 1970. */
  readonly nbf?: number;
  readonly exp?: number;
}

export interface Properties {
  readonly contentType?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly attributes?: Attributes;
}

export interface Version extends Properties {
  readonly id: string;
  readonly value: string;
  readonly created: number;
  readonly updated: number;
}

export interface Secret {
  /** As it was first written; names are compared without case. */
  readonly name: string;
  /** Oldest first. */
  versions: Version[];
  managed?: boolean;
}

export interface Deleted extends Secret {
  readonly deletedDate: number;
}

const DAY = 86_400;

/** What a vault holds. */
export class KeyVaultSecrets {
  readonly #live = new Map<string, Secret>();
  readonly deleted = new Map<string, Deleted>();
  /** How many readings of the current version, by name, get the one before it. */
  readonly #older = new Map<string, number>();
  origin = '';
  /** Seconds since 1970, whole as the service's are. */
  now = (): number => Math.floor(Date.now() / 1000);

  constructor(readonly pageSize: number) {}

  get live(): readonly Secret[] {
    return [...this.#live.values()];
  }

  find(name: string): Secret | undefined {
    return this.#live.get(name.toLowerCase());
  }

  /** A new version. */
  set(name: string, value: string, { contentType, tags, attributes }: Properties = {}): Version {
    const secret = this.find(name) ?? { name, versions: [] };
    this.#live.set(name.toLowerCase(), secret);
    const now = this.now();
    const version: Version = {
      id: randomBytes(16).toString('hex'),
      value,
      created: now,
      updated: now,
      ...(contentType !== undefined && { contentType }),
      ...(tags !== undefined && { tags }),
      attributes: { enabled: true, ...attributes },
    };
    secret.versions.push(version);
    return version;
  }

  /** Changes what is said of a version; undefined where there is none. Without an id: of the current one. */
  change(name: string, id: string | undefined, properties: Properties): Version | undefined {
    const secret = this.find(name);
    const index = secret
      ? secret.versions.findIndex((version) => version.id === (id ?? secret.versions.at(-1)!.id))
      : -1;
    if (!secret || index < 0) return undefined;
    const before = secret.versions[index]!;
    const attributes = { ...before.attributes, ...properties.attributes };
    const after = { ...before, ...properties, attributes, updated: this.now() };
    secret.versions[index] = after;
    return after;
  }

  /** The current one, where no id is given. */
  version(secret: Secret, id?: string): Version | undefined {
    if (id !== undefined) return secret.versions.find((version) => version.id === id.toLowerCase());
    const key = secret.name.toLowerCase();
    const left = this.#older.get(key) ?? 0;
    this.#older.set(key, left - 1);
    return (left > 0 ? secret.versions.at(-2) : undefined) ?? secret.versions.at(-1);
  }

  /** The next readings of the current version get the one before it: as from a replica that lags behind. */
  answerOlder(name: string, times: number): void {
    this.#older.set(name.toLowerCase(), times);
  }

  delete(name: string): Deleted | undefined {
    const secret = this.find(name);
    if (!secret) return undefined;
    const deleted = { ...secret, deletedDate: this.now() };
    this.#live.delete(name.toLowerCase());
    this.deleted.set(name.toLowerCase(), deleted);
    return deleted;
  }

  restore(name: string): Secret | undefined {
    const found = this.deleted.get(name.toLowerCase());
    if (!found) return undefined;
    this.deleted.delete(name.toLowerCase());
    const { deletedDate: _, ...secret } = found;
    this.#live.set(name.toLowerCase(), secret);
    return secret;
  }

  /** As the API shows a version; without its value and its id's last part in lists. */
  shown(secret: Secret, version: Version, { withValue = false, withVersion = true } = {}): object {
    const { id, value, contentType, tags, attributes, created, updated } = version;
    return {
      ...(withValue && { value }),
      ...(contentType !== undefined && { contentType }),
      id: `${this.origin}/secrets/${secret.name}${withVersion ? `/${id}` : ''}`,
      ...(secret.managed && { managed: true }),
      attributes: { ...attributes, created, updated, recoveryLevel: 'Recoverable+Purgeable', recoverableDays: 90 },
      ...(tags !== undefined && { tags }),
    };
  }

  shownDeleted(deleted: Deleted, withVersion: boolean): object {
    return {
      recoveryId: `${this.origin}/deletedsecrets/${deleted.name}`,
      deletedDate: deleted.deletedDate,
      scheduledPurgeDate: deleted.deletedDate + 90 * DAY,
      ...this.shown(deleted, deleted.versions.at(-1)!, { withVersion }),
    };
  }
}
