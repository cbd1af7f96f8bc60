import type { Clock } from '../clock.js';
import { displayed } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import { foreignText } from '../errors/foreign-text.js';
import { printable, printableStart } from '../errors/printable.js';
import { listOfNames } from '../name-lists.js';
import { isNotice, type SourceEvent } from '../source/source-event.js';
import { endedError } from '../tracking/ended-error.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionFacts, TransitionType } from '../tracking/transitions.js';
import { guardedLogger } from './guarded-logger.js';
import { outlook, timeText } from './outlook.js';

/** Where a connection writes what an operator should know. Nest's Logger fits. Lines never hold a value. */
export interface SecretLogger {
  error(message: string): void;
  warn(message: string): void;
  log(message: string): void;
  debug(message: string): void;
}

const silently = (): void => undefined;
export const silentLogger: SecretLogger = { error: silently, warn: silently, log: silently, debug: silently };

export interface ConnectionLogOptions {
  readonly connection: string;
  readonly sourceKind: string;
  readonly logger: SecretLogger;
  readonly clock: Clock;
  /** All secrets of the connection. */
  readonly secrets: () => Iterable<SecretState>;
}

interface News {
  readonly state: SecretState;
  readonly error: SecretError;
}

/**
 * `starting`: what fails is kept back, for a start that fails lists it, and one that goes well tells what is left of it. `closing`: what is under way
 * is cut off, and is not a failure; `draining` is the same for what is not read any more.
 */
type Phase = 'starting' | 'running' | 'draining' | 'closing';

const LONGEST_VERSION = 100;
/** Kinds of lines that are said once: some name what a user asks for. */
const MOST_SAID = 1_000;

/** One line when secrets begin to fail and one when they are back, however many they are and however often they are tried. */
export class ConnectionLog implements StateListener {
  readonly #failing = new Map<string, string>();
  #phase: Phase = 'running';
  #news: News[] = [];
  #back: string[] = [];
  #ended: SecretState[] = [];
  #rotated: string[] = [];
  /** That channels are lost, which a start has not told yet. */
  readonly #deafness = new Map<object, string>();
  /** Why there is no token in order. */
  #sessionFailure: SecretError | undefined;
  readonly #said = new Set<string>();

  private readonly options: ConnectionLogOptions;

  constructor(options: ConnectionLogOptions) {
    this.options = { ...options, logger: guardedLogger(options.logger) };
  }

  get connection(): string {
    return this.options.connection;
  }

  told(state: SecretState, type: TransitionType, { error, version, previousVersion }: TransitionFacts): void {
    if (type === 'ended') this.#end(state);
    else if (type === 'recovered' || type === 'loaded' || type === 'rotated') this.#recovered(state);
    else if ((type === 'failed' || type === 'lease-renewal-failed') && error) this.#failed(state, error);
    if (type !== 'rotated') return;
    const versions = [previousVersion, version]
      .map((text) => printableStart(text ?? '?', LONGEST_VERSION))
      .join(' to ');
    this.#rotated.push(`"${printable(state.name)}" from ${versions}`);
  }

