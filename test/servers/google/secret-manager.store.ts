import { randomBytes } from 'node:crypto';

export type State = 'ENABLED' | 'DISABLED' | 'DESTROYED';

export interface StoredVersion {
  readonly number: number;
  readonly createTime: string;
  state: State;
  destroyTime?: string | undefined;
  scheduledDestroyTime?: string | undefined;
  data: Buffer | undefined;
  etag: string;
  readonly hadChecksum: boolean;
}

export interface StoredSecret {
  readonly id: string;
  readonly createTime: string;
  readonly replication?: object | undefined;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  versionAliases: Record<string, string>;
  versionDestroyTtl?: string | undefined;
  etag: string;
  readonly versions: StoredVersion[];
}

/** What the service refuses, as it says so. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Of `google.rpc.ErrorInfo`. */
    readonly reason?: string,
  ) {
    super(message);
  }
}

const now = (): string => new Date().toISOString();
const newEtag = (): string => `"${randomBytes(7).toString('hex')}"`;
export const LARGEST = 65_536;

/** The secrets of one project, or of one location of it. */
export class SecretStore {
  readonly secrets = new Map<string, StoredSecret>();
  /** What `latest` means for a while, where that lags behind. */
  readonly lagging = new Map<string, number>();

  /** @param parent `projects/NUMBER` or `projects/NUMBER/locations/L`, as answers have it. */
  constructor(readonly parent: string) {}

  nameOf(id: string): string {
    return `${this.parent}/secrets/${id}`;
  }

  get(id: string): StoredSecret {
    const found = this.secrets.get(id);
    if (found) return found;
    throw new Refused(404, 'NOT_FOUND', `Secret [${this.nameOf(id)}] not found.`);
  }

  create(id: string, fields: Partial<StoredSecret>): StoredSecret {
    if (this.secrets.has(id)) throw new Refused(409, 'ALREADY_EXISTS', `Secret [${this.nameOf(id)}] already exists.`);
    const { replication, labels = {}, annotations = {}, versionAliases = {}, versionDestroyTtl } = fields;
    const made = { id, createTime: now(), replication, labels, annotations, versionAliases, versionDestroyTtl };
    const secret: StoredSecret = { ...made, etag: newEtag(), versions: [] };
    this.secrets.set(id, secret);
    return secret;
  }

  delete(id: string, etag: string | undefined): void {
    checkEtag(this.get(id).etag, etag);
    this.secrets.delete(id);
    this.lagging.delete(id);
  }

  patch(id: string, fields: Partial<StoredSecret>, etag: string | undefined): StoredSecret {
    const secret = this.get(id);
    checkEtag(secret.etag, etag);
    Object.assign(secret, fields, { etag: newEtag() });
    return secret;
  }

  add(id: string, data: Buffer, hadChecksum: boolean): StoredVersion {
    const { versions } = this.get(id);
    const made = { number: versions.length + 1, createTime: now(), state: 'ENABLED' as const, etag: newEtag() };
    const version: StoredVersion = { ...made, data, hadChecksum };
    versions.push(version);
    return version;
  }

  /** `latest` is the one created last, whatever its state. */
  version(id: string, wanted: string): StoredVersion {
    const secret = this.secrets.get(id);
    const { versions = [], versionAliases = {} } = secret ?? {};
    if (!secret || versions.length === 0)
      throw new Refused(404, 'NOT_FOUND', `Secret [${this.nameOf(id)}] not found or has no versions.`);
    const latest = this.lagging.get(id) ?? versions.length;
    const number = wanted === 'latest' ? latest : Number(/^\d+$/.test(wanted) ? wanted : versionAliases[wanted]);
    const found = versions[number - 1];
    if (found) return found;
    throw new Refused(404, 'NOT_FOUND', `Secret Version [${this.nameOf(id)}/versions/${wanted}] not found.`);
  }

  access(id: string, wanted: string): StoredVersion {
    const version = this.version(id, wanted);
    if (version.state === 'ENABLED') return version;
    const name = `${this.nameOf(id)}/versions/${version.number}`;
    throw new Refused(400, 'FAILED_PRECONDITION', `Secret Version [${name}] is in ${version.state} state.`);
  }

  /** `:enable`, `:disable` and `:destroy`; with a time to live on the secret the last of them disables, until then. */
  change(id: string, number: string, verb: string, etag: string | undefined): StoredVersion {
    const version = this.version(id, number);
    checkEtag(version.etag, etag);
    const { versionDestroyTtl } = this.get(id);
    if (version.state === 'DESTROYED' && verb !== 'destroy') {
      const name = `${this.nameOf(id)}/versions/${number}`;
      throw new Refused(400, 'FAILED_PRECONDITION', `Secret Version [${name}] is in DESTROYED state.`);
    }
    if (verb === 'destroy' && versionDestroyTtl && version.state !== 'DESTROYED') {
      version.state = 'DISABLED';
      version.scheduledDestroyTime = new Date(Date.now() + parseFloat(versionDestroyTtl) * 1000).toISOString();
    } else if (verb === 'destroy') {
      Object.assign(version, { state: 'DESTROYED', data: undefined, destroyTime: version.destroyTime ?? now() });
    } else {
      version.state = verb === 'enable' ? 'ENABLED' : 'DISABLED';
      if (verb === 'enable') version.scheduledDestroyTime = undefined;
    }
    version.etag = newEtag();
    return version;
  }
}

/** An absent one always passes. */
function checkEtag(own: string, given: string | undefined): void {
  if (given === undefined || given === '' || given === own) return;
  throw new Refused(409, 'ABORTED', 'The etag provided does not match the current etag of the resource.');
}
