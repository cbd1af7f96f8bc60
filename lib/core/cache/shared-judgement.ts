import type { Clock } from '../clock.js';
import { SecretAccessDeniedError, SecretNotFoundError, type SecretError } from '../errors/index.js';
import { isTransient } from '../errors/transient.js';
import { Lease } from '../secret/lease.js';
import type { Found } from '../shared/shared-tiers.js';
import { isAsNew, type ListingEntry, type SharedEntry, type ValueEntry } from '../shared/shared-entry.js';
import type { RefreshPolicies, RefreshPolicy } from '../tracking/policy.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { Wish } from './wish.js';
import type { StateAnswer } from './reading-under-way.js';

/** Milliseconds: two machines' clocks differ by so much, and no entry is from the future for it. */
const SKEW = 5_000;
/** A lease is as good as new for this share of it. */
const GOOD = 2 / 3;

/** What orders two states of a secret. */
type Order = Pick<SharedEntry, 'at' | 'fence'>;

interface Held extends Order {
  /** How often the others had been found again when it was read. */
  readonly rejoined: number;
}

export interface Asked {
  readonly state: SecretState;
  readonly wish: Wish;
  /** Another process has been asking the source for it. */
  readonly isFollowed: boolean;
  /** When this reading began, milliseconds since 1970. */
  readonly since: number;
}

/**
 * Says whether what a shared cache holds of a secret will do: whether it is fresh, whether it is newer than what this process has, and whether it is
 * good enough where the source fails.
 */
export class SharedJudgement {
  /** Of what each secret shows, whatever it was read from. */
  readonly #held = new WeakMap<SecretState, Held>();
  /** How often this process has found its way back to the others, and the highest fence that there was then. */
  #rejoined = 0;
  #floor = 0;
  /** Of the last enumeration. */
  #listing: Order | undefined;

  constructor(
    private readonly policies: RefreshPolicies,
    private readonly clock: Clock,
    /** Whether who reads is agreed upon with others, who read in turn. */
    private readonly takesTurns: () => boolean,
  ) {}

  /** This is what is known of the secret from now on. */
  hold(state: SecretState, { at, fence }: Order): void {
    this.#held.set(state, { at, fence, rejoined: this.#rejoined });
  }

  /** Of the turn in which what the secret shows was read. */
  fenceOf(state: SecretState): number | undefined {
    return this.#held.get(state)?.fence;
  }

  /** @param fence the highest until now: what is read in turn from now on is newer than what was read out of turn before. */
  rejoin(fence: number): void {
    this.#rejoined += 1;
    this.#floor = fence;
  }

  /** True where a secret of that name, if there is one, may show this without the source being asked. */
  isGood(name: string, { entry }: Found): boolean {
    return entry.kind === 'value' && this.#isFresh(entry, this.policies.strict.of(name).maxAge);
  }

  /** The answer that `isGood`; undefined where the secret shows as new a one. */
  news(state: SecretState, { entry, origin }: Found): StateAnswer | undefined {
    return entry.kind === 'value' && this.#isNews(state, entry) ? this.#found(state, { entry, origin }) : undefined;
  }