  /** Ends one reading: writes what it brought. */
  settled(): void {
    const { connection, logger, clock } = this.options;
    if (this.#rotated.length > 0) {
      logger.debug(`Rotated in "${connection}": ${listOfNames(this.#rotated)}.`);
      this.#rotated = [];
    }
    if (this.#phase === 'starting') return;
    // That there is no token has been said.
    const news = this.#news.filter(({ error }) => error.reason !== this.#sessionFailure?.reason);
    const [first] = news;
    if (first) {
      const more = news.length > 1 ? ` (and ${news.length - 1} more)` : '';
      const states = news.map(({ state }) => state);
      logger.warn(`${first.error.message}${more} ${outlook(states, clock)}`);
    }
    if (this.#back.length > 0) logger.log(`Secrets of "${connection}" are back: ${listOfNames(this.#back)}.`);
    this.#news = [];
    this.#back = [];
  }

  /** From now on the connection starts. */
  starting(): void {
    this.#phase = 'starting';
  }

  /** The start waits for a source that fails. @param left milliseconds. */
  waits(error: SecretError, left: number): void {
    const isNew = !this.#said.has('waits');
    this.#said.add('waits');
    if (isNew) this.warn(`${error.message} The start waits for it, for ${Math.ceil(left / 1000)} s at most.`);
  }

  /** The start went well; what fails all the same is told now. */
  started(): void {
    this.#phase = 'running';
    if (this.#sessionFailure) this.#warnOfSession(this.#sessionFailure);
    for (const line of this.#deafness.values()) this.warn(line);
    this.#deafness.clear();
    this.settled();
  }

  /** The app closes, and static secrets are read no more. */
  draining(): void {
    if (this.#phase !== 'closing') this.#phase = 'draining';
  }

  /** All that is under way is ended. */
  closing(): void {
    this.#phase = 'closing';
    this.#news = [];
    this.#ended = [];
  }

  /** The source's own token, which no secret stands for: one line when it fails, one when it is in order again. */
  session({ type, error, reason, expiresAt, isChosen }: SourceEvent): void {
    const { connection } = this.options;
    if (type === 'leases-ending') return;
    if (isNotice(type)) {
      const line = `Secrets of "${this.connection}": ${reason ?? ''}`;
      return type === 'insecure' ? this.warn(line) : this.info(line);
    }
    if (type === 'token-outlives-start') {
      const line = `Secrets of "${connection}": a start that fails would leave its token alive. ${reason ?? ''}`.trim();
      if (isChosen) this.info(line);
      else this.warnOnce(type, line);
    } else if (type === 'logged-in' || type === 'token-renewed') {
      if (this.#sessionFailure && this.#phase !== 'starting')
        this.info(`The token for the secrets of "${connection}" is in order again.`);
      this.#sessionFailure = undefined;
    } else if (type === 'wrapping-token-refused') {
      if (!this.#said.has(type)) this.error(error?.message ?? 'A wrapping token was refused.');
      this.#said.add(type);
    } else if (type === 'token-revocation-failed') {
      const end = expiresAt ? `runs until ${timeText(expiresAt)}` : 'runs to its own end';
      const line = `${error?.message ?? 'A token could not be revoked.'} It ${end}.`;
      if (this.#phase === 'closing') this.warn(line);
      else this.warnOnce(type, line);
    } else if (error && !this.#sessionFailure) {
      this.#sessionFailure = error;
      if (this.#phase === 'running' || this.#phase === 'draining') this.#warnOfSession(error);
    }
  }

  /** Who announces changes is deaf. Where a start fails by the same cause, its error says so. */
  channelLost(channel: object, line: string): void {
    if (this.#phase === 'starting') this.#deafness.set(channel, line);
    else this.warn(line);
  }

  channelResumed(channel: object, line: string): void {
    // Nobody may have been told that it was lost.
    if (!this.#deafness.delete(channel)) this.info(line);
  }

  /** An observer of a stream (`changes$`, `rotations$`, `events$`), or an operator before it, has thrown: code of the user's own. */
  readonly observerFailed = (error: unknown): void =>
    this.warn(`An observer of secrets of "${this.connection}" failed: ${foreignText(error)}`);

  info(message: string): void {
    this.options.logger.log(message);
  }

  error(message: string): void {
    this.options.logger.error(message);
  }

  warn(message: string): void {
    this.options.logger.warn(message);
  }

  /** One line of a kind, for what would be said of each secret and each time. */
  warnOnce(kind: string, message: string): void {
    if (this.#said.size > MOST_SAID) return;
    if (!this.#said.has(kind)) this.warn(`${message} This is said once.`);
    this.#said.add(kind);
  }

  #failed(state: SecretState, error: SecretError): void {
    if (this.#phase === 'closing' || (this.#phase === 'draining' && !state.isDynamic)) return;
    if (this.#failing.get(state.key) === error.code) return;
    // A secret that was never there and that nobody requires is no news.
    if (!state.wasLoaded && (!state.demand.isKept || error.code === 'SECRET_NOT_FOUND')) return;
    this.#failing.set(state.key, error.code);
    this.#news.push({ state, error });
  }

  #recovered(state: SecretState): void {
    if (!this.#failing.delete(state.key)) return;
    const before = this.#news.length;
    this.#news = this.#news.filter((news) => news.state !== state);
    if (this.#news.length === before) this.#back.push(state.name); // else nobody has been told that it failed
  }

  /** Many may end at one moment, as what was read together does: these are one line. */
  #end(state: SecretState): void {
    // What nobody has asked for since it was opened ends as it should.
    if (this.#phase === 'closing' || state.isIdle) return;
    if (!this.#failing.has(state.key)) this.#failing.set(state.key, 'ended');
    if (this.#ended.push(state) === 1) void Promise.resolve().then(() => this.#tellEnds());
  }

  #tellEnds(): void {
    const { connection, sourceKind, logger } = this.options;
    const [first, ...others] = this.#ended;
    this.#ended = [];
    if (!first) return;
    const why = first.failure?.error;
    const error = endedError({ secretName: first.name, connection, sourceKind }, first, why);
    const more = others.length > 0 ? ` The same is true of ${listOfNames(others.map(({ name }) => name))}.` : '';
    logger.error(`${error.message}${why ? ` The last reading: ${why.reason}` : ''}${more}`);
  }

  #warnOfSession(error: SecretError): void {
    const served = [...this.options.secrets()].filter(({ facts }) => facts);
    const leases = served.filter(({ isDynamic }) => isDynamic).map(({ endsAt }) => endsAt);
    const first = displayed(Math.min(...leases), this.options.clock);
    const until = first ? `, leased ones until they end (the first at ${timeText(first)})` : '';
    const there = served.length === 1 ? 'secret that is there stays' : `${served.length} secrets that are there stay`;
    const stay = served.length > 0 ? ` The ${there} in use${until}.` : '';
    this.warn(`${error.message}${stay}`);
  }
}
