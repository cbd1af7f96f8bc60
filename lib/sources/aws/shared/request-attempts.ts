import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError } from '../../../core/errors/index.js';
import { isTransient } from '../../../core/errors/transient.js';
import type { Pace } from '../../../core/source/pace.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { toSecretError } from './aws.errors.js';
import { isRefusal, refused, type Middlewares } from './request-guard.js';
import { RequestSignal } from './request-signal.js';

export interface RequestAttemptsOptions {
  readonly context: ReadContext;
  readonly pace: Pace;
  /** E.g. `GetSecretValue`. */
  readonly tried: string;
  readonly sourceKind: string;
  /** False for what may have had an effect though no answer came: then it is sent again only where AWS asked for fewer requests. */
  readonly isRepeatable: boolean;
  /** The client is one that we made: it sends through Node. One that was handed in may use `fetch`, which takes only real signals. */
  readonly isOwn: boolean;
}

/** Milliseconds beyond an attempt's own end until the core ends the call, and those that the SDK may wait before it sends another. */
const GRACE = 1_000;
const LONGEST_DELAY = 25_000;
/** Inside the SDK's loop of attempts, around what signs, sends and reads. */
const PLACE = { step: 'finalizeRequest', priority: 'low', name: 'nestjsHcpVaultAttempts', override: true };

/** The attempts of one request: the SDK decides how many there are and what lies between them; each waits for its turn, and has a time of its own. */
export class RequestAttempts {
  /** For the SDK: the end of only this request. */
  readonly sending: { abortSignal?: AbortSignal | RequestSignal };
  readonly #end: { abort(): void };
  readonly #signal: RequestSignal | undefined;
  #hasAbandoned = false;
  #attempts = 0;

  constructor(private readonly options: RequestAttemptsOptions) {
    if (options.isOwn) {
      this.#end = this.#signal = new RequestSignal();
      this.sending = {};
    } else {
      const controller = new AbortController();
      this.#end = controller;
      this.sending = { abortSignal: controller.signal };
    }
  }

  /** How many were sent. */
  get count(): number {
    return this.#attempts;
  }

  /** @param refuse makes of an error of ours what the SDK does not try again. */
  add(stack: Middlewares, refuse: (error: SecretError) => Error): void {
    stack.add((next) => (args) => this.#attempt(() => next(args), refuse), PLACE);
  }

  /** What is under way ends, and nothing more is sent. */
  stop(): void {
    this.#end.abort();
  }

  /** Attempts without an answer end with the request. */
  end(): void {
    if (this.#hasAbandoned) this.#end.abort();
  }

  async #attempt<T>(send: () => Promise<T>, refuse: (error: SecretError) => Error): Promise<T> {
    const { pace, context, isRepeatable, tried, sourceKind } = this.options;
    const { signal } = context;
    signal.throwIfAborted();
    const turn =
      pace.immediate() ??
      (await pace.begin(signal, context.progress).catch((error: unknown) => {
        throw isSecretError(error) ? refuse(error) : error; // not sent: those before it were refused
      }));
    context.progress?.(GRACE);
    this.#attempts += 1;
    // Told only to the wire, from the first attempt on: the SDK's loop of attempts pays for it at each request, and what it waits for is left anyway.
    if (this.#signal) this.sending.abortSignal = this.#signal;
    try {
      const answer = await this.#inTime(send);
      turn.end();
      return answer;
    } catch (error) {
      if (isRefusal(error) || signal.aborted) {
        turn.abandon();
        // Anew: what the SDK has written into it by now, such as a status, would have it try again.
        throw isRefusal(error) ? refused() : error;
      }
      const known = toSecretError(error, tried, sourceKind, this.#attempts);
      const isOfNoUse = turn.end(known) && isTransient(known) && known.code !== 'SECRET_AUTHENTICATION';
      const mayBeDone = !isRepeatable && known.code === 'SECRET_SOURCE_UNAVAILABLE';
      if (isOfNoUse || mayBeDone) throw refuse(known);
      context.progress?.(LONGEST_DELAY);
      throw error;
    }
  }

  async #inTime<T>(send: () => Promise<T>): Promise<T> {
    const { timeout } = this.options.context;
    if (timeout === undefined) return send();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#hasAbandoned = true;
        // By this name the SDK knows that it may try again.
        reject(Object.assign(new Error(`no answer within ${timeout} ms`), { name: 'TimeoutError' }));
      }, timeout);
    });
    try {
      return await Promise.race([send(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
