import type { SecureContext } from 'node:tls';
import type { Dispatcher, WebSocket } from 'undici';
import { SecretSourceUnavailableError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { BaseUrl } from './base-url.js';
import { trustOf } from './certificate-authorities.js';
import { destinationOf } from './destination.js';
import { createDispatcher } from './dispatcher.factory.js';
import type { ExchangeAnswer } from './exchange.handler.js';
import { Exchange } from './exchange.handler.js';
import type { ExchangeFailure } from './http.errors.js';
import { toSecretError } from './http.errors.js';
import type { HttpRequest, HttpTransportOptions, TlsOptions } from './http.options.js';
import { HttpResponse } from './http.response.js';
import { loadUndici } from './undici.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SAFE = new Set(['GET', 'HEAD']);
const CLOSED_BY_PEER = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * Requests to one backend: bounded in time and size, kept to one origin, and silent about what they carry. Any HTTP status is an answer, for the
 * caller to judge; what is not an answer rejects with SecretSourceUnavailableError.
 */
export class HttpTransport {
  /** Scheme, host and port: what errors and logs may name. */
  readonly origin: string;
  readonly #base: BaseUrl;
  readonly #readTls: (() => TlsOptions) | undefined;
  #trust: SecureContext | undefined;
  readonly #proxy: HttpTransportOptions['proxy'];
  readonly #verify: boolean;
  readonly #serverName: string | undefined;
  readonly #sourceKind: string;
  readonly #connectTimeout: number;
  readonly #timeout: number;
  readonly #maxBody: number;
  readonly #isUnbounded: boolean;
  /** Made for the first request: it loads what speaks HTTP. */
  #dispatcher: Promise<Dispatcher> | undefined;

  /** Throws SecretConfigurationError for an address, certificate or proxy that can't be used. */
  constructor(options: HttpTransportOptions, { base, trust, serverName } = destinationOf(options)) {
    this.#sourceKind = options.sourceKind;
    this.#base = base;
    this.origin = base.shown;
    this.#proxy = options.proxy;
    this.#readTls = typeof options.tls === 'function' ? options.tls : undefined;
    this.#trust = trust;
    this.#verify = options.verify ?? true;
    this.#serverName = serverName;
    this.#connectTimeout = options.connectTimeout ?? 5000;
    this.#timeout = options.timeout ?? 60_000;
    this.#maxBody = options.maxBody ?? 8 * 1024 * 1024;
    this.#isUnbounded = options.isUnbounded ?? false;
  }

  /** One request; a redirect within the origin is followed once, unless the request says `redirect: 'manual'`. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const first = await this.#send(request, request.path);
    const follow = request.redirect !== 'manual' && REDIRECTS.has(first.status);
    const target = follow ? first.headers['location'] : undefined;
    if (target === undefined) return new HttpResponse(first, this.origin, this.#sourceKind);
    const path = this.#redirected(request, first.status, String(target));
    const second = await this.#send(request, path, '');
    if (REDIRECTS.has(second.status)) throw this.#unavailable(`${this.origin} redirects more than once.`);
    return new HttpResponse(second, this.origin, this.#sourceKind);
  }

  /** A websocket over the same connections, proxy and trust. Closed by `close` as well. */
  async socket(path: string, headers: Readonly<Record<string, string>>): Promise<WebSocket> {
    const { WebSocket } = await loadUndici(this.#sourceKind);
    const dispatcher = await this.#open();
    const { origin, path: prefix } = this.#base;
    return new WebSocket(origin.replace(/^http/, 'ws') + prefix + path, { headers: { ...headers }, dispatcher });
  }

  /** Ends running requests and releases the sockets. The next request opens again. */
  async close(): Promise<void> {
    const opened = this.#dispatcher;
    this.#dispatcher = undefined;
    const dispatcher = await opened?.catch(() => undefined); // what failed has been told to who asked for it
    await dispatcher?.destroy();
  }

  /** Has the next request open again, with what TLS takes from files read again; running ones go on. Where a file can't be read all stays as it was. */
  reopen(): void {
    if (!this.#readTls) return;
    try {
      this.#trust = trustOf(this.#readTls(), this.#sourceKind);
    } catch {
      return; // half written, perhaps: next time
    }
    const before = this.#dispatcher;
    this.#dispatcher = undefined;
    before?.then((dispatcher) => dispatcher.close()).catch(() => undefined);
  }

  async #send(request: HttpRequest, path: string, prefix = this.#base.path): Promise<ExchangeAnswer> {
    const dispatcher = await this.#open();
    const first = this.#exchange(request);
    try {
      return await this.#run(dispatcher, first, request, prefix + path);
    } catch (thrown) {
      const failure = thrown as ExchangeFailure;
      if (!request.repeatable || !closedBeforeAnswering(first, failure)) throw this.#failed(failure, first);
    }
    // The server closed a kept-alive connection just as we used it.
    const again = await this.#open();
    const second = this.#exchange(request);
    return this.#run(again, second, request, prefix + path).catch((failure: ExchangeFailure) => {
      throw this.#failed(failure, second);
    });
  }

  #exchange({ streamed, maxBody = this.#maxBody }: HttpRequest): Exchange {
    if (!streamed) return new Exchange(maxBody);
    const exchange: Exchange = new Exchange(maxBody, (failure) => this.#failed(failure, exchange));
    return exchange;
  }

  /** Rejects only with an ExchangeFailure. */
  #run(dispatcher: Dispatcher, exchange: Exchange, request: HttpRequest, path: string): Promise<ExchangeAnswer> {
    const { signal, method = 'GET', headers = {}, body = null, timeout = this.#timeout, streamed } = request;
    const { silence = timeout } = request;
    if (signal?.aborted) return Promise.reject(aborted(signal));
    const onAbort = (): void => exchange.stop(aborted(signal));
    const timer = setTimeout(() => exchange.stop({ kind: 'timeout', milliseconds: timeout }), timeout);
    timer.unref();
    signal?.addEventListener('abort', onAbort, { once: true });
    const pauses = streamed ? { bodyTimeout: silence } : {};
    const { origin } = this.#base;
    dispatcher.dispatch({ origin, path, method, headers: { ...headers }, body, ...pauses }, exchange);
    return exchange.answer.finally(() => {
      clearTimeout(timer);
      exchange.whenOver(() => signal?.removeEventListener('abort', onAbort));
    });
  }

  /** Those that are open, or new ones, by a proxy variable that may have changed. */
  #open(): Promise<Dispatcher> {
    if (this.#dispatcher) return this.#dispatcher;
    const opening = createDispatcher({
      base: this.#base,
      trust: this.#trust,
      verify: this.#verify,
      serverName: this.#serverName,
      connectTimeout: this.#connectTimeout,
      proxy: this.#proxy,
      isUnbounded: this.#isUnbounded,
      sourceKind: this.#sourceKind,
    });
    this.#dispatcher = opening;
    opening.catch(() => {
      if (this.#dispatcher === opening) this.#dispatcher = undefined; // the next request tries again
    });
    return opening;
  }

  /** Where a redirect leads within the origin. Headers carry tokens, so another origin never gets the request. */
  #redirected(request: HttpRequest, status: number, location: string): string {
    const here = `${this.#base.origin}${this.#base.path}${request.path}`;
    if (!URL.canParse(location, here)) throw this.#unavailable(`${this.origin} redirects to what is not a URL.`);
    const target = new URL(location, here);
    if (target.origin !== this.#base.origin) {
      throw this.#unavailable(
        `${this.origin} redirects to ${target.origin}, which is not followed.`,
        'Give the address that it redirects to, if you trust it.',
      );
    }
    // 301 to 303 may turn a POST into a GET: nobody means that here.
    if (!SAFE.has(request.method ?? 'GET') && status < 307) {
      throw this.#unavailable(
        `${this.origin} redirects a ${request.method} with HTTP ${status}, which is not followed.`,
      );
    }
    return target.pathname + target.search;
  }

  #failed(failure: ExchangeFailure, { started }: Exchange): Error {
    const { origin } = this;
    return toSecretError(failure, {
      origin,
      sourceKind: this.#sourceKind,
      started,
      connectTimeout: this.#connectTimeout,
    });
  }

  #unavailable(reason: string, advice?: string): SecretSourceUnavailableError {
    return new SecretSourceUnavailableError(reason, { sourceKind: this.#sourceKind, advice });
  }

  static {
    hideInOutput(HttpTransport.prototype, (self) => `[http ${self.origin}]`);
  }
}

const aborted = (signal: AbortSignal | undefined): ExchangeFailure => ({
  kind: 'aborted',
  reason: signal?.reason as unknown,
});

function closedBeforeAnswering(exchange: Exchange, failure: ExchangeFailure): boolean {
  if (failure.kind !== 'wire' || !exchange.started || exchange.answering) return false;
  return CLOSED_BY_PEER.has(String((failure.error as { code?: unknown } | null)?.code));
}
