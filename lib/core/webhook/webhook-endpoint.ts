import type { Clock } from '../clock.js';
import { foreignLabel } from '../errors/foreign-text.js';
import { isSecretError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';
import type { SecretLogger } from '../refresh/connection-log.js';
import { guardedLogger } from '../refresh/guarded-logger.js';
import type { AnnouncedChange } from '../source/change-listener.js';
import { PacedReadings } from './paced-readings.js';
import { SeenCalls } from './seen-calls.js';
import type {
  AnnouncingVerdict,
  WebhookCall,
  WebhookChanges,
  WebhookVerdict,
  WebhookVerifier,
} from './webhook-verifier.js';

/** A connection that hears of what is announced. */
export interface WebhookListener {
  readonly connection: string;
  readonly clock: Clock;
  /** Without changes, anything may have changed. @param isOnce one reading in place of a row of them. */
  readonly announce: (changes: readonly AnnouncedChange[] | undefined, isOnce: boolean) => void;
}

export interface WebhookEndpointOptions {
  readonly path: string;
  readonly verifier: WebhookVerifier;
  readonly listeners: readonly WebhookListener[];
  readonly logger: SecretLogger;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: object | undefined;
}

const answer = (status: number, message: string, headers?: WebhookAnswer['headers']): WebhookAnswer => ({
  status,
  headers,
  body: { statusCode: status, message },
});

/** What all calls are told that are not taken, whatever they lack. */
export const UNAUTHORIZED = answer(401, 'Unauthorized');
export const TOO_LARGE = answer(413, 'Payload Too Large');
export const TOO_SLOW = answer(408, 'Request Timeout');
export const ENCODED = answer(415, 'Unsupported Media Type');
/** The sender is to try again. */
export const UNAVAILABLE = answer(503, 'Service Unavailable', { 'retry-after': '5' });
const BAD_REQUEST = answer(400, 'Bad Request');
const TAKEN: WebhookAnswer = { status: 204 };

/** One address that senders call. Its answers are the same whether a name is known or not, and whichever check failed. */
export class WebhookEndpoint {
  readonly #options: WebhookEndpointOptions;
  readonly #logger: SecretLogger;
  readonly #seen = new SeenCalls();
  readonly #paced: readonly PacedReadings[];
  readonly #said = new Set<string>();
  #isClosed = false;

  constructor(options: WebhookEndpointOptions) {
    this.#options = options;
    this.#logger = guardedLogger(options.logger);
    this.#paced = options.listeners.map(
      ({ clock, announce }) => new PacedReadings(clock, (changes) => announce(listOf(changes), true)),
    );
  }

  /** Never rejects. */
  async answer(call: WebhookCall): Promise<WebhookAnswer> {
    const { verifier } = this.#options;
    const isPreflight = call.method === 'OPTIONS' && verifier.preflight !== undefined;
    if (!isPreflight && call.method !== 'POST') return answer(405, 'Method Not Allowed', { allow: 'POST' });
    if (this.#isClosed) return UNAVAILABLE;
    try {
      return this.#answerOf(await (isPreflight ? verifier.preflight!(call) : verifier.verify(call)), call);
    } catch (error) {
      const reason = isSecretError(error) ? error.message : `its verifier failed (${foreignLabel(error)}).`;
      this.#tell(`can't tell whether calls are genuine: ${reason}`);
      return UNAVAILABLE;
    }
  }

  /** From now on nothing is announced. */
  close(): void {
    this.#isClosed = true;
    for (const paced of this.#paced) paced.end();
  }

  #answerOf(verdict: WebhookVerdict, call: WebhookCall): WebhookAnswer {
    switch (verdict.outcome) {
      case 'refused':
        if (verdict.error !== undefined)
          this.#tell(`refused a call as its verifier failed (${foreignLabel(verdict.error)}).`);
        return UNAUTHORIZED;
      case 'malformed':
        return BAD_REQUEST;
      case 'handshake':
        return { status: 200, headers: verdict.headers, body: verdict.body };
      case 'announced':
        if (this.#isClosed) return UNAVAILABLE;
        this.#announce(verdict, call.at);
        return TAKEN;
    }
  }

  #announce({ changes, once, mayBeReplayed = false }: AnnouncingVerdict, now: number): void {
    if (once && this.#seen.has(once.id, now)) return; // the sender's retry, or somebody else's
    const isRemembered = !once || this.#seen.add(once.id, once.until, now);
    if (mayBeReplayed || !isRemembered) for (const paced of this.#paced) paced.take(changes);
    else for (const { announce } of this.#options.listeners) announce(listOf(changes), false);
  }

  /** Once for each reason: senders call again, and so may anybody. */
  #tell(reason: string): void {
    if (this.#said.has(reason) || this.#said.size > 100) return;
    this.#said.add(reason);
    this.#logger.warn(`The webhook at ${this.#options.path} ${reason}`);
  }

  static {
    hideInOutput(WebhookEndpoint.prototype, (self) => `[secrets webhook ${self.#options.path}]`);
  }
}

const listOf = (changes: WebhookChanges): readonly AnnouncedChange[] | undefined =>
  changes === 'all' ? undefined : changes;
