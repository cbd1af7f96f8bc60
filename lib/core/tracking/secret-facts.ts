import { hideInOutput } from '../redaction.js';
import { LiveSecret } from '../store/live-secret.js';
import { Demand } from './demand.js';
import type { Failure } from './failures.js';
import type { RefreshPolicy } from './policy.js';
import type { Schedule } from './schedule.js';
import type { StateContext } from './state-context.js';
import type { Timed } from './timetable.js';
import type { Attempt, SecretPhase, ServedFacts } from './transitions.js';

const NEVER = Number.POSITIVE_INFINITY;
/** An announcement may name a version that has come and gone. */
const REMEMBERED_VERSIONS = 16;
const NO_TIMES: Schedule = { dueAt: NEVER, agesAt: NEVER, endsAt: NEVER };
const UNLOADED: SecretPhase = { kind: 'unloaded' };

/** What is known of one secret (in one version): asked by everybody, written only by its subclass `SecretState`. */
export abstract class SecretFacts implements Timed {
  readonly live: LiveSecret;
  /** Set by each use; taken away when its turn to be evicted comes. */
  used = false;
  readonly demand = new Demand();
  nextAt = NEVER;
  place = -1;
  /** Callers that wait for it: it is not to be forgotten meanwhile. */
  protected waiting = 0;
  protected currentPhase: SecretPhase = UNLOADED;
  /** Of reading and of renewing: each fails and recovers by itself. */
  protected readingFailure: Failure | undefined;
  protected renewalFailure: Failure | undefined;
  /** The source refused to extend the lease that there is. */
  protected isRenewalRefused = false;
  protected isAged = false;
  protected underWay: Attempt | undefined;
  /** Shared by what came together; replaced, never written. */
  protected times: Schedule = NO_TIMES;
  protected lastOutcomeAt = -NEVER;
  protected neededFields: Set<string> | undefined;
  protected versionsBefore: string[] | undefined;
  /** The number of the reading whose answer was taken last; an older one that arrives later is ignored. */
  protected lastAnswer = 0;

  constructor(
    /** Unique within a connection. */
    readonly key: string,
    /** As the source is asked for it. */
    readonly name: string,
    /** The version or stage asked for; undefined is the current one. */
    readonly requested: string | undefined,
    protected readonly context: StateContext,
    /** Grows with each secret that is made: who is younger than whom. */
    readonly ordinal: number,
  ) {
    this.live = new LiveSecret(name, context.connection, requested);
  }

  get phase(): SecretPhase {
    return this.currentPhase;
  }

  /** Of the last reading, where it failed. */
  get failure(): Failure | undefined {
    return this.readingFailure;
  }

  /** Of the last reading, else of the last renewal. */
  get anyFailure(): Failure | undefined {
    return this.readingFailure ?? this.renewalFailure;
  }

  get attempt(): Attempt | undefined {
    return this.underWay;
  }

  /** What is served now. */
  get facts(): ServedFacts | undefined {
    return this.currentPhase.kind === 'served' ? this.currentPhase.facts : undefined;
  }

  /** True from the first value on. */
  get wasLoaded(): boolean {
    return this.currentPhase.kind === 'served' || this.currentPhase.kind === 'ended';
  }

  /** The last answer said that there is none; a value that was there stays in use. */
  get isGone(): boolean {
    const phase = this.currentPhase;
    return phase.kind === 'absent' || (phase.kind !== 'unloaded' && phase.isGone);
  }

  /** A dynamic secret: reading it issues new credentials. */
  get isDynamic(): boolean {
    const phase = this.currentPhase;
    return (phase.kind === 'served' || phase.kind === 'ended') && phase.facts.lease !== undefined;
  }

  get isBusy(): boolean {
    return this.underWay !== undefined || this.waiting > 0;
  }

  get requiredFields(): Iterable<string> {
    return this.neededFields ?? [];
  }

  get endsAt(): number {
    return this.times.endsAt;
  }

  get policy(): RefreshPolicy {
    return this.context.policies.of(this.name);
  }

