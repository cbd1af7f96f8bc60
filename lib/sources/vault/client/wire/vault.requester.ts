import { Readable } from 'node:stream';
import type { Clock } from '../../../../core/clock.js';
import { isSecretError } from '../../../../core/errors/index.js';
import { hideInOutput } from '../../../../core/redaction.js';
import { inAttempts, throttledDelay } from '../../../../core/source/attempts.js';
import type { Pace } from '../../../../core/source/pace.js';
import type { HttpResponse } from '../../../http/index.js';
import { toVaultError } from '../error-answer.js';
import { isNotReady } from '../not-ready.js';
import type { VaultAuthResponse, VaultKeys, VaultResponse } from '../vault.answer.js';
import { toResponse } from '../vault.answer.js';
import { VaultConnectionError, VaultInvalidPathError, VaultRateLimitError } from '../vault.errors.js';
import type { VaultPath } from '../vault-path.js';
import type { RetryPolicy } from './retry.policy.js';
import type { TokenHolder } from './token.holder.js';
import type { WrittenState } from './written.state.js';
import type { VaultRequest } from './vault.request.js';
import { queryOf, repeatable } from './vault.request.js';
import { notSent } from './vault.pace.js';
import type { VaultWire, WireRequest } from './vault.wire.js';

export interface RequesterOptions {
  readonly wire: VaultWire;
  readonly tokens: TokenHolder;
  readonly written: WrittenState;
  readonly retry: RetryPolicy;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly namespace: string | undefined;
  /** Of the user's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeout: number;
  /** Where requests have to wait for their turn. */
  readonly pace?: Pace | undefined;
}

/** What holds for all calls of a derived client. */
export interface Scope {
  /** `X-Vault-Wrap-TTL` */
  readonly wrapTtl?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In place of the client's own; an empty one is the root. */
  readonly namespace?: string | undefined;
  /** In place of the client's token, which may be another one when the request is sent. */
  readonly token?: string | undefined;
  /** Milliseconds for one attempt, in place of the client's own; one that ran out of them is then repeated as others are. */
  readonly timeout?: number | undefined;
  /** Told of each answer when it was given, as its header `Date` has it. */
  readonly answered?: ((date: string | undefined) => void) | undefined;
  /** Told of the time that waits, and attempts after the first, take beyond that. */
  readonly progress?: ((later?: number) => void) | undefined;
}

interface Answer<T> {
  readonly status: number;
  readonly response: VaultResponse<T>;
}

/** The one place where a request becomes a typed answer, or an error that tells neither token nor payload. */
export class VaultRequester {
  readonly #options: RequesterOptions;
  readonly #scope: Scope;

  constructor(options: RequesterOptions, scope: Scope = {}) {
    this.#options = options;
    this.#scope = scope;
  }

  /** The same connections and token, with more that holds for each call. */
  scoped(scope: Scope): VaultRequester {
    return new VaultRequester(this.#options, { ...this.#scope, ...scope });
  }

  /** How long wrapped answers live; undefined where none is wrapped. */
  get wrapTtl(): string | undefined {
    return this.#scope.wrapTtl;
  }

  get origin(): string {
    return this.#options.wire.origin;
  }

  get namespace(): string | undefined {
    return (this.#scope.namespace ?? this.#options.namespace) || undefined;
  }

  async call<T>(request: VaultRequest): Promise<VaultResponse<T>> {
    return (await this.answer<T>(request)).response;
  }

  /** A call whose HTTP status says something too. */
  answer<T>(request: VaultRequest): Promise<Answer<T>> {
    return this.#again(request, () => this.#attempt<T>(request));
  }

  /** A call whose answer may be anything: JSON, PEM, DER, text. */
  raw(request: VaultRequest): Promise<HttpResponse> {
    return this.#again(request, async () => {
      const [answer, call] = await this.#exchange(request);
      if (answer.status >= 300) throw toVaultError(call, request.path.text, answer);
      return answer;
    });
  }

