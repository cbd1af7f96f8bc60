import { dateAt, displayed } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import { isGrantedInFull } from '../lease-timing.js';
import type { Lease } from '../secret/lease.js';
import type { Publication } from '../store/publication.js';
import { endedError } from './ended-error.js';
import { countOf, failedAttempt, readingRetryAt, renewalRetryAt } from './failures.js';
import { rescheduleValue, scheduleValue, timesOf } from './schedule.js';
import type { GoodAnswer, Load, Reading, ReplacedLease } from './state-context.js';
import { endedFacts, type Attempt, type TransitionFacts, type TransitionType } from './transitions.js';
import { ownLease } from './own-lease.js';
import { WantedSecret } from './wanted-secret.js';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * One secret (in one version): the only writer of what is known of it. Each transition moves its live value, its times and its place in the timetable
 * in the same call, and tells one listener.
 */
export class SecretState extends WantedSecret {
  protected get self(): this {
    return this;
  }

  /** A rotation that lacks this field is refused from now on. */
  requireField(path: string): void {
    (this.neededFields ??= new Set()).add(path);
  }

  /** Takes part in a reading or a renewal. */
  begin(attempt: Attempt): void {
    this.underWay = attempt;
    this.demand.isResting = false;
    this.plan();
  }

  settle(attempt: Attempt): void {
    if (this.underWay !== attempt) return;
    this.underWay = undefined;
    this.lastOutcomeAt = this.context.outcomeOf(attempt.since);
    this.plan();
  }

  /** A new value: it is with readers when all of its publication are. Says in `load` what is to be done then. */
  load(load: Load, publication: Publication): void {
    const { live } = this;
    load.type = live.current ? 'rotated' : 'loaded';
    load.previousVersion = live.current?.version;
    load.previousCreatedAt = this.facts?.given.createdAt;
    load.hasRecovered = this.readingFailure !== undefined;
    load.replaced = this.#replacedBy(load, live.revision);
    const isOver = this.currentPhase.kind === 'ended' && this.isDynamic;
    live.previousEndsAt = isOver ? -NEVER : load.replaced && this.times.endsAt;
    this.#accept(load);
    publication.add(live, load.prepared, this.demand.isKept);
  }

  /** What `load` has left for later, when readers have the value. */
  finishLoad({ given, type, previousVersion, previousCreatedAt, hasRecovered }: Load): void {
    const { version, createdAt, origin } = given;
    this.collection.onLoaded(this);
    this.plan();
    if (hasRecovered) this.tell('recovered', { version });
    if (!type) return;
    const expiresAt = dateAt(this.live.expiresAt);
    this.tell(type, { version, previousVersion, createdAt, previousCreatedAt, expiresAt, from: origin?.from });
  }

  /** The value that there is, read again. Gives the lease whose place another one takes. */
  confirm(answer: GoodAnswer): ReplacedLease | undefined {
    const replaced = this.#replacedBy(answer, undefined);
    const failed = this.readingFailure;
    this.#accept(answer);
    this.live.confirm(answer.given.version, answer.reading);
    this.collection.onLoaded(this);
    this.plan();
    if (failed) this.tell('recovered', { version: answer.given.version });
    return replaced;
  }

  /** The source has no such secret. A value that was there stays. */
  absent(error: SecretError, reading: Reading): void {
    this.lastAnswer = reading.number;
    const phase = this.currentPhase;
    const hasFacts = phase.kind === 'served' || phase.kind === 'ended';
    this.currentPhase = hasFacts ? { ...phase, isGone: true } : { kind: 'absent', error };
    this.live.markMissing(error);
    if (!hasFacts) this.collection.onAbsent(this, error);
    this.fail(error, reading);
  }

  /** A reading failed, or its answer was refused. */
  fail(error: SecretError, { at, foundAt, random: together }: Reading): void {
    const { clock, random, outcomeOf } = this.context;
    const failedAt = outcomeOf(foundAt?.at ?? at);
    const chance = this.isDynamic ? random() : together; // what failed together is tried again together
    const failed = failedAttempt(this, error, this.readingFailure, failedAt, chance);
    const retryAt = readingRetryAt(failed);
    // Gone, denied or refused for good: the regular refresh looks again, announced or not.
    const { policy } = failed;
    if (retryAt === undefined) this.retime({ dueAt: scheduleValue({ loadedAt: failedAt }, policy, chance).dueAt });
    const { dueAt } = this.times;
    const regular = dueAt === NEVER ? failed.now + policy.maxAge : dueAt;
    this.readingFailure = { error, count: countOf(failed), retryAt: retryAt ?? NEVER, quietUntil: retryAt ?? regular };
    this.plan();
    this.tell('failed', { error, retryAt: displayed(this.nextAttemptAt, clock) });
  }

  /** Its lease was extended. What is less than it was before nears its maximum: new credentials are due. Planned when the renewal settles. */
  extend(before: Lease, renewed: Lease, at: number): void {
    const { clock, random } = this.context;
    const { facts, isGone } = this;
    if (!facts || facts.lease !== before) return; // read again meanwhile
    const [now, failed] = [clock.now(), this.anyFailure];
    const arrival = { at, latest: at < now ? now : undefined, wall: clock.wall() - (now - at) };
    const isInFull = isGrantedInFull(renewed.duration, before.duration);
    this.currentPhase = { kind: 'served', facts: { ...facts, lease: renewed, arrival }, isGone };
    this.readingFailure = this.renewalFailure = undefined; // a forced reading that failed is of no account any more
    this.isRenewalRefused = !isInFull;
    const times = scheduleValue({ loadedAt: arrival.at, lease: renewed.duration }, this.policy, random());
    this.times = isInFull ? times : { ...times, dueAt: arrival.at };
    this.isAged = false;
    this.live.expiresAt = arrival.wall + renewed.duration;
    const { version } = facts.given;
    this.live.confirm(version, arrival);
    if (failed) this.tell('recovered', { version });
    this.tell(isInFull ? 'lease-renewed' : 'lease-ending', { version, expiresAt: dateAt(this.live.expiresAt) });
  }

