import { fingerprint } from '../secret/fingerprint.js';
import type { Place, Resolved } from './place.js';
import { readsTheSame, valueOf } from './place.js';
import type { PublishedValue } from './replaced-values.js';

/** A value made ready for its publication: what each place will show of it, and what it showed before. */
export interface PreparedValue {
  /** The revision that it was compared with. */
  readonly against: number;
  readonly next: PublishedValue;
  readonly root: PreparedPlace;
  readonly fields: readonly PreparedPlace[];
}

export interface PreparedPlace {
  readonly place: Place;
  readonly resolved: Resolved;
  readonly isChanged: boolean;
  /** Fingerprint of what it showed, where that was a value. */
  readonly mark: string | undefined;
}

/** Of a secret of which nobody reads a part. */
export const NO_FIELDS: readonly PreparedPlace[] = [];

/** @param before what the place shows now; undefined where there is no value. */
export function preparePlace(place: Place, before: Resolved | undefined, resolved: Resolved): PreparedPlace {
  const shown = valueOf(before);
  const isChanged = !readsTheSame(before, resolved);
  return { place, resolved, isChanged, mark: isChanged && shown !== undefined ? fingerprint(shown) : undefined };
}

/** Shows what was made ready, and notes who is to hear of it. */
export function showPrepared({ place, resolved, isChanged, mark }: PreparedPlace, listeners: (() => void)[]): void {
  place.show(resolved);
  if (!isChanged) return;
  if (mark !== undefined) place.remember(mark);
  place.listenersInto(listeners);
}
