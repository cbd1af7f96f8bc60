import { isSecretError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { withoutEffect } from '../../../core/errors/transient.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { SourceObservers } from '../../../core/source/source-observers.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import type { HttpRequest, HttpResponse, TlsOptions } from '../../http/index.js';
import { HttpTransport, isTlsFault } from '../../http/index.js';
import { KIND } from '../kubernetes.errors.js';
import type { KubernetesSettings } from '../kubernetes.settings.js';
import type { Cluster } from './cluster.js';
import type { Credential, Proof } from './credential.js';
import { findCluster } from './find-cluster.js';

/** An opened way to the API server. */
interface Way {
  readonly cluster: Cluster;
  readonly transport: HttpTransport;
  readonly credential: Credential;
  /** On the monotonic clock. */
  readonly openedAt: number;
  /** The one that TLS was opened with. */
  proof: Proof;
}

/** A page of full Secrets. */
const MAX_BODY = 192 * 1024 * 1024;

/**
 * Requests to the API server with what proves who we are. Where that is refused, or the server's certificate is not trusted, the settings are looked for
 * again (files may have been replaced), and the request is sent once more: neither had an effect.
 */
export class Connection {
  readonly #settings: KubernetesSettings;
  readonly #observers: SourceObservers;
  readonly #transports = new Set<HttpTransport>();
  #way: Promise<Way> | undefined;
  #place = 'the cluster';
  #closing = new AbortController();

  constructor(settings: KubernetesSettings, observers: SourceObservers) {
    this.#settings = settings;
    this.#observers = observers;
  }

  get place(): string {
    return this.#place;
  }

  /** @param make makes the request, by the namespace that the settings name. Rejects with SecretErrors. */
  async request(signal: AbortSignal, make: (namespace: string | undefined) => HttpRequest): Promise<HttpResponse> {
    const opening = this.#open();
    try {
      const way = await this.#patient(opening, signal);
      const response = await this.#send(way, signal, make);
      if (response.status !== 401 || rests(way)) return response;
    } catch (error) {
      if (!isSecretError(error) || !isTlsFault(error.cause)) throw error;
    }
    this.#leave(opening);
    return this.#send(await this.#patient(this.#open(), signal), signal, make);
  }

  /** Ends running requests, and forgets all. The next request opens again. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#way = undefined;
    const transports = [...this.#transports];
    this.#transports.clear();
    await Promise.all(transports.map((transport) => transport.close()));
  }

  async #send(
    way: Way,
    signal: AbortSignal,
    make: (namespace: string | undefined) => HttpRequest,
  ): Promise<HttpResponse> {
    const proof = await this.#patient(way.credential.proof(this.#closing.signal), signal);
    if (proof !== way.proof && (proof.certificate || way.proof.certificate)) way.transport.reopen();
    way.proof = proof;
    const request = make(way.cluster.namespace);
    const { token } = proof;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return way.transport.request({ ...request, headers: { ...request.headers, ...authorization } });
  }

  #open(): Promise<Way> {
    if (this.#way) return this.#way;
    const opening = this.#find();
    this.#way = opening;
    opening.catch(() => this.#leave(opening)); // the next request looks again
    return opening;
  }

  #leave(opening: Promise<Way>): void {
    if (this.#way !== opening) return;
    this.#way = undefined;
    const retire = ({ transport }: Way): void => {
      this.#transports.delete(transport);
      transport.reopen(); // what runs on it goes on to its end
    };
    opening.then(retire).catch(() => undefined);
  }

  async #find(): Promise<Way> {
    const { search, allowInsecure } = this.#settings;
    const closing = this.#closing.signal;
    const cluster = await findCluster(search);
    const { credential, server, serverOption, verify, proxy } = cluster;
    const proof = await credential.proof(closing);
    const way: { current?: Way } = {};
    const tls = (): TlsOptions => ({ ...cluster.tls(), ...(way.current?.proof ?? proof).certificate });
    const transport = new HttpTransport({
      url: server,
      urlOption: serverOption,
      sourceKind: KIND,
      tls,
      verify,
      proxy,
      allowInsecure,
      isUnbounded: true, // watches hold theirs
      maxBody: MAX_BODY,
      warn: this.#observers.warn,
    });
    if (closing.aborted) throw closed();
    this.#transports.add(transport);
    this.#place = transport.origin;
    return (way.current = { cluster, transport, credential, openedAt: performance.now(), proof });
  }

  async #patient<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    const stopped = (): Error =>
      new SecretSourceUnavailableError('the wait for the settings of the cluster was aborted.', {
        sourceKind: KIND,
        cause: signal.reason as unknown,
      });
    try {
      return await unlessAborted(work, signal, stopped);
    } catch (error) {
      throw isSecretError(error) ? withoutEffect(error) : error; // nothing was asked of the cluster yet
    }
  }

  static {
    hideInOutput(Connection.prototype, (self) => `[secrets of ${self.place}]`);
  }
}

/** It was opened again just now: hundreds that are refused must not run a plugin each. */
const rests = ({ openedAt, credential: { rest = 0 } }: Way): boolean => performance.now() - openedAt < rest;

const closed = (): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError('the source was closed while it opened.', { sourceKind: KIND });
