import type { SourceCall } from '../cache/source-call.js';
import type { CancelTimer, Clock } from '../clock.js';
import type { Lease } from '../secret/lease.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { ReplacedLease } from '../tracking/state-context.js';
import type { ConnectionLog } from './connection-log.js';
import { Waits } from './waits.js';

export interface ReplacedLeasesOptions {
  readonly call: SourceCall;
  readonly clock: Clock;
  readonly log: ConnectionLog;
}

const AWAITED = { isAwaited: true };

const asked = (what: string) => ({ operation: 'revoke', what }) as const;

/**
 * Leases whose credentials were replaced. Where the source is to end them early (`release`): after handlers have run, resources made from them have
 * drained, work that was given them is done, and nobody accepts them beside the current ones any more. Else they run to their own end, but that the
 * app's end is theirs too.
 */
export class ReplacedLeases {
  /** What still lives, with the way to stop waiting for its end. */
  readonly #living = new Map<Lease, CancelTimer>();

  /** Resolves when the endings that the source has been asked for are over. */
  #ended: Promise<void> = Promise.resolve();
  readonly #overlaps: Waits;

  constructor(private readonly options: ReplacedLeasesOptions) {
    this.#overlaps = new Waits(options.clock);
  }

  add(state: SecretState, { lease, livesUntil, revision }: ReplacedLease): void {
    const { call, clock } = this.options;
    const left = livesUntil - clock.now();
    if (left <= 0 || call.isClosed) return;
    this.#living.set(
      lease,
      clock.setTimer(() => this.#living.delete(lease), left),
    );
    // Another lease for the same credentials: these are still in use.
    if (call.source.release && revision !== undefined) void this.#releaseWhenFree(state, lease, revision);
  }

  /** Ends credentials that came in and that nobody will ever use, as they were refused or came too late. */
  discard(state: SecretState, lease: Lease): void {
    const { call } = this.options;
    const { source } = call;
    if (source.revoke)
      void this.#end(state, () => call.run(asked('end a lease'), (context) => source.revoke!(lease, context), AWAITED));
  }

  /** Resolves when the endings that the source has been asked for are over. */
  settled(): Promise<void> {
    return this.#ended;
  }

  /** Gives those that were not ended yet: the app goes down, and nobody waits any more. */
  takeAll(): Lease[] {
    const leases = [...this.#living.keys()];
    for (const cancel of this.#living.values()) cancel();
    this.#living.clear();
    this.#overlaps.end();
    return leases;
  }

  async #releaseWhenFree(state: SecretState, lease: Lease, revision: number): Promise<void> {
    const { call } = this.options;
    const { holds, retention } = state.live;
    await this.#overlaps.for(retention);
    await holds.free(revision);
    const cancel = this.#living.get(lease);
    if (!cancel) return; // it has ended by itself, or with the app
    cancel();
    this.#living.delete(lease);
    await this.#end(state, () =>
      call.run(asked('end a replaced lease'), (context) => call.source.release!(lease, context), AWAITED),
    );
  }

  /** Never rejects. */
  async #end(state: SecretState, ending: () => Promise<void>): Promise<void> {
    const { call, log } = this.options;
    const asked = ending();
    const over = asked.catch(() => undefined);
    this.#ended = this.#ended.then(() => over);
    try {
      await asked;
      state.tell('lease-released');
    } catch (thrown) {
      if (call.isClosed) return;
      const error = call.translate(thrown, 'end a lease', state.name);
      state.tell('lease-release-failed', { error });
      log.warnOnce('release', `${error.message} Credentials that are not needed any more run to their own end.`);
    }
  }
}
