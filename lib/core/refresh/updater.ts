import { closedError } from '../cache/closed-error.js';
import type { SourceReader } from '../cache/source-reader.js';
import type { Freshness } from '../cache/wish.js';
import type { Clock } from '../clock.js';
import { isSecretError, SecretSourceUnavailableError, type SecretError } from '../errors/index.js';
import type { SecretState } from '../tracking/secret-state.js';
import { settledOf } from '../tracking/transitions.js';
import type { LeaseRenewal } from './lease-renewal.js';
import type { Pauses } from './pauses.js';
import { Waits } from './waits.js';

export interface UpdaterOptions {
  readonly reader: SourceReader;
  readonly renewal: LeaseRenewal;
  readonly pauses: Pauses;
  readonly clock: Clock;
  /** Milliseconds: who waits for the end of a back-off waits no longer. */
  readonly timeout: number;
  readonly connection: string;
  readonly sourceKind: string;
  /** Reads static secrets, by enumeration where all are kept. */
  readonly readMany: (states: readonly SecretState[]) => Promise<void>;
}

const NOTHING = Promise.resolve();
const notAwaited = (): Promise<void> => NOTHING;

/** A source whose credentials are over when they arrive is not asked for ever. */
const MOST_ATTEMPTS = 3;

/**
 * The one door through which secrets are brought up to date, whoever asks: the job, a reader of an aged value, `fetch`, `refresh`, an announcement.
 * It joins what is under way, renews before it reads, asks the state again after each wait, and is shut before anything is ended.
 */
export class Updater {
  /** They end with the shutting of the door. */
  readonly #waits: Waits;

  constructor(private readonly options: UpdaterOptions) {
    this.#waits = new Waits(options.clock, true);
  }

  get isShut(): boolean {
    return this.#waits.areOver;
  }

  /** Nobody gets in any more; who waits inside is told so. */
  shut(): void {
    this.#waits.end();
  }

  /** Throws where the door is shut. @param name of the secret that is asked for, where it is one. */
  checkOpen(name?: string): void {
    if (this.isShut) throw this.closedError(name);
  }

  /** What comes of asking after the door was shut. */
  closedError(secretName?: string): SecretError {
    const { connection, sourceKind } = this.options;
    return closedError('read').located({ secretName, connection, sourceKind });
  }

  /** Brings up to date what is out of date: extends leases that can be extended, reads the rest. Resolves when that is done, well or badly. */
  async bring(states: readonly SecretState[]): Promise<void> {
    if (this.isShut) return;
    const { renewal, clock, pauses, readMany } = this.options;
    pauses.notice();
    const now = clock.now();
    const pending = new Set<Promise<void>>();
    const toRead: SecretState[] = [];
    for (const state of states) {
      if (state.attempt) pending.add(state.attempt.promise);
      else if (renewal.canRenew(state, now)) pending.add(renewal.renew(state));
      else toRead.push(state);
    }
    if (toRead.length > 0) pending.add(readMany(toRead));
    await Promise.all(pending);
  }

  /** The same for one secret, by its name. */
  async bringOne(state: SecretState): Promise<void> {
    this.options.pauses.notice(); // what is asked from now on is asked after the pause
    await this.#begin(state);
  }

  /** The same for several, each by its name. */
  async bringEach(states: readonly SecretState[]): Promise<void> {
    this.options.pauses.notice();
    const attempts = states.map((state) => {
      void this.#begin(state, notAwaited);
      return state.attempt;
    });
    // One after the other: there may be many, and most are let go with the first.
    for (let index = 0; index < states.length; index += 1) {
      const [state, attempt] = [states[index]!, attempts[index]];
      if (attempt && state.attempt === attempt) await settledOf(attempt, state);
    }
  }

  /** @param settled when the answer is waited for. */
  #begin(state: SecretState, settled: typeof settledOf = settledOf): Promise<void> | undefined {
    if (this.isShut) return undefined;
    const { reader, renewal, clock } = this.options;
    if (state.attempt) return settled(state.attempt, state);
    const now = clock.now();
    // Who asked may have waited, and somebody else has brought it meanwhile.
    if (state.canServe(now) && !state.isOutOfDate(now)) return undefined;
    return renewal.canRenew(state, now) ? renewal.renew(state) : reader.join(state, 'joined', undefined, settled);
  }

  /** Reads secrets again: no reading that was begun before is joined. */
  async readAnew(states: readonly SecretState[], freshness: Freshness = 'fresh'): Promise<void> {
    if (this.isShut) return;
    const { reader } = this.options;
    await reader.joinAll(states, freshness);
  }

  /** True where the value may be given to somebody who can wait for a better one. Looks at the clock. */
  isUsable(state: SecretState): boolean {
    const now = this.options.clock.now();
    return state.canServe(now) && !state.hasSlept(now) && !state.isOverdue(this.options.pauses.notice());
  }

  /**
   * Sees to it that there is a value which may be served, reading it where there is none; after a pause of the process what was overdue is read first.
   * Within a back-off it waits for its end, where that comes within one time-out. Rejects where there is no value, or the app closes.
   */
  async provide(state: SecretState): Promise<void> {
    state.enter();
    try {
      for (let attempts = 0; ;) {
        this.checkOpen(state.name);
        const { clock, pauses } = this.options;
        const isServed = state.canServe(clock.now());
        const isTried = attempts > 0 && state.hasOutcomeSince(pauses.notice());
        if (isServed && (isTried || attempts >= MOST_ATTEMPTS || this.isUsable(state))) return;
        if (isTried && state.failure && !state.attempt) throw state.failure.error;
        if (attempts >= MOST_ATTEMPTS) throw this.#nothing(state);
        if (!isServed && !state.attempt && state.isBackingOff(clock.now())) {
          const wait = state.failure!.retryAt - clock.now();
          if (wait > this.options.timeout) throw state.failure!.error;
          await this.pause(wait);
          continue;
        }
        attempts += 1;
        await this.bringOne(state);
      }
    } finally {
      state.leave();
    }
  }

  /** Sees to it that the value is younger than `maxAge` milliseconds. Rejects where it can't be read again. A lease vouches for its value, whatever its age. */
  async provideWithin(state: SecretState, maxAge: number): Promise<void> {
    const { clock, reader } = this.options;
    const isOld = (): boolean => {
      const { facts, isDynamic } = state;
      return facts !== undefined && !isDynamic && clock.now() - facts.arrival.at >= maxAge;
    };
    if (this.isShut || !isOld()) return;
    const before = state.facts!.arrival.at;
    if (state.isBackingOff(clock.now())) throw state.failure!.error;
    await reader.join(state, 'joined', 'forced');
    this.checkOpen(state.name);
    if (state.failure && state.facts?.arrival.at === before) throw state.failure.error;
  }

  /** Calls back when the door is shut, until the function that comes back is called. */
  onShut(callback: () => void): () => void {
    return this.#waits.onEnd(callback);
  }

  /** Waits, but not past the shutting of the door. */
  pause(delay: number): Promise<void> {
    return this.#waits.for(delay);
  }

  #nothing({ name, phase }: SecretState): Error {
    const { connection, sourceKind } = this.options;
    if (phase.kind === 'absent' && isSecretError(phase.error)) return phase.error;
    return new SecretSourceUnavailableError('what the source gives is over when it arrives.', {
      secretName: name,
      connection,
      sourceKind,
    });
  }
}
