import { Readable } from 'node:stream';
import type { WebSocket } from 'undici';
import {
  isSecretError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../../core/errors/index.js';
import type { BaseUrl, HttpRequest, HttpResponse } from '../../../http/index.js';
import { HttpTransport, isPassing } from '../../../http/index.js';
import { VaultConnectionError } from '../vault.errors.js';
import type { FetchTransport } from './fetch.transport.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Redirects are judged here. */
export type WireRequest = HttpRequest & { readonly redirect: 'manual' };

export interface VaultWireOptions {
  readonly base: BaseUrl;
  /** Origins beside the address's own that may receive the token. */
  readonly redirectTo: readonly string[];
  /** Makes the connections to one origin. */
  readonly connect: (origin: string) => HttpTransport | FetchTransport;
}

/** Requests to Vault, with one hop to an allowed origin: a standby answers 307 with the active node's address. */
export class VaultWire {
  readonly #base: BaseUrl;
  readonly #connect: VaultWireOptions['connect'];
  readonly #allowed: ReadonlySet<string>;
  readonly #transports = new Map<string, HttpTransport | FetchTransport>();

  constructor({ base, redirectTo, connect }: VaultWireOptions) {
    this.#base = base;
    this.#connect = connect;
    this.#allowed = new Set([base.origin, ...redirectTo]);
    this.#transport(base.origin); // options that can't work should fail now
  }

  /** As errors name it. */
  get origin(): string {
    return this.#base.shown;
  }

  /** What goes before the path of each request: the address may have one of its own. */
  get prefix(): string {
    return this.#base.path;
  }

  /** A request with the prefix in its path, and with `redirect: 'manual'`. Rejects with VaultConnectionError, whose text leaves out what was asked for: the caller puts that in. */
  async send(request: WireRequest): Promise<HttpResponse> {
    const first = await this.#exchange(this.#base.origin, request);
    if (!REDIRECTS.has(first.status)) return first;
    const target = this.#target(request.method ?? 'GET', request.path, first);
    if (request.body instanceof Readable) {
      const reason = `${this.#base.origin} redirects to ${target.origin}, and a stream can be sent once.`;
      throw new VaultConnectionError(reason, { effect: 'none', advice: 'Send it to the address of the active node.' });
    }
    const second = await this.#exchange(target.origin, { ...request, path: target.pathname + target.search });
    if (REDIRECTS.has(second.status)) throw new VaultConnectionError(`${target.origin} redirects once more.`);
    return second;
  }

  /** A websocket to the address itself, with the prefix in its path. Rejects with SecretConfigurationError where the user's own fetch is in the way. */
  socket(path: string, headers: Readonly<Record<string, string>>): Promise<WebSocket> {
    const transport = this.#transport(this.#base.origin);
    if (transport instanceof HttpTransport) return transport.socket(path, headers);
    return Promise.reject(new SecretConfigurationError("events come by websocket, which an own fetch can't open."));
  }

  /** Running requests go on; the next ones open again, with TLS files read again. */
  reopen(): void {
    for (const transport of this.#transports.values()) transport.reopen();
  }

  async close(): Promise<void> {
    const transports = [...this.#transports.values()];
    await Promise.all(transports.map((transport) => transport.close()));
  }

  async #exchange(origin: string, request: WireRequest): Promise<HttpResponse> {
    try {
      const answer = await this.#transport(origin).request(request);
      answer.stream?.translated((error) => failureOf(error, request));
      return answer;
    } catch (error) {
      throw failureOf(error, request);
    }
  }

  #transport(origin: string): HttpTransport | FetchTransport {
    let transport = this.#transports.get(origin);
    if (!transport) {
      transport = this.#connect(origin);
      this.#transports.set(origin, transport);
    }
    return transport;
  }

  /** Where a redirect leads, if the token may go there. The location may hold what nobody should log, so errors name only its origin. */
  #target(method: string, path: string, answer: HttpResponse): URL {
    const { origin, protocol } = this.#base;
    const location = answer.header('location') ?? '';
    const refuse = (why: string): never => {
      throw new VaultConnectionError(`${origin} redirects ${why}`, { effect: 'none' });
    };
    if (!URL.canParse(location, origin + path)) return refuse('to what is not a URL.');
    const target = new URL(location, origin + path);
    if (protocol === 'https:' && target.protocol !== 'https:') {
      return refuse(`from https to ${target.origin}: nothing is sent there.`);
    }
    if (!this.#allowed.has(target.origin)) {
      return refuse(
        `to ${target.origin}: nothing is sent there. Name it in \`redirectTo\` if it may receive the token.`,
      );
    }
    // 301 to 303 may turn a write into a read: nobody means that here.
    if (method !== 'GET' && method !== 'HEAD' && answer.status < 307)
      return refuse(`a ${method} with HTTP ${answer.status}.`);
    return target;
  }
}

function failureOf(error: unknown, { signal }: WireRequest): Error {
  if (!(error instanceof SecretSourceUnavailableError)) return error as Error;
  if (isSecretError(signal?.reason)) return error; // the caller's own, given back
  return new VaultConnectionError(error.reason, {
    advice: error.advice,
    effect: error.effect,
    transient: isPassing(error.cause),
    cause: error.cause,
  });
}
