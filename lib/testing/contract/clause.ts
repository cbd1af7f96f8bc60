import type { Harness } from './harness.js';
import type { SeedValues, SourcePart, ValueKind } from './source-under-test.js';

/** One thing that every source must hold, as far as it has the parts for it. */
export interface Clause {
  readonly title: string;
  readonly needs?: readonly SourcePart[];
  readonly kind?: ValueKind;
  /** What the backend holds at the beginning. */
  readonly values: SeedValues;
  hold(harness: Harness): Promise<void>;
}