  /** An answer in place of the source's; undefined where the source is to be asked. */
  answer(asked: Asked, { entry, origin }: Found): StateAnswer | undefined {
    const { state, wish, isFollowed, since } = asked;
    if (wish === 'forced' || (wish === 'announced' && !isFollowed) || entry.kind === 'listing') return undefined;
    if (!this.#isNews(state, entry)) return undefined;
    const isTold = isFollowed || wish === 'told' || wish === 'relayed';
    if (entry.kind !== 'value') {
      // It may be healed by now: who starts asks for itself, but where it has just been asked for.
      const isRecent = state.wasLoaded || entry.at >= since - SKEW;
      return isTold && isRecent ? { state, answer: refused(entry) } : undefined;
    }
    const policy = this.policies.strict.of(state.name);
    const most = isTold || !state.wasLoaded ? policy.maxAge : spanOf(policy);
    return this.#isFresh(entry, most) ? this.#found(state, { entry, origin }) : undefined;
  }

  /** The same where the source has failed: an old value is good enough, where it may be as old as that. */
  standIn(state: SecretState, found: Found | undefined, failure: SecretError): StateAnswer | undefined {
    if (!found || !isTransient(failure) || !this.#isNews(state, found.entry)) return undefined;
    const { entry, origin } = found;
    if (entry.kind !== 'value' || !this.isUsable(state.name, found)) return undefined;
    return { ...this.#found(state, { entry, origin }), failure };
  }

  /** True where it may stand in for a failing source, as far as its age says. */
  isUsable(name: string, { entry, origin }: Found): boolean {
    if (entry.kind !== 'value' || this.#isOver(entry)) return false;
    // Nobody can say that its lease is not over.
    if (entry.endsAt !== undefined && this.#ageOf(entry) === undefined) return false;
    const { maxAge, maxStale } = this.policies.strict.of(name);
    const age = this.#ageOf(entry);
    const most = Math.min(maxStale, origin.maxStale);
    // Of an age that nobody knows nobody can say that it is not too old.
    return age === undefined ? most === Number.POSITIVE_INFINITY : age <= maxAge + most;
  }

  /** True where the names of an enumeration are as good as if they were asked for now. @param isEnough for who has none, or waits for another process's. */
  isGoodListing(listing: ListingEntry, isEnough: boolean): boolean {
    const { common } = this.policies.strict;
    const isNews = this.#listing === undefined || !isAsNew(this.#listing, listing);
    return (isEnough || isNews) && this.#isYoung(listing, isEnough ? common.maxAge : spanOf(common));
  }

  holdListing({ at, fence }: Order): void {
    this.#listing = { at, fence };
  }

  #isYoung(entry: SharedEntry, most: number): boolean {
    const age = this.#ageOf(entry);
    return age !== undefined && age < most;
  }

  /** Milliseconds; undefined where the clocks make no sense of it. */
  #ageOf({ at }: SharedEntry): number | undefined {
    const age = this.clock.wall() - at;
    return age < -SKEW ? undefined : Math.max(0, age);
  }

  #isNews(state: SecretState, entry: SharedEntry): boolean {
    const held = this.#held.get(state);
    if (held === undefined) return true;
    const { fence } = entry;
    // Read out of turn by another one: good for who has nothing.
    if (fence === undefined && this.takesTurns()) return false;
    // Read only for itself, while the others were out of reach: clocks of two machines don't say which is newer.
    if (held.fence === undefined && fence !== undefined) return held.rejoined < this.#rejoined && fence > this.#floor;
    return isAsNew(entry, held) && !isAsNew(held, entry);
  }

  #isOver({ endsAt }: ValueEntry): boolean {
    return endsAt !== undefined && endsAt <= this.clock.wall();
  }

  #isFresh(entry: ValueEntry, most: number): boolean {
    if (this.#isOver(entry) || this.#ageOf(entry) === undefined) return false;
    if (entry.endsAt !== undefined) return this.clock.wall() < entry.at + (entry.endsAt - entry.at) * GOOD;
    const { expiresAt } = entry.given;
    return this.#isYoung(entry, most) && (expiresAt === undefined || expiresAt.getTime() > this.clock.wall());
  }

  #found(state: SecretState, { entry, origin }: Found & { readonly entry: ValueEntry }): StateAnswer {
    const { at, endsAt, given, fence } = entry;
    const { maxAge } = this.policies.strict.of(state.name);
    // Who found a lease neither extends nor ends it: it belongs to the process that opened it.
    const lease =
      endsAt === undefined ? undefined : Lease.of({ id: given.lease?.id, duration: Math.max(0, endsAt - at) });
    const age = this.#ageOf(entry) ?? maxAge + 1;
    return {
      state,
      answer: { kind: 'value', given: given.foundIn(origin, lease) },
      arrival: { at: this.clock.now() - age, wall: at },
      isForAll: fence !== undefined,
    };
  }
}

/** Milliseconds: before it is older than this, nobody who has a value of its own reads it again. */
const spanOf = ({ every, jitter, maxAge }: RefreshPolicy): number =>
  every === undefined ? maxAge / 2 : Math.min(maxAge, every * (1 - jitter));

function refused(entry: Exclude<SharedEntry, ValueEntry>): StateAnswer['answer'] {
  const reason = entry.kind === 'listing' ? '' : entry.reason;
  if (entry.kind === 'gone') return { kind: 'absent', error: new SecretNotFoundError(reason) };
  return { kind: 'failed', error: new SecretAccessDeniedError(reason) };
}
