import type { SourceCall } from '../cache/source-call.js';
import type { Clock } from '../clock.js';
import { SecretSourceUnavailableError } from '../errors/index.js';
import { isTransient } from '../errors/transient.js';
import { isGrantedInFull, renewableFor } from '../lease-timing.js';
import type { Lease } from '../secret/lease.js';
import type { ReadContext } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { ServedFacts } from '../tracking/transitions.js';
import type { Pauses } from './pauses.js';

export interface LeaseRenewalOptions {
  readonly call: SourceCall;
  readonly clock: Clock;
  readonly pauses: Pauses;
  /** Milliseconds for one request. */
  readonly timeout: number;
  /** Opens new credentials, where a lease can't be extended. */
  readonly onRefused: (state: SecretState) => void;
  /** What came with one renewal has been told. */
  readonly onSettled: () => void;
}

const ASKED = { operation: 'renew', what: 'renew lease' } as const;

/** Extends leases that can be extended, in place of reading again; a renewal that falls short, or is refused, brings new credentials at once. */
export class LeaseRenewal {
  #isShut = false;

  constructor(private readonly options: LeaseRenewalOptions) {}

  /** True where extending the lease comes before reading again: there is time for that, and for opening new credentials should it hang. */
  canRenew(state: SecretState, now: number): boolean {
    const { facts } = state;
    return this.options.call.source.renew !== undefined && state.canExtend(now) && now < latestRenewal(facts!);
  }

  /** Where `canRenew`. Resolves when the renewal is over, well or badly; new credentials may be on their way then. Never rejects. */
  renew(state: SecretState): Promise<void> {
    const facts = state.facts!;
    let resolve!: () => void;
    const promise = new Promise<void>((done) => (resolve = done));
    const attempt = { kind: 'renewal', since: this.options.clock.now(), started: true, promise } as const;
    state.begin(attempt);
    void this.#renew(state, facts, facts.lease!).then((isRefused) => {
      state.settle(attempt);
      this.options.onSettled();
      if (isRefused) this.options.onRefused(state);
      resolve();
    });
    return promise;
  }

  /** What is under way ends without a word: the app closes. */
  shut(): void {
    this.#isShut = true;
  }

  /** True where new credentials are due. */
  async #renew(state: SecretState, facts: ServedFacts, lease: Lease): Promise<boolean> {
    const { call, clock, timeout, pauses } = this.options;
    // One that hangs is given up while there is time to open new credentials.
    const askedAt = clock.now();
    const within = Math.max(1, (state.endsAt - askedAt) / 2);
    let isGivenUp = false;
    const onTimeout = (): void => void (isGivenUp = within < timeout);
    try {
      const work = (context: ReadContext): Promise<Lease> => call.source.renew!(lease, context);
      const renewed = await call.run(ASKED, work, { within, onTimeout });
      if (!isLease(renewed)) throw new SecretSourceUnavailableError('the source gave no Lease for a renewal.');
      state.extend(lease, renewed, pauses.arrivalOf(askedAt));
      return state.facts?.lease === renewed && !isGrantedInFull(renewed.duration, lease.duration);
    } catch (thrown) {
      if (this.#isShut) return false;
      const error = call.translate(thrown, ASKED.what, state.name);
      if (isTransient(error) && !isGivenUp) {
        state.failRenewal(lease, error, latestRenewal(facts));
        return false;
      }
      state.refuseRenewal(lease, error);
      return true;
    }
  }
}

const latestRenewal = ({ arrival, lease }: ServedFacts): number => arrival.at + renewableFor(lease?.duration ?? 0);

/** Sources are written by others too, and may be of another copy of this package. */
function isLease(lease: unknown): boolean {
  const { duration, renewable } = (lease ?? {}) as Partial<Lease>;
  return Number.isFinite(duration) && duration! >= 0 && typeof renewable === 'boolean';
}
