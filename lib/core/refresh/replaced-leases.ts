import type { SourceCall } from '../cache/source-call.js';
import type { CancelTimer, Clock } from '../clock.js';
import type { Lease } from '../secret/lease.js';
import type { ConnectionLog } from './connection-log.js';
import type { SecretEvents } from './secret-events.js';
import type { TrackedSecret } from './tracked-secret.js';

export interface ReplacedLeasesOptions {
  readonly call: SourceCall;
  readonly clock: Clock;
  readonly events: SecretEvents;
  readonly log: ConnectionLog;
}

/**
 * Leases whose credentials were replaced, where the source is to end them early: after handlers have run, resources made from them have drained,
 * work that was given them is done, and nobody accepts them beside the current ones any more. Without `release` they run to their own end.
 */
export class ReplacedLeases {
  /** What is still in use, or is being ended, with the way to stop waiting. */
  readonly #pending = new Map<Lease, CancelTimer>();

  constructor(private readonly options: ReplacedLeasesOptions) {}

  /** @param version of the value that the lease was for. */
  add(secret: TrackedSecret, lease: Lease, version: string): void {
    const { source } = this.options.call;
    if (source.release) void this.#releaseWhenFree(secret, lease, version);
  }

  /** Ends credentials that came in and that nobody will ever use, as they were refused or came too late. */
  discard(secret: TrackedSecret, lease: Lease): void {
    const { call } = this.options;
    const { source } = call;
    if (source.revoke)
      void this.#end(
        secret,
        call.run('end a lease', (context) => source.revoke!(lease, context)),
      );
  }

  /** Gives those that were not ended yet: the app goes down, and nobody waits any more. */
  takeAll(): Lease[] {
    const leases = [...this.#pending.keys()];
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
    return leases;
  }

  async #releaseWhenFree(secret: TrackedSecret, lease: Lease, version: string): Promise<void> {
    const { call, clock } = this.options;
    const { holds, replaced } = secret.live;
    const overlap = replaced.retention;
    this.#pending.set(lease, () => undefined);
    if (overlap > 0) await new Promise<void>((over) => this.#pending.set(lease, clock.setTimer(over, overlap)));
    await holds.free(version);
    if (!this.#pending.delete(lease)) return;
    await this.#end(
      secret,
      call.run('end a replaced lease', (context) => call.source.release!(lease, context)),
    );
  }

  /** Never rejects. */
  async #end({ entry }: TrackedSecret, ending: Promise<void>): Promise<void> {
    const { call, events, log } = this.options;
    try {
      await ending;
      events.ofSecret(entry, 'lease-released');
    } catch (thrown) {
      const error = call.translate(thrown, 'end a lease', entry.name);
      events.ofSecret(entry, 'lease-release-failed', { error });
      log.warnOnce('release', `${error.message} Credentials that are not needed any more run to their own end.`);
    }
  }
}
