import type { IncomingMessage } from 'node:http';
import { crc32c } from '../../../lib/sources/gcp/secret-manager/crc32c.js';
import type { TestServer } from '../../sources/support/server.js';
import { startServer } from '../../sources/support/server.js';
import type { Fields } from './filter.js';
import { matcherOf } from './filter.js';
import type { StoredSecret, StoredVersion } from './secret-manager.store.js';
import { LARGEST, Refused, SecretStore } from './secret-manager.store.js';

export const PROJECT = 'app-project';
/** Names in answers have the project's number, whatever was asked for. */
export const PROJECT_NUMBER = '153396971788';

export interface GoogleServerOptions {
  /** A regional endpoint takes names of its location alone; the global one takes none with a location. @default global */
  readonly location?: string | undefined;
  /** Who may call; undefined takes all. @default all, tokens or not */
  readonly accepts?: ((token: string | undefined) => boolean) | undefined;
}

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const ALIAS = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const MOST = 25_000;
const PERMISSIONS = { enable: 'enable', disable: 'disable', destroy: 'destroy' } as const;

type Json = Record<string, unknown>;

/**
 * Google Secret Manager by its REST API (v1), played in memory by the letter of the published `service.proto`, `resources.proto` and their HTTP rules, with
 * the texts of errors that users quote. Taken by Google's own clients of Node, Python and Go as black boxes (`google-witnesses.spec.ts`).
 *
 * What could not be verified, for the real service was not in reach: the text of an error of a wrong etag, checksum, filter or page; that `name:` of a filter
 * looks at the last part of a name alone; how many secrets a page has by default (100 here); that a page size above 25,000 is taken for 25,000; that an alias
 * of no version is refused; the `reason` of a missing token. Left out: IAM policies, replication by user, CMEK, topics and rotation, expiry, managed
 * rotation, gRPC; consistency is strong unless `lag` says otherwise, and there is no quota.
 */
export class GoogleSecretManagerServer {
  /** Permissions that callers lack. */
  readonly denied = new Set<string>();
  isApiEnabled = true;
  /** So many of the next values come with a checksum that is not theirs. */
  damaged = 0;
  readonly store: SecretStore;
  #server!: TestServer;

  private constructor(private readonly options: GoogleServerOptions) {
    const { location } = options;
    this.store = new SecretStore(`projects/${PROJECT_NUMBER}${location === undefined ? '' : `/locations/${location}`}`);
  }