  /** Tries again where that is harmless and may help. */
  async #again<A>(request: VaultRequest, send: () => Promise<A>): Promise<A> {
    const { body } = request;
    if (!(body instanceof Readable)) return this.#inAttempts(request, send);
    try {
      return await this.#inAttempts(request, send);
    } finally {
      body.destroy(); // it has been read to its end, or nobody reads on
    }
  }

  #inAttempts<A>(request: VaultRequest, send: () => Promise<A>): Promise<A> {
    const { pace, retry, clock } = this.#options;
    const { signal, progress, timeout } = this.#scope;
    const delayAfter = (attempt: number, error: unknown): number | undefined => {
      if (request.body instanceof Readable) return undefined;
      // Who keeps a pace asks again for what was refused unseen, whatever it is.
      if (pace && retry.isOn && error instanceof VaultRateLimitError) return throttledDelay(attempt, error.retryAfter);
      if (!repeatable(request) && !isNotReady(error)) return undefined;
      return retry.delayAfter(attempt, error, timeout !== undefined);
    };
    return inAttempts({ pace, clock, signal, progress, delayAfter, notSent: (last) => notSent(request, last) }, send);
  }

  /** The names below a path. Vault answers 404 for an empty folder, which is not an error here; a mount that isn't there has a text of its own. */
  async list(path: VaultPath): Promise<VaultResponse<VaultKeys>> {
    try {
      // In place of the verb LIST, which some proxies refuse; Vault takes either (api-docs#http-verbs).
      return await this.call<VaultKeys>({ path, query: { list: true } });
    } catch (error) {
      const isOwn404 = error instanceof VaultInvalidPathError && !error.isForeign;
      if (!isOwn404 || error.errors.length + error.warnings.length > 0) throw error;
      return toResponse<VaultKeys>({ keys: [] });
    }
  }

  /** A login: sent without the client's token, which the answer then replaces. Never repeated, for it issues a token. */
  async login(path: VaultPath, body: object): Promise<VaultAuthResponse> {
    const response = await this.call<null>({ method: 'POST', path, body, token: false, repeatable: false });
    // A wrapped login holds its token back: whoever unwraps it may set it.
    if (response.auth) this.#options.tokens.token = response.auth.client_token;
    return response as VaultAuthResponse;
  }

  async #attempt<T>(request: VaultRequest): Promise<Answer<T>> {
    const { path } = request;
    const [answer, call] = await this.#exchange(request);
    const { status } = answer;
    if (status === 204 || (status < 300 && answer.body.length === 0)) return { status, response: toResponse<T>(null) };
    if (status < 300) return { status, response: toResponse<T>(this.#json(call, path, answer)) };
    if (request.accepts) {
      const body = this.#json(call, path, answer, true);
      if (request.accepts(status, body)) return { status, response: toResponse<T>(body) };
    }
    throw toVaultError(call, path.text, answer);
  }

  /** The answer, whatever it is, and what the call is called in errors. */
  async #exchange(request: VaultRequest): Promise<readonly [HttpResponse, string]> {
    const token =
      request.token === false ? undefined : (request.token ?? this.#scope.token ?? this.#options.tokens.token);
    const call = request.query?.['list'] === true ? 'LIST' : (request.method ?? 'GET');
    const answer = await this.#send(call, request, this.#message(request, token));
    this.#options.written.note(request.method, answer);
    this.#scope.answered?.(answer.header('date'));
    return [answer, call];
  }

  /** What goes with each request. */
  headersFor(token: string | undefined, isRoot = false): Readonly<Record<string, string>> {
    const { namespace } = this;
    return {
      ...this.#options.headers,
      'X-Vault-Request': 'true', // an agent may ask for it as a guard against forged requests of browsers
      ...(token && { 'X-Vault-Token': token }),
      ...(namespace !== undefined && !isRoot && { 'X-Vault-Namespace': namespace }),
    };
  }

  #message(request: VaultRequest, token: string | undefined): WireRequest {
    const { wire, written } = this.#options;
    const { wrapTtl, signal, timeout = this.#options.timeout } = this.#scope;
    const { method = 'GET', body, contentType = 'application/json' } = request;
    return {
      method,
      path: `${wire.prefix}/v1/${request.path.encoded}${queryOf(request.query)}`,
      headers: {
        ...this.headersFor(token, request.root),
        ...(wrapTtl !== undefined && !request.unwrapped && { 'X-Vault-Wrap-TTL': wrapTtl }),
        ...written.headers,
        ...(body && { 'Content-Type': contentType }),
      },
      ...(body && { body: isAsItIs(body) ? body : JSON.stringify(body) }),
      signal,
      timeout,
      repeatable: repeatable(request),
      streamed: request.streamed,
      redirect: 'manual',
    };
  }

  async #send(call: string, { path }: VaultRequest, message: WireRequest): Promise<HttpResponse> {
    const named = (error: unknown): Error =>
      error instanceof VaultConnectionError
        ? located(error, `Vault: ${call} ${path.text}: `, path.text)
        : (error as Error);
    try {
      const answer = await this.#options.wire.send(message);
      answer.stream?.translated(named);
      return answer;
    } catch (error) {
      throw named(error);
    }
  }

  #json(call: string, path: VaultPath, answer: HttpResponse, lenient = false): unknown {
    try {
      return answer.json();
    } catch (error) {
      if (lenient) return undefined;
      if (!isSecretError(error)) throw error;
      throw new VaultConnectionError(`Vault: ${call} ${path.text}: ${error.reason}`, {
        reason: error.reason,
        advice: error.advice,
        path: path.text,
        effect: 'possible',
      });
    }
  }

  static {
    hideInOutput(VaultRequester.prototype, (self) => `[vault ${self.origin}]`);
  }
}

/** The wire doesn't know what it carries; the error of a call names it. */
function located(error: VaultConnectionError, subject: string, path: string): VaultConnectionError {
  const { effect, transient, cause, reason, advice } = error;
  return new VaultConnectionError(subject + reason, { path, effect, transient, cause, reason, advice });
}

const isAsItIs = (body: object | string): body is string | Uint8Array | Readable =>
  typeof body === 'string' || body instanceof Uint8Array || body instanceof Readable;
