import type { SecretError } from '../errors/index.js';
import { isNotice, type SourceEvent } from '../source/source-event.js';
import { foreignText } from '../errors/foreign-text.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionFacts, TransitionType } from '../tracking/transitions.js';

/** Where a connection writes what an operator should know. Nest’s Logger fits. Lines never hold a value. */
export interface SecretLogger {
  log(message: string): void;
  warn(message: string): void;
}

export const silentLogger: SecretLogger = { log: () => undefined, warn: () => undefined };

/** One line when secrets begin to fail and one when they are back, however many they are and however often they are tried. */
export class ConnectionLog implements StateListener {
  readonly #failing = new Map<string, string>();
  #news: SecretError[] = [];
  #back: string[] = [];
  /** Why there is no token in order. */
  #sessionFailure: string | undefined;
  readonly #said = new Set<string>();

  constructor(
    readonly connection: string,
    private readonly logger: SecretLogger,
  ) {}

  told(state: SecretState, type: TransitionType, { error }: TransitionFacts): void {
    if (type === 'recovered') {
      if (this.#failing.delete(state.key)) this.#back.push(state.name);
    } else if ((type === 'failed' || type === 'lease-renewal-failed') && error) {
      this.#failed(state, error);
    }
  }

  /** Ends one reading: writes what it brought. */
  settled(): void {
    // That there is no token has been said.
    const news = this.#news.filter(({ reason }) => reason !== this.#sessionFailure);
    const [first] = news;
    if (first) {
      const more = news.length > 1 ? ` (and ${news.length - 1} more)` : '';
      this.logger.warn(`${first.message}${more} Values that are there stay in use.`);
    }
    if (this.#back.length > 0) this.logger.log(`Secrets of "${this.connection}" are back: ${this.#back.join(', ')}.`);
    this.#news = [];
    this.#back = [];
  }

  /** The source's own token, which no secret stands for: one line when it fails, one when it is in order again. */
  session({ type, error, reason }: SourceEvent): void {
    if (type === 'leases-ending') return;
    if (isNotice(type)) {
      const line = `Secrets of "${this.connection}": ${reason ?? ''}`;
      return type === 'insecure' ? this.logger.warn(line) : this.logger.log(line);
    }
    if (type === 'token-outlives-start') {
      this.warnOnce(
        type,
        `Secrets of "${this.connection}": a start that fails would leave its token alive. ${reason ?? ''}`.trim(),
      );
    } else if (type === 'logged-in' || type === 'token-renewed') {
      if (this.#sessionFailure !== undefined)
        this.logger.log(`The token for the secrets of "${this.connection}" is in order again.`);
      this.#sessionFailure = undefined;
    } else if (type === 'token-revocation-failed') {
      this.warnOnce(type, `${error?.message ?? 'A token could not be revoked.'} It runs to its own end.`);
    } else if (error && this.#sessionFailure === undefined) {
      this.#sessionFailure = error.reason;
      this.logger.warn(`${error.message} Values that are there stay in use.`);
    }
  }

  #failed(state: SecretState, error: SecretError): void {
    if (this.#failing.get(state.key) === error.code) return;
    // A secret that was never there and that nobody requires is no news.
    if (!state.wasLoaded && (!state.isPinned || error.code === 'SECRET_NOT_FOUND')) return;
    this.#failing.set(state.key, error.code);
    this.#news.push(error);
  }

  /** An observer of a stream (`changes$`, `rotations$`, `events$`), or an operator before it, has thrown: code of the user's own. */
  readonly observerFailed = (error: unknown): void =>
    this.logger.warn(`An observer of secrets of "${this.connection}" failed: ${foreignText(error)}`);

  info(message: string): void {
    this.logger.log(message);
  }

  warn(message: string): void {
    this.logger.warn(message);
  }

  /** One line of a kind, for what would be said of each secret and each time. */
  warnOnce(kind: string, message: string): void {
    if (!this.#said.has(kind)) this.logger.warn(`${message} This is said once.`);
    this.#said.add(kind);
  }
}