  /** A renewal failed in a way that a moment may heal. Planned when it settles. @param latest when it is no use any more to try again. */
  failRenewal(lease: Lease, error: SecretError, latest: number): void {
    if (this.facts?.lease !== lease) return;
    const { clock } = this.context;
    const failed = failedAttempt(this, error, this.renewalFailure, clock.now(), this.context.random());
    const retryAt = renewalRetryAt(failed, latest);
    this.renewalFailure = { error, count: countOf(failed), retryAt, quietUntil: retryAt };
    const times = { expiresAt: displayed(this.times.endsAt, clock), retryAt: displayed(retryAt, clock) };
    this.tell('lease-renewal-failed', { error, ...times });
  }

  /** The lease can't be extended, or its end is too near: new credentials are due. @param error why, where it was refused. */
  refuseRenewal(lease: Lease, error?: SecretError): void {
    if (this.facts?.lease !== lease) return;
    const { clock } = this.context;
    this.renewalFailure = undefined;
    this.isRenewalRefused = true;
    this.retime({ dueAt: clock.now() }); // planned by the reading that follows
    this.tell('lease-ending', { error, expiresAt: displayed(this.times.endsAt, clock) });
  }

  /** The policy has changed: what there is of static values is timed again. What failed for good is looked at again when it was to be. */
  repolicy(at: number, random: number): void {
    const { facts, readingFailure, demand } = this;
    if (!facts || facts.lease || demand.isResting) return;
    const { policies } = this.context;
    const [eased, strict] = [policies.eased.of(this.name), policies.strict.of(this.name)];
    const [before, after] = policies.isEased ? [strict, eased] : [eased, strict];
    const { given, arrival } = facts;
    if (given.origin && policies.isBeforeEasing(arrival.at)) return;
    const expiresIn = given.expiresAt && given.expiresAt.getTime() - arrival.wall;
    const times = rescheduleValue({ loadedAt: arrival.at, expiresIn }, { before, after, at, random });
    const dueAt = readingFailure ? Math.min(times.dueAt, this.times.dueAt) : times.dueAt;
    // What has aged is known to be old: it is to be read before it counts as new.
    const endsAt = given.origin ? Math.min(times.endsAt, this.times.endsAt) : times.endsAt;
    this.times = { dueAt, agesAt: this.isAged ? NEVER : times.agesAt, endsAt };
    this.plan();
  }

  /** Lets time pass: what has aged or ended by `now` does. True where it is to be brought up to date, or left to idle, by who asks. */
  pass(now: number): boolean {
    this.live.forgetReplaced(now);
    if (this.times.endsAt <= now) this.#end();
    else if (this.times.agesAt <= now) this.age();
    if (!this.underWay && this.nextAttemptAt <= now) return true;
    this.plan();
    return false;
  }

  /** Tells of something that has become of it elsewhere, as of a lease that was replaced. */
  tell(type: TransitionType, facts: TransitionFacts = {}): void {
    this.context.listener.told(this, type, facts);
  }

  private spreadDue: { readonly from: number; readonly to: number } | undefined;

  /** It was to be read when all others are who share a cache, and is read at random before. */
  spread(random: number): void {
    const { clock } = this.context;
    const left = this.times.dueAt - clock.now();
    if (!this.facts || this.isDynamic || this.demand.isResting || !Number.isFinite(left) || left <= 0) return;
    this.spreadDue = { from: this.times.dueAt, to: clock.now() + left * random };
    this.retime({ dueAt: this.spreadDue.to });
    this.plan();
  }

  /** The others are there again: what was not read meanwhile is due with theirs, and not before. */
  gather(): void {
    const { spreadDue } = this;
    this.spreadDue = undefined;
    if (!spreadDue || this.times.dueAt !== spreadDue.to) return;
    this.retime({ dueAt: spreadDue.from });
    this.plan();
  }

  #end(): void {
    const { facts, isGone } = this;
    this.retime({ endsAt: NEVER, agesAt: NEVER });
    if (!facts) return;
    const ended = endedFacts(facts);
    this.currentPhase = { kind: 'ended', facts: ended, isGone };
    this.renewalFailure = undefined;
    const where = { ...this.context, secretName: this.name };
    this.live.end(() => endedError(where, this, this.readingFailure?.error));
    this.collection.onEnded(this);
    this.tell('ended', { version: ended.version });
  }

  /** Takes down what is known of a value. */
  #accept({ given, reading }: GoodAnswer): void {
    const { lease, expiresAt } = given;
    this.lastAnswer = reading.number;
    this.rememberVersion(given.version);
    this.readingFailure = this.renewalFailure = undefined;
    this.isRenewalRefused = this.isAged = false;
    this.currentPhase = { kind: 'served', facts: { given, lease, arrival: reading }, isGone: false };
    if (lease) this.demand.asked = false;
    // Read while nobody here heard of changes: timed as if nobody announced any.
    const isEarlier = reading.foundAt !== undefined && this.context.policies.isBeforeEasing(reading.at);
    this.times = timesOf(given, reading, isEarlier ? this.strictPolicy : this.policy, this.context);
    this.live.expiresAt = lease ? reading.wall + lease.duration : expiresAt?.getTime();
  }

  #replacedBy({ given }: GoodAnswer, revision: number | undefined): ReplacedLease | undefined {
    const own = ownLease(this.currentPhase, this.context.clock.now());
    return own && own.lease !== given.lease ? { ...own, revision } : undefined;
  }
}
