import { displayed } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import { isGrantedInFull } from '../lease-timing.js';
import type { Lease } from '../secret/lease.js';
import type { PreparedValue } from '../store/live-secret.js';
import type { Publication } from '../store/publication.js';
import { endedError } from './ended-error.js';
import { countOf, failedAttempt, readingRetryAt, renewalRetryAt } from './failures.js';
import { type Schedule, scheduleValue } from './schedule.js';
import { SecretFacts } from './secret-facts.js';
import type { GoodAnswer, ReplacedLease, StateCollection, StateContext } from './state-context.js';
import type { Attempt, TransitionFacts, TransitionType } from './transitions.js';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * One secret (in one version): the only writer of what is known of it. Each transition moves its live value, its times and its place in the timetable
 * in the same call, and tells one listener.
 */
export class SecretState extends SecretFacts {
  readonly #collection: StateCollection;

  constructor(
    key: string,
    name: string,
    requested: string | undefined,
    context: StateContext,
    collection: StateCollection,
  ) {
    super(key, name, requested, context);
    this.#collection = collection;
  }

  pin(): void {
    if (this.isKept) return;
    this.isKept = true;
    this.#collection.onPinned(this);
  }

  /** Somebody waits for it, until `leave`. */
  enter(): void {
    this.waiting += 1;
  }

  leave(): void {
    this.waiting -= 1;
    if (!this.isBusy) this.#collection.onFree(this);
  }

  /** A rotation that lacks this field is refused from now on. */
  requireField(path: string): void {
    (this.neededFields ??= new Set()).add(path);
  }

  /** Takes part in a reading or a renewal. */
  begin(attempt: Attempt): void {
    this.underWay = attempt;
    this.#plan();
  }

  settle(attempt: Attempt): void {
    if (this.underWay !== attempt) return;
    this.underWay = undefined;
    this.lastOutcomeAt = this.context.clock.now();
    this.#plan();
  }

