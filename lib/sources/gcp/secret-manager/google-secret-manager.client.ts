import { SecretConfigurationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { Pace } from '../../../core/source/pace.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import { PageTokens, repeatedRequest } from '../../http/index.js';
import { AuthorizedApi } from '../auth/authorized-api.js';
import { crc32c } from './crc32c.js';
import type { AccessedVersion } from './google-secret-manager.answers.js';
import { accessedOf, addedVersionOf, pageOf } from './google-secret-manager.answers.js';
import type { Attempt } from './google-secret-manager.errors.js';
import { errorOf, isThere, isUnauthenticated, KIND } from './google-secret-manager.errors.js';
import type { GoogleSecretManagerSettings } from './google-secret-manager.settings.js';
import { checkProject } from './google-secret-manager.settings.js';

interface Call extends Attempt {
  readonly method?: 'POST' | undefined;
  /** Below the project, and the location where there is one. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly pace: Pace;
  readonly maxBody: number;
}

/** Values under way at a time; the quota is 90,000 a minute. */
export const MOST_AT_ONCE = 32;
/** All else has a quota of 600 a minute. */
const MOST_OTHERS = 8;
/** Milliseconds for the question which project it is: who never answers must not hold up those who ask later. */
const LONGEST = 30_000;
const PAGE_SIZE = 1000;
/** Bytes: a value has 64 KiB, a third more in Base64; a page a thousand secrets, each with up to 16 KiB of annotations. Many are read at a time. */
const MAX_BODY = { one: 256 * 1024, page: 32 * 1024 * 1024 };

const ACCESS = { permission: 'secretmanager.versions.access', role: 'roles/secretmanager.secretAccessor', isWrite: false }; // prettier-ignore
const LIST = { permission: 'secretmanager.secrets.list', role: 'roles/secretmanager.viewer', isWrite: false };
const CREATE = { permission: 'secretmanager.secrets.create', role: 'roles/secretmanager.admin', isWrite: true };
const ADD = { permission: 'secretmanager.versions.add', role: 'roles/secretmanager.secretVersionAdder', isWrite: true };

/** The calls of API version 1 on one project, or on one location of it, with their token. Rejects only with SecretError. */
export class GoogleSecretManagerClient {
  readonly #api: AuthorizedApi;
  readonly #settings: GoogleSecretManagerSettings;
  readonly #reading = new Pace({ most: MOST_AT_ONCE });
  readonly #others = new Pace({ most: MOST_OTHERS });
  /** What the credentials said; asked by all who wait at a time. */
  #project: string | undefined;
  #asking: Promise<string> | undefined;
  #closing = new AbortController();

  /** @param warn told of what `allowInsecure` permits. */
  constructor(settings: GoogleSecretManagerSettings, warn?: (reason: string) => void) {
    this.#settings = settings;
    this.#api = new AuthorizedApi({ ...settings, api: { ...settings.api, warn } }, isUnauthenticated);
    this.#project = settings.projectId;
  }

  /** Where its secrets are, as far as it is known: for errors. */
  get place(): string {
    return `${this.#named(this.#project)}, ${this.#api.origin}`;
  }

  /** One version's value. @param version a number, an alias, or `latest`. */
  async access(secret: string, version: string, context: ReadContext): Promise<AccessedVersion> {
    const { location } = this.#settings;
    const path = `/secrets/${encodeURIComponent(secret)}/versions/${encodeURIComponent(version)}:access`;
    const call = await this.#call(
      `reading version "${version}" of it`,
      { ...ACCESS, path, pace: this.#reading, maxBody: MAX_BODY.one },
      context,
    );
    const read = (answer: unknown): AccessedVersion | undefined => accessedOf(answer, { secret, location, version });
    // None of Google's own clients looks at the checksum; what was damaged once is asked for once more.
    const found = (await this.#send(call, context, read)) ?? (await this.#send(call, context, read));
    if (found) return found;
    throw new SecretSourceUnavailableError(`${call.tried} gave a value that its checksum (CRC-32C) is not of, twice.`, {
      sourceKind: KIND,
      advice: 'Something on the way (a gateway, a proxy) damages answers: correct it.',
    });
  }

  /** A secret without a version, replicated as Google sees fit; with a location it is that one's. What another one has created meanwhile will do. */
  async create(secret: string, context: ReadContext): Promise<void> {
    const { location } = this.#settings;
    const path = `/secrets?secretId=${encodeURIComponent(secret)}`;
    const body = JSON.stringify(location === undefined ? { replication: { automatic: {} } } : {});
    const call = { ...CREATE, method: 'POST' as const, path, body, pace: this.#others, maxBody: MAX_BODY.one };
    try {
      await this.#send(await this.#call('creating it', call, context), context, () => undefined);
    } catch (error) {
      if (!isThere(error)) throw error;
    }
  }

  /** Adds a version, and gives its number. */
  async addVersion(secret: string, data: Uint8Array, context: ReadContext): Promise<string> {
    const payload = { data: Buffer.from(data).toString('base64'), dataCrc32c: String(crc32c(data)) };
    const path = `/secrets/${encodeURIComponent(secret)}:addVersion`;
    const body = JSON.stringify({ payload });
    const call = { ...ADD, method: 'POST' as const, path, body, pace: this.#others, maxBody: MAX_BODY.one };
    return this.#send(await this.#call('adding a version to it', call, context), context, addedVersionOf);
  }

  /** Names of secrets that begin with a text, a page at a time. */
  async *names(beginning: string, context: ReadContext): AsyncGenerator<readonly string[]> {
    const tokens = new PageTokens(KIND);
    // The filter finds the text anywhere in a name, and only matters for the size.
    const filter = /^\w/.test(beginning) ? `&filter=${encodeURIComponent(`name:${beginning}`)}` : '';
    let token: string | undefined;
    do {
      const page = token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`;
      const path = `/secrets?pageSize=${PAGE_SIZE}${filter}${page}`;
      const wanted = { ...LIST, path, pace: this.#others, maxBody: MAX_BODY.page };
      const call = await this.#call('listing the secrets', wanted, context);
      const { secrets, next } = await this.#send(call, context, pageOf);
      yield secrets.filter((name) => name.startsWith(beginning));
      token = tokens.next(next, call.tried);
    } while (token !== undefined);
  }

  /** Ends running requests, releases the sockets and forgets the token. The next call opens again. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#asking = undefined;
    await this.#api.close();
  }

  /** With the project, in path and words. */
  async #call(what: string, call: Omit<Call, 'tried'>, { signal }: ReadContext): Promise<Call> {
    const { location } = this.#settings;
    const project = this.#project ?? (await unlessAborted(this.#asked(), signal, stopped(signal)));
    const parent = `/v1/projects/${encodeURIComponent(project)}${location === undefined ? '' : `/locations/${location}`}`;
    return { ...call, path: parent + call.path, tried: `${what} in ${this.#named(project)}` };
  }

  #named(project: string | undefined): string {
    const { location } = this.#settings;
    return `project "${project ?? '(that of the credentials)'}"${location === undefined ? '' : `, location "${location}"`}`;
  }

  #asked(): Promise<string> {
    const asking = (this.#asking ??= this.#askedAnew().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    }));
    return asking;
  }

  async #askedAnew(): Promise<string> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LONGEST)]);
    const project = await unlessAborted(this.#settings.tokens.projectId(signal), signal, stopped(signal));
    if (project === undefined) {
      throw new SecretConfigurationError('the credentials don’t tell which project the secrets are in.', {
        sourceKind: KIND,
        advice: 'Give `projectId`, or set GOOGLE_CLOUD_PROJECT.',
      });
    }
    checkProject(project);
    return (this.#project = project);
  }

  /** One request, in as many attempts as it takes. */
  async #send<T>(call: Call, context: ReadContext, read: (answer: unknown) => T): Promise<T> {
    return repeatedRequest(call.pace, !call.isWrite, context, async () => {
      const { method, path, body, isWrite, maxBody } = call;
      const response = await this.#api.request({ method, path, body, repeatable: !isWrite, maxBody }, context);
      if (response.status < 200 || response.status > 299) throw errorOf(response, call);
      return read(response.json());
    });
  }

  static {
    hideInOutput(GoogleSecretManagerClient.prototype, (self) => `[secrets of ${self.#named(self.#project)}]`);
  }
}

const stopped = (signal: AbortSignal) => (): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError('the wait for the project of the credentials was aborted.', {
    sourceKind: KIND,
    cause: signal.reason as unknown,
  });
