import type { Schedule } from './schedule.js';
import { SecretFacts } from './secret-facts.js';
import type { SecretState } from './secret-state.js';
import type { StateCollection, StateContext } from './state-context.js';

const NEVER = Number.POSITIVE_INFINITY;

/** The part of a secret's state that says who wants it, and so whether it is kept, and when its next event is. Written through its subclass `SecretState`. */
export abstract class WantedSecret extends SecretFacts {
  constructor(
    key: string,
    name: string,
    requested: string | undefined,
    context: StateContext,
    protected readonly collection: StateCollection,
    ordinal: number,
  ) {
    super(key, name, requested, context, ordinal);
  }

  protected abstract readonly self: SecretState;

  /** Somebody holds on to it. What was left alone is read at once. */
  pin(): void {
    const { demand, context } = this;
    if (demand.isHeld) return;
    demand.isHeld = true;
    this.collection.onKept(this.self);
    if (!demand.isResting) return;
    this.retime({ dueAt: context.clock.now() });
    if (!this.isPaused) context.onAgedRead(this.self);
  }

  /** It is one of those that are given together: it is not to be evicted. */
  keep(): void {
    this.demand.isRetained = true;
    this.collection.onKept(this.self);
  }

  /** Somebody waits for it, until `leave`. */
  enter(): void {
    this.waiting += 1;
  }

  leave(): void {
    this.waiting -= 1;
    if (!this.isBusy) this.collection.onFree(this.self);
  }

  /** Its turn to be refreshed has come. False where nobody is there for whom that would be: then it is left alone until somebody asks. */
  takesTurn(): boolean {
    const { demand, context, policy, isDynamic } = this;
    // One that is tried again has had its turn; what was never read has no other.
    if (!this.facts || !this.failure || this.failure.retryAt === NEVER) {
      demand.countTurn(context.clock.now(), policy.maxAge, isDynamic);
    }
    // Who hears of every rotation may hold the value of any.
    if (!this.isIdle || (!isDynamic && context.areRotationsHeard())) return true;
    this.idle();
    return false;
  }

  /** Nobody has asked for it of late: credentials end with their lease, all else is kept as it is; who asks again has it read again. */
  idle(): void {
    this.demand.isResting = true;
    if (!this.isDynamic && this.facts) this.age();
    this.#stop();
  }

  /** The app closes: a static secret is read no more. */
  rest(): void {
    this.retime({ agesAt: NEVER });
    this.#stop();
  }

  /** Its connection was paused: from now on nothing is planned for it but its end. */
  pause(): void {
    this.plan();
  }

  /** Its connection goes on: what was to be read meanwhile is read at `at`. @param isTicked whether all was to be. */
  resume(at: number, isTicked: boolean): void {
    if (this.isDynamic) return;
    if (!this.demand.isResting && (isTicked || this.nextAttemptAt < at)) {
      this.retime({ dueAt: at });
      const { readingFailure } = this;
      if (readingFailure && readingFailure.retryAt !== NEVER) this.readingFailure = { ...readingFailure, retryAt: at };
    }
    this.plan();
  }

  /** Readers get the value as before, and each read has it brought up to date. */
  protected age(): void {
    const { clock, onAgedRead } = this.context;
    this.isAged = true;
    this.retime({ agesAt: NEVER });
    this.live.markAged(() => {
      const isQuiet = (this.anyFailure?.quietUntil ?? 0) > clock.now();
      if (!this.underWay && !isQuiet && !this.isPaused) onAgedRead(this.self);
    });
  }

  #stop(): void {
    this.collection.onIdle(this.self);
    this.retime({ dueAt: NEVER });
    if (this.readingFailure) this.readingFailure = { ...this.readingFailure, retryAt: NEVER };
    if (this.renewalFailure) this.renewalFailure = { ...this.renewalFailure, retryAt: NEVER };
    this.plan();
  }

  protected retime(times: Partial<Schedule>): void {
    this.times = { ...this.times, ...times };
  }

  /** An end has its own time, whatever is under way; no reading is to be planned while one is. */
  protected plan(): void {
    const next = this.underWay ? NEVER : this.nextAttemptAt;
    this.collection.plan(this.self, Math.min(next, this.times.agesAt, this.times.endsAt));
  }
}
