import { isSecretError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { GRACE } from '../../core/source/attempts.js';
import { Pace } from '../../core/source/pace.js';
import type { ReadContext } from '../../core/source/secret-source.js';
import type { SourceObservers } from '../../core/source/source-observers.js';
import type { HttpResponse } from '../http/index.js';
import { PageTokens, repeatedRequest } from '../http/index.js';
import { Connection } from './cluster/connection.js';
import type { Page, StoredSecret } from './kubernetes.answers.js';
import { nameOf, pageOf, secretOf } from './kubernetes.answers.js';
import type { Attempt } from './kubernetes.errors.js';
import { errorOf, isChange, KIND, senseless } from './kubernetes.errors.js';
import type { KubernetesSettings } from './kubernetes.settings.js';
import { checkNamespace } from './kubernetes.settings.js';
import type { WatchEvent } from './watch/event-lines.js';
import { eventsOf } from './watch/event-lines.js';

/** Which Secrets of the namespace: one of a name, or all. */
export interface Scope {
  readonly name?: string | undefined;
}

interface Call extends Attempt {
  readonly method?: 'PATCH' | 'POST' | undefined;
  /** Below the namespace's Secrets, with its query. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly accept?: string | undefined;
  /** Of a watch: milliseconds of silence after which it is over. */
  readonly silence?: number | undefined;
}

/** A change of a Secret. */
export interface SecretPatch {
  /** Base64 by key; null takes a key away. */
  readonly data: Readonly<Record<string, string | null>>;
  /** What it must be a change of: else it is refused with a conflict. */
  readonly of?: { readonly version: string; readonly uid?: string | undefined } | undefined;
}

/** Requests under way at a time, of all readings. */
export const MOST_AT_ONCE = 32;
/** Secrets a page: each has 1.4 MB at most, and mostly some kB. */
const PAGE_SIZE = 100;
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The calls on the Secrets of one namespace. Names have been checked. Rejects only with SecretErrors. */
export class KubernetesClient {
  readonly #settings: KubernetesSettings;
  readonly #connection: Connection;
  readonly #pace = new Pace({ most: MOST_AT_ONCE });
  #namespace: string | undefined;

  constructor(settings: KubernetesSettings, observers: SourceObservers) {
    this.#settings = settings;
    this.#connection = new Connection(settings, observers);
    this.#namespace = settings.namespace;
  }

  /** Undefined where it is not known yet. */
  get namespace(): string | undefined {
    return this.#namespace;
  }

  /** As far as it is known yet: for errors, and for people. */
  get place(): string {
    const namespace = this.#namespace === undefined ? '' : `, namespace "${this.#namespace}"`;
    return `${this.#connection.place}${namespace}`;
  }

  /** Undefined where there is none. With a label selector it is one that has these labels. */
  async get(name: string, context: ReadContext): Promise<StoredSecret | undefined> {
    if (this.#settings.labelSelector !== undefined) return (await this.list({ name }, context)).items[0];
    return this.#unlessMissing(
      this.#call({ path: `/${name}`, tried: 'reading it', verb: 'get' }, context, this.#secretOf(name)),
    );
  }

  /** Without reading its values. */
  async has(name: string, context: ReadContext): Promise<boolean> {
    if (this.#settings.labelSelector !== undefined) return (await this.names({ name }, context)).length > 0;
    const call: Call = { path: `/${name}`, tried: 'looking for it', verb: 'get', accept: METADATA };
    return (await this.#unlessMissing(this.#call(call, context, this.#nameOf(name)))) !== undefined;
  }

  /** All of a scope as of one moment, whose version a watch may go on from. */
  async list(scope: Scope, context: ReadContext): Promise<Page<StoredSecret>> {
    const items: StoredSecret[] = [];
    let version = '';
    for await (const page of this.#pages(scope, context, this.#secretOf(scope.name))) {
      items.push(...page.items);
      version = page.version;
    }
    return { items, version, next: undefined };
  }

  /** Without reading values. */
  async names(scope: Scope, context: ReadContext): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const page of this.#pages(scope, context, this.#nameOf(scope.name), METADATA_LIST))
      names.push(...page.items);
    return names;
  }

  /** What happens from a version on, until the server ends it. Resolves when it has begun. @param life milliseconds. */
  async watch(scope: Scope, version: string, life: number, context: ReadContext): Promise<AsyncGenerator<WatchEvent>> {
    const query = this.#query(scope, {
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: version,
      timeoutSeconds: String(Math.max(1, Math.round(life / 1000))),
    });
    const { silence } = this.#settings.times;
    const call: Call = { path: query, tried: 'watching', verb: 'watch', silence };
    const response = await this.#answered(call, context);
    if (!response.stream) throw senseless('to a watch is none');
    return eventsOf(response.stream as AsyncIterable<Buffer>);
  }

  /** What an event tells of. Throws SecretSourceUnavailableError for what is none of the scope. */
  secretIn(object: unknown, { name }: Scope): StoredSecret {
    return this.#secretOf(name)(object);
  }

  /** As it is then. Undefined where there is no such Secret. */
  patch(name: string, { data, of }: SecretPatch, context: ReadContext): Promise<StoredSecret | undefined> {
    const metadata = of && { resourceVersion: of.version, ...(of.uid !== undefined && { uid: of.uid }) };
    const body = JSON.stringify({ ...(metadata && { metadata }), data });
    return this.#unlessMissing(
      this.#call(
        { method: 'PATCH', path: `/${name}`, body, tried: 'writing it', verb: 'patch' },
        context,
        this.#secretOf(name),
      ),
    );
  }

  /** @param data Base64 by key. */
  create(name: string, data: Readonly<Record<string, string>>, context: ReadContext): Promise<StoredSecret> {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', data });
    return this.#call(
      { method: 'POST', path: '', body, tried: 'creating it', verb: 'create' },
      context,
      this.#secretOf(name),
    );
  }

  /** Ends running requests, releases the sockets and forgets what proves who we are. The next call opens again. */
  async close(): Promise<void> {
    this.#namespace = this.#settings.namespace;
    await this.#connection.close();
  }

  /** The namespace is known by when there is an answer. */
  #secretOf(name: string | undefined) {
    return (answer: unknown): StoredSecret => secretOf(answer, { namespace: this.#namespace, name });
  }

  #nameOf(name: string | undefined) {
    return (answer: unknown): string => nameOf(answer, { namespace: this.#namespace, name });
  }

  async *#pages<T>(
    scope: Scope,
    context: ReadContext,
    itemOf: (item: unknown) => T,
    accept?: string,
  ): AsyncGenerator<Page<T>> {
    const tokens = new PageTokens(KIND);
    const tried = scope.name === undefined ? 'listing the Secrets' : 'listing it by its name';
    let next: string | undefined;
    do {
      const path = this.#query(scope, { limit: String(PAGE_SIZE), ...(next !== undefined && { continue: next }) });
      const page: Page<T> = await this.#call({ path, tried, verb: 'list', accept }, context, (answer) =>
        pageOf(answer, itemOf),
      );
      yield page;
      next = tokens.next(page.next, tried);
    } while (next !== undefined);
  }

  #query({ name }: Scope, parameters: Readonly<Record<string, string>>): string {
    const { labelSelector } = this.#settings;
    const query = new URLSearchParams({
      ...parameters,
      ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
      ...(labelSelector !== undefined && { labelSelector }),
    });
    return `?${query.toString()}`;
  }

  async #unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (isSecretError(error) && error.code === 'SECRET_NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** One request, in as many attempts as it takes. A patch that was sent twice has changed the same twice; a Secret can't be created twice. */
  async #call<T>(call: Call, context: ReadContext, read: (answer: unknown) => T): Promise<T> {
    return repeatedRequest(this.#pace, !isChange(call.verb), context, async () =>
      read((await this.#answered(call, context)).json()),
    );
  }

  async #answered(call: Call, context: ReadContext): Promise<HttpResponse> {
    const { method, path, body, accept = 'application/json', verb, silence } = call;
    const { signal, timeout, progress } = context;
    const response = await this.#connection.request(signal, (namespace) => {
      this.#namespace =
        this.#settings.namespace ?? checkNamespace(namespace ?? 'default', 'the namespace of the cluster’s settings');
      progress?.(GRACE); // what proves who we are may have taken a while
      return {
        method,
        path: `/api/v1/namespaces/${this.#namespace}/secrets${path}`,
        headers: { accept, ...(body !== undefined && { 'content-type': CONTENT[method ?? 'POST'] }) },
        body,
        signal,
        timeout,
        repeatable: !isChange(verb),
        ...(silence !== undefined && { streamed: true, silence }),
      };
    });
    if (response.status >= 200 && response.status < 300) return response;
    throw errorOf(response, { tried: `${call.tried} at ${this.place}`, verb });
  }

  static {
    hideInOutput(KubernetesClient.prototype, (self) => `[secrets of ${self.place}]`);
  }
}

const CONTENT = { PATCH: 'application/merge-patch+json', POST: 'application/json' } as const;