  /** The same, whoever announces changes. */
  get strictPolicy(): RefreshPolicy {
    return this.context.policies.strict.of(this.name);
  }

  /** May the value be served? The one spelling of that question. */
  canServe(now: number): boolean {
    return this.currentPhase.kind === 'served' && now < this.times.endsAt;
  }

  /** True while it is not read by itself, as its connection is paused. Leases go on. */
  get isPaused(): boolean {
    return this.context.refreshing.isOff && !this.isDynamic;
  }

  /** When it is to be read or renewed, back-off considered; Infinity where nothing but a call or a cron tick reads it. */
  get nextAttemptAt(): number {
    if (this.isPaused) return NEVER;
    const reading = retryOf(this.readingFailure);
    const renewal = retryOf(this.renewalFailure);
    // Neither is tried again before its own time.
    return reading === NEVER && renewal === NEVER ? this.times.dueAt : Math.max(finite(reading), finite(renewal));
  }

  /** True where it is due, aged or over: with back-off over too, a job or a reader does something about it. */
  isOutOfDate(now: number): boolean {
    return (
      this.isAged ||
      this.currentPhase.kind === 'ended' ||
      Math.min(this.times.dueAt, this.times.agesAt, this.times.endsAt) <= now
    );
  }

  isBackingOff(now: number): boolean {
    return (
      this.readingFailure !== undefined && this.readingFailure.retryAt !== NEVER && this.readingFailure.retryAt > now
    );
  }

  /**
   * True for what was fetched on demand and nobody has asked for since: no reason to issue new credentials at all, nor to read the rest by the clock
   * for ever. One that would end is read on: who reads it from memory relies on that.
   */
  get isIdle(): boolean {
    return this.waiting === 0 && this.demand.isOver(this.isDynamic, this.times.endsAt === NEVER);
  }

  /** True where it has aged while nobody kept it up to date: who can wait waits for a better one. */
  hasSlept(now: number): boolean {
    const { facts, isDynamic, demand } = this;
    return (
      demand.isResting &&
      !isDynamic &&
      !this.isPaused &&
      facts !== undefined &&
      facts.arrival.at + this.policy.maxAge <= now
    );
  }

  /** True where its lease may be extended, rather than new credentials opened; the source has to be able to, too. */
  canExtend(now: number): boolean {
    return this.facts?.lease?.renewable === true && !this.isRenewalRefused && this.canServe(now);
  }

  /** True where one version was asked for by its own name, and is there: it is never another one. */
  get isFixed(): boolean {
    return this.requested !== undefined && this.facts?.given.version === this.requested;
  }

  /** True where this version is, or was of late, held. */
  hasHeld(version: string): boolean {
    return this.facts?.given.version === version || this.versionsBefore?.includes(version) === true;
  }

  /** True where something has come of it since then; what the process slept through tells nothing of later. */
  hasOutcomeSince(at: number): boolean {
    return this.lastOutcomeAt >= at;
  }

  /** True where something was to be done by then, and nothing has come of it since: the process may have stood still. */
  isOverdue(at: number): boolean {
    if (this.isPaused || this.hasOutcomeSince(at)) return false;
    const isOld = !this.anyFailure && (this.isAged || this.times.agesAt <= at);
    return isOld || Math.min(this.nextAttemptAt, this.times.endsAt) <= at;
  }

  protected rememberVersion(next: string): void {
    const version = this.facts?.given.version;
    if (version === undefined || version === next) return;
    const before = (this.versionsBefore ??= []);
    before.push(version);
    if (before.length > REMEMBERED_VERSIONS) before.shift();
  }

  /** False for the answer of an older reading that arrives after a newer one's. */
  takes(reading: number): boolean {
    return reading >= this.lastAnswer;
  }

  static {
    hideInOutput(SecretFacts.prototype, (self) => `[secret ${self.name}]`);
  }
}

const retryOf = (failure: Failure | undefined): number => failure?.retryAt ?? NEVER;
const finite = (at: number): number => (at === NEVER ? -NEVER : at);
