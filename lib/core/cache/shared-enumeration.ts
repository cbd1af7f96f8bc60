import type { SecretError } from '../errors/index.js';
import { isTransient } from '../errors/transient.js';
import type { ListingEntry } from '../shared/shared-entry.js';
import type { Found } from '../shared/shared-tiers.js';
import { PATIENCE } from '../shared/shared-tiers.js';
import type { Slot } from '../shared/slot.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { StateAnswer } from './reading-under-way.js';
import type { AskedTurn, SharedReadings } from './shared-readings.js';
import type { StateOf } from './enumeration-under-way.js';
import { turnReasonOf, type Wish } from './wish.js';

export interface ListedAnswers {
  /** Those that are as new here need no answer. */
  readonly covered: readonly SecretState[];
  readonly answers: readonly StateAnswer[];
}

/** One enumeration, as far as the tiers have to do with it: the names of the last one are an entry of their own. */
export class SharedEnumeration {
  readonly #slots = new Map<string, Slot>();

  constructor(
    private readonly shared: SharedReadings,
    private readonly wish: Wish,
    private readonly stateOf: StateOf,
    private readonly isOver: () => boolean,
  ) {}

  /** All that the tiers have, where all of it is good; else the turn to ask the source; neither where it is over. */
  async before(): Promise<{ readonly found?: ListedAnswers; readonly turn?: AskedTurn | undefined }> {
    const { listing } = this.shared.tiers;
    let found: ListedAnswers | undefined;
    const turn = await this.shared.turn(
      async (isFollowed) => {
        found = await this.#look(isFollowed);
        return found ? [] : [listing];
      },
      () => turnReasonOf([this.wish]),
      this.isOver,
    );
    return { ...(found && { found }), turn };
  }

  /** What there is in place of an enumeration that has failed, for the names that are known, and those that are `due`; undefined where no names are. */
  async standIn(failure: SecretError, due: readonly SecretState[]): Promise<ListedAnswers | undefined> {
    if (!isTransient(failure)) return undefined;
    const listing = await this.#listing(PATIENCE.last);
    if (!listing) return undefined;
    const { judgement } = this.shared;
    const names = new Set([...listing.names, ...due.map(({ name }) => name)]);
    const answers: StateAnswer[] = [];
    const covered: SecretState[] = [];
    for (const [name, found] of await this.#entries([...names], PATIENCE.last)) {
      const { entry } = found;
      if (entry.kind !== 'value' || !judgement.isUsable(name, found)) continue;
      const state = this.stateOf(name, { kind: 'value', given: entry.given });
      const answer = state && judgement.standIn(state, found, failure);
      if (!state || !answer) continue;
      judgement.hold(state, entry);
      covered.push(state);
      answers.push(answer);
    }
    return { covered, answers };
  }

  async #look(isFollowed: boolean): Promise<ListedAnswers | undefined> {
    const { wish } = this;
    const { judgement } = this.shared;
    if (wish === 'forced' || (wish === 'announced' && !isFollowed)) return undefined;
    const listing = await this.#listing(PATIENCE.first);
    if (!listing || !judgement.isGoodListing(listing, wish === 'first' || isFollowed)) return undefined;
    const entries = await this.#entries(listing.names, PATIENCE.first);
    const isWhole = listing.names.every((name) => {
      const found = entries.get(name);
      return found !== undefined && judgement.isGood(name, found);
    });
    if (!isWhole) return undefined;
    judgement.holdListing(listing);
    const covered: SecretState[] = [];
    const answers: StateAnswer[] = [];
    for (const [name, found] of entries) {
      const { entry } = found;
      const state = entry.kind === 'value' ? this.stateOf(name, { kind: 'value', given: entry.given }) : undefined;
      if (!state) continue;
      covered.push(state);
      const answer = judgement.news(state, found);
      if (answer) answers.push(answer);
      judgement.hold(state, entry);
    }
    return { covered, answers };
  }

  async #listing(patience: number): Promise<ListingEntry | undefined> {
    const { tiers } = this.shared;
    const slot = tiers.listing;
    const entry = (await tiers.find([slot], patience)).get(slot)?.entry;
    return entry?.kind === 'listing' ? entry : undefined;
  }

  async #entries(names: readonly string[], patience: number): Promise<ReadonlyMap<string, Found>> {
    const { tiers } = this.shared;
    const slots = names.map((name) => {
      const slot = this.#slots.get(name) ?? tiers.slotOf(name);
      this.#slots.set(name, slot);
      return slot;
    });
    const found = await tiers.find(slots, patience);
    return new Map([...found].map(([{ name }, one]) => [name, one]));
  }
}
