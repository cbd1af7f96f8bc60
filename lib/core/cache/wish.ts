import type { TurnReason } from '../shared/shared-cache.js';
import type { SecretState } from '../tracking/secret-state.js';

/**
 * Who may be joined: `joined` any reading; `fresh` none that has begun before; `fresh-if-static` the same, but that a secret which turns out to be a
 * dynamic one is not opened by it. The others are as this one, and say what is wanted of shared caches (see `Wish`); `rejected`, that the other side has
 * refused the value, opens dynamic ones too.
 */
export type Freshness = 'joined' | 'fresh' | 'rejected' | 'fresh-if-static' | 'announced' | 'relayed' | 'told';

/** Those that open no dynamic secret. */
export const isForStatic = (freshness: Freshness): boolean =>
  freshness !== 'joined' && freshness !== 'fresh' && freshness !== 'rejected';

/**
 * What somebody who has a secret read wants of a shared cache, from the least to the most. `told`: what another process has put there, and nothing of the
 * source. `first`: any value that is young enough. `due`: one that is younger than the one that there is. `relayed`: another process has heard that it
 * changed, and may have read it. `announced`: it has changed. `forced`: what is at the source now.
 */
export type Wish = 'told' | 'first' | 'due' | 'relayed' | 'announced' | 'forced';

const ORDER: readonly Wish[] = ['told', 'first', 'due', 'relayed', 'announced', 'forced'];

/** Who join one reading get what the one of them wants who wants most. */
export const stronger = (a: Wish, b: Wish): Wish => (ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b);

/** Why the source is asked, where one reading is for several wishes. */
export function turnReasonOf(wishes: readonly Wish[]): TurnReason {
  if (wishes.includes('forced')) return 'forced';
  if (wishes.some((wish) => wish === 'announced' || wish === 'relayed')) return 'announced';
  return wishes.includes('first') ? 'first' : 'due';
}

export function wishOf(freshness: Freshness, { wasLoaded }: Pick<SecretState, 'wasLoaded'>): Wish {
  if (freshness === 'joined') return wasLoaded ? 'due' : 'first';
  // All of a fleet are refused at once: one reading that another process is about to begin is enough for all.
  if (freshness === 'rejected') return 'announced';
  return freshness === 'fresh' || freshness === 'fresh-if-static' ? 'forced' : freshness;
}