  /** A new value. Gives the lease whose place it takes. */
  load(answer: GoodAnswer, prepared: PreparedValue, publication: Publication): ReplacedLease | undefined {
    const { live } = this;
    const type = live.current ? 'rotated' : 'loaded';
    const replaced = this.#replacedBy(answer, live.current?.revision);
    live.previousEndsAt = replaced
      ? replaced.endsAt
      : this.currentPhase.kind === 'ended' && this.isDynamic
        ? -NEVER
        : NEVER;
    const failed = this.readingFailure;
    const { given } = answer;
    publication.add(live, prepared, { version: given.version, loadedAt: this.#accept(answer) }, this.isKept);
    if (failed) this.tell('recovered', { version: given.version });
    this.tell(type, { version: given.version, expiresAt: dateOf(live.expiresAt) });
    return replaced;
  }

  /** The value that there is, read anew. Gives the lease whose place another one takes. */
  confirm(answer: GoodAnswer): ReplacedLease | undefined {
    const replaced = this.#replacedBy(answer, undefined);
    const failed = this.readingFailure;
    this.live.confirm({ version: answer.given.version, loadedAt: this.#accept(answer) });
    if (failed) this.tell('recovered', { version: answer.given.version });
    return replaced;
  }

  /** The source has no such secret. A value that was there stays. */
  absent(error: SecretError, arrivedAt: number, reading: number): void {
    this.lastAnswer = reading;
    const phase = this.currentPhase;
    const hasFacts = phase.kind === 'served' || phase.kind === 'ended';
    this.currentPhase = hasFacts ? { ...phase, isGone: true } : { kind: 'absent', error };
    this.live.markMissing(error);
    this.fail(error, arrivedAt);
  }

  /** A reading failed, or its answer was refused. */
  fail(error: SecretError, arrivedAt: number): void {
    const { clock, random } = this.context;
    const failed = failedAttempt(this, error, this.readingFailure, this.context);
    const retryAt = readingRetryAt(failed);
    // Gone, denied or refused for good: the regular refresh looks again.
    if (retryAt === undefined) this.dueAt = scheduleValue({ loadedAt: arrivedAt }, this.policy, random()).dueAt;
    const regular = this.dueAt === NEVER ? failed.now + this.policy.maxAge : this.dueAt;
    this.readingFailure = { error, count: countOf(failed), retryAt: retryAt ?? NEVER, quietUntil: retryAt ?? regular };
    this.#plan();
    this.tell('failed', { error, retryAt: displayed(this.nextAttemptAt, clock) });
  }

  /** Its lease was extended. What is less than it was before nears its maximum: new credentials are due. */
  extend(before: Lease, renewed: Lease): void {
    const { clock, random } = this.context;
    const { facts, isGone } = this;
    if (!facts || facts.lease !== before) return; // read anew meanwhile
    const [now, loadedAtWall, failed] = [clock.now(), clock.wall(), this.anyFailure];
    const isInFull = isGrantedInFull(renewed.duration, before.duration);
    this.currentPhase = { kind: 'served', facts: { ...facts, lease: renewed, loadedAt: now, loadedAtWall }, isGone };
    this.readingFailure = this.renewalFailure = undefined; // a forced reading that failed is of no account any more
    this.isRenewalRefused = !isInFull;
    this.#schedule(scheduleValue({ loadedAt: now, lease: renewed.duration }, this.policy, random()));
    if (!isInFull) this.dueAt = now;
    this.live.expiresAt = loadedAtWall + renewed.duration;
    const { version } = facts.given;
    this.live.confirm({ version, loadedAt: loadedAtWall });
    this.#plan();
    if (failed) this.tell('recovered', { version });
    this.tell(isInFull ? 'lease-renewed' : 'lease-ending', { version, expiresAt: dateOf(this.live.expiresAt) });
  }

  /** A renewal failed in a way that a moment may heal. @param latest when it is no use any more to try again. */
  failRenewal(lease: Lease, error: SecretError, latest: number): void {
    if (this.facts?.lease !== lease) return;
    const { clock } = this.context;
    const failed = failedAttempt(this, error, this.renewalFailure, this.context);
    const retryAt = renewalRetryAt(failed, latest);
    this.renewalFailure = { error, count: countOf(failed), retryAt, quietUntil: retryAt };
    this.#plan();
    const times = { expiresAt: displayed(this.endOfService, clock), retryAt: displayed(retryAt, clock) };
    this.tell('lease-renewal-failed', { error, ...times });
  }

  /** The lease can't be extended, or its end is too near: new credentials are due. @param error why, where it was refused. */
  refuseRenewal(lease: Lease, error?: SecretError): void {
    if (this.facts?.lease !== lease) return;
    const { clock } = this.context;
    this.renewalFailure = undefined;
    this.isRenewalRefused = true;
    this.dueAt = clock.now();
    this.#plan();
    this.tell('lease-ending', { error, expiresAt: displayed(this.endOfService, clock) });
  }

  /** Lets time pass: what has aged or ended by `now` does. */
  pass(now: number): void {
    this.live.forgetReplaced(now);
    if (this.endOfService <= now) this.#end();
    else if (this.agesAt <= now) this.#age();
    this.#plan();
  }

  /** Nobody has asked for it since it was opened: it ends with its lease; who asks again gets it, or a new one. */
  idle(): void {
    this.dueAt = NEVER;
    if (this.readingFailure) this.readingFailure = { ...this.readingFailure, retryAt: NEVER };
    if (this.renewalFailure) this.renewalFailure = { ...this.renewalFailure, retryAt: NEVER };
    this.#plan();
  }

  /** The app closes: a static secret is read no more. */
  rest(): void {
    this.agesAt = NEVER;
    this.idle();
  }

  /** Tells of something that has become of it elsewhere, as of a lease that was replaced. */
  tell(type: TransitionType, facts: TransitionFacts = {}): void {
    this.context.listener.told(this, type, facts);
  }

  #age(): void {
    const { clock, onAgedRead } = this.context;
    this.isAged = true;
    this.agesAt = NEVER;
    this.live.markAged(() => {
      const isQuiet = (this.anyFailure?.quietUntil ?? 0) > clock.now();
      if (!this.underWay && !isQuiet) onAgedRead(this);
    });
  }

  #end(): void {
    const { facts, isGone } = this;
    this.endOfService = this.agesAt = NEVER;
    if (!facts) return;
    const { given, lease, loadedAt, loadedAtWall } = facts;
    this.currentPhase = { kind: 'ended', facts: { version: given.version, lease, loadedAt, loadedAtWall }, isGone };
    this.renewalFailure = undefined;
    const where = { ...this.context, secretName: this.name };
    this.live.end(() => endedError(where, lease !== undefined, this.readingFailure?.error));
    this.#collection.onEnded(this);
    this.tell('ended', { version: given.version });
  }

  /** Takes down what is known of a value; gives the time of loading for display. */
  #accept({ given, arrivedAt, reading, random }: GoodAnswer): number {
    const { clock } = this.context;
    const { lease, expiresAt } = given;
    const loadedAtWall = clock.wall() - (clock.now() - arrivedAt);
    this.lastAnswer = reading;
    this.rememberVersion(given.version);
    this.readingFailure = this.renewalFailure = undefined;
    this.isRenewalRefused = false;
    this.currentPhase = { kind: 'served', facts: { given, lease, loadedAt: arrivedAt, loadedAtWall }, isGone: false };
    if (lease) this.used = false;
    const expiresIn = expiresAt && expiresAt.getTime() - loadedAtWall;
    const times = { loadedAt: arrivedAt, lease: lease?.duration, expiresIn };
    this.#schedule(scheduleValue(times, this.policy, lease ? this.context.random() : random));
    this.live.expiresAt = lease ? loadedAtWall + lease.duration : expiresAt?.getTime();
    this.#collection.onLoaded(this);
    this.#plan();
    return loadedAtWall;
  }

  #replacedBy({ given }: GoodAnswer, revision: number | undefined): ReplacedLease | undefined {
    const lease = this.facts?.lease;
    return lease && lease !== given.lease ? { lease, endsAt: this.endOfService, revision } : undefined;
  }

  #schedule({ dueAt, agesAt, endsAt }: Schedule): void {
    this.dueAt = dueAt;
    this.agesAt = agesAt;
    this.endOfService = endsAt;
    this.isAged = false;
  }

  /** An end has its own time, whatever is under way; no reading is to be planned while one is. */
  #plan(): void {
    const next = this.underWay ? NEVER : this.nextAttemptAt;
    this.#collection.plan(this, Math.min(next, this.agesAt, this.endOfService));
  }
}

const dateOf = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));