  static async start(options: GoogleServerOptions = {}): Promise<GoogleSecretManagerServer> {
    const self = new GoogleSecretManagerServer(options);
    self.#server = await startServer((request, response) => {
      const { body } = self.#server.requests.at(-1)!;
      let status = 200;
      let answer: object;
      try {
        answer = self.#answer(request, body);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        ({ status } = error);
        answer = errorBody(error);
      }
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(answer));
    });
    return self;
  }

  get url(): string {
    return this.#server.url;
  }

  get requests(): TestServer['requests'] {
    return this.#server.requests;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Adds a version, and makes the secret where there is none. */
  set(id: string, value: string | Uint8Array | object): void {
    if (!this.store.secrets.has(id)) this.store.create(id, {});
    const isPlain = typeof value === 'string' || value instanceof Uint8Array;
    this.store.add(id, Buffer.from(isPlain ? value : JSON.stringify(value)), true);
  }

  #answer({ method = '', url = '', headers }: IncomingMessage, body: string): object {
    this.#checkToken(headers.authorization);
    const { pathname, searchParams: query } = new URL(url, this.url);
    const given = body === '' ? {} : (JSON.parse(body) as Json);
    const [, project, location, rest = ''] =
      /^\/v1\/projects\/([^/]+)(?:\/locations\/([^/]+))?\/secrets(.*)$/.exec(pathname) ?? [];
    if (project === undefined) throw new Refused(404, 'NOT_FOUND', 'Method not found.');
    const name = pathname.slice('/v1/'.length).replace(/:\w+$/, '');
    if (location !== this.options.location) {
      const format = `projects/*/${this.options.location === undefined ? '' : 'locations/*/'}secrets/*/versions/*`;
      const text = `The provided Secret ID [${name}] does not match the expected format [${format}]`;
      throw new Refused(400, 'INVALID_ARGUMENT', text);
    }
    if (project !== PROJECT && project !== PROJECT_NUMBER) this.#refuse('secretmanager.secrets.get', name);
    const [, id, inVersions, version, verb] =
      /^(?:\/([^/:]+)(\/versions)?(?:\/([^/:]+))?)?(?::(\w+))?$/.exec(rest) ?? [];
    const resource = `${method} ${id ? '/S' : ''}${inVersions ? '/versions' : ''}${version ? '/V' : ''}${verb ? `:${verb}` : ''}`;
    if (id !== undefined && !NAME.test(decodeURIComponent(id))) {
      throw new Refused(400, 'INVALID_ARGUMENT', `The provided Secret ID [${name}] is invalid.`);
    }
    return this.#call(resource, {
      id: id ?? '',
      version: decodeURIComponent(version ?? ''),
      verb: verb ?? '',
      query,
      given,
      name,
    });
  }

  #call(resource: string, { id, version, verb, query, given, name }: Called): object {
    const { store } = this;
    const allow = (permission: string): void => {
      if (this.denied.has(permission)) this.#refuse(permission, name);
    };
    switch (resource) {
      case 'GET ':
        allow('secretmanager.secrets.list');
        return this.#page(
          'secrets',
          [...store.secrets.values()].reverse(),
          query,
          (s) => this.#secret(s),
          (s) => fieldOf(s),
        );
      case 'POST ':
        allow('secretmanager.secrets.create');
        return this.#secret(this.#created(query.get('secretId') ?? '', given));
      case 'GET /S':
        allow('secretmanager.secrets.get');
        return this.#secret(store.get(id));
      case 'PATCH /S':
        allow('secretmanager.secrets.update');
        return this.#secret(this.#patched(id, query.get('updateMask') ?? '', given));
      case 'DELETE /S':
        allow('secretmanager.secrets.delete');
        store.delete(id, query.get('etag') ?? undefined);
        return {};
      case 'POST /S:addVersion':
        allow('secretmanager.versions.add');
        return this.#version(id, this.#added(id, given));
      case 'GET /S/versions': {
        allow('secretmanager.versions.list');
        const all = [...store.get(id).versions].reverse();
        return this.#page(
          'versions',
          all,
          query,
          (v) => this.#version(id, v),
          (v) => (path) => (path === 'state' ? v.state : String(v.number)),
        );
      }
      case 'GET /S/versions/V':
        allow('secretmanager.versions.get');
        return this.#version(id, store.version(id, version));
      case 'GET /S/versions/V:access':
        allow('secretmanager.versions.access');
        return this.#accessed(id, version);
    }
    if (resource === `POST /S/versions/V:${verb}` && verb in PERMISSIONS) {
      allow(`secretmanager.versions.${verb}`);
      return this.#version(id, store.change(id, version, verb, textOf(given['etag'])));
    }
    throw new Refused(404, 'NOT_FOUND', 'Method not found.');
  }

  #created(id: string, given: Json): StoredSecret {
    if (!NAME.test(id)) throw new Refused(400, 'INVALID_ARGUMENT', `The provided Secret ID [${id}] is invalid.`);
    const isRegional = this.options.location !== undefined;
    if (isRegional === (given['replication'] !== undefined)) {
      const text = isRegional ? 'replication is not allowed for a regional secret.' : 'secret.replication must be set.';
      throw new Refused(400, 'INVALID_ARGUMENT', text);
    }
    return this.store.create(id, given);
  }

  #patched(id: string, mask: string, given: Json): StoredSecret {
    const fields = mask.split(',').map((field) => field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
    const known = ['labels', 'annotations', 'versionAliases', 'versionDestroyTtl'];
    if (fields.some((field) => !known.includes(field)))
      throw new Refused(400, 'INVALID_ARGUMENT', `Invalid update mask [${mask}].`);
    const { versionAliases = {} } = given as { versionAliases?: Record<string, string> };
    for (const [alias, number] of Object.entries(versionAliases)) {
      const isName = ALIAS.test(alias) && alias !== 'latest' && alias !== 'NEW';
      if (!isName || !this.store.get(id).versions[Number(number) - 1])
        throw new Refused(400, 'INVALID_ARGUMENT', `Invalid version alias [${alias}].`);
    }
    const changed = Object.fromEntries(fields.map((field) => [field, given[field] ?? {}]));
    return this.store.patch(id, changed, textOf(given['etag']));
  }

  #added(id: string, given: Json): StoredVersion {
    const { data = '', dataCrc32c } = (given['payload'] ?? {}) as { data?: string; dataCrc32c?: unknown };
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length > LARGEST)
      throw new Refused(400, 'INVALID_ARGUMENT', `The payload is larger than ${LARGEST} bytes.`);
    if (dataCrc32c !== undefined && String(dataCrc32c) !== String(crc32c(bytes)))
      throw new Refused(400, 'INVALID_ARGUMENT', 'The checksum of the payload does not match its data.');
    return this.store.add(id, bytes, dataCrc32c !== undefined);
  }

  #accessed(id: string, wanted: string): object {
    const { number, data = Buffer.alloc(0) } = this.store.access(id, wanted);
    const isDamaged = this.damaged > 0;
    if (isDamaged) this.damaged -= 1;
    const dataCrc32c = String(crc32c(data) + (isDamaged ? 1 : 0));
    return {
      name: `${this.store.nameOf(id)}/versions/${number}`,
      payload: { data: data.toString('base64'), dataCrc32c },
    };
  }

  #page<T>(
    member: string,
    all: readonly T[],
    query: URLSearchParams,
    shown: (item: T) => object,
    fieldsOf: (item: T) => Fields,
  ): object {
    const size = Number(query.get('pageSize') ?? 0);
    const filter = query.get('filter') ?? '';
    const start = Number(Buffer.from(query.get('pageToken') ?? '', 'base64url').toString() || 0);
    if (!(size >= 0) || !Number.isInteger(start)) throw new Refused(400, 'INVALID_ARGUMENT', 'Invalid page.');
    const matches = filter === '' ? () => true : matcherOf(filter);
    const found = all.filter((item) => matches(fieldsOf(item)));
    const end = start + (size === 0 ? 100 : Math.min(size, MOST));
    const next = end < found.length ? { nextPageToken: Buffer.from(String(end)).toString('base64url') } : {};
    const items = found.slice(start, end).map(shown);
    return { ...(items.length > 0 && { [member]: items }), ...next, ...(filter === '' && { totalSize: all.length }) };
  }

  #secret({ id, versions: _, ...shown }: StoredSecret): object {
    return { name: this.store.nameOf(id), ...shown };
  }

  #version(id: string, { number, data: _, hadChecksum, ...shown }: StoredVersion): object {
    const name = `${this.store.nameOf(id)}/versions/${number}`;
    const replicationStatus = this.options.location === undefined ? { automatic: {} } : undefined;
    return { name, ...shown, replicationStatus, ...(hadChecksum && { clientSpecifiedPayloadChecksum: true }) };
  }

  #checkToken(authorization: string | undefined): void {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (!this.options.accepts || this.options.accepts(token)) return this.#checkEnabled();
    const text =
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.';
    throw new Refused(
      401,
      'UNAUTHENTICATED',
      text,
      token === undefined ? 'CREDENTIALS_MISSING' : 'ACCESS_TOKEN_EXPIRED',
    );
  }

  #checkEnabled(): void {
    if (this.isApiEnabled) return;
    const text = `Secret Manager API has not been used in project ${PROJECT_NUMBER} before or it is disabled.`;
    throw new Refused(403, 'PERMISSION_DENIED', text, 'SERVICE_DISABLED');
  }

  #refuse(permission: string, name: string): never {
    const text = `Permission '${permission}' denied for resource '${name}' (or it may not exist).`;
    throw new Refused(403, 'PERMISSION_DENIED', text, 'IAM_PERMISSION_DENIED');
  }
}

interface Called {
  readonly id: string;
  readonly version: string;
  readonly verb: string;
  readonly query: URLSearchParams;
  readonly given: Json;
  readonly name: string;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const fieldOf =
  ({ id, labels }: StoredSecret): Fields =>
  (path) =>
    path === 'name' ? id : path.startsWith('labels.') ? labels[path.slice('labels.'.length)] : undefined;

function errorBody({ status: code, code: status, message, reason }: Refused): object {
  const type = 'type.googleapis.com/google.rpc.ErrorInfo';
  const details = reason && [
    { '@type': type, reason, domain: 'googleapis.com', metadata: { service: 'secretmanager.googleapis.com' } },
  ];
  return { error: { code, message, status, ...(details && { details }) } };
}
