import type { SecretErrorCode } from '../../core/errors/index.js';
import type { Contents, Held } from '../contents/held-secrets.js';
import type { NameMapping } from '../contents/name-mapping.js';
import { withTypedOptions } from '../source/typed-options.js';

/** What can be said of one name in two sources: nothing of values but whether they are equal. */
export type Outcome = 'same' | 'differs' | 'only in A' | 'only in B' | 'not opened' | 'failed';

export interface Difference {
  /** At A; at B where only that has it. */
  readonly name: string;
  /** At B, where it is another one. */
  readonly nameThere?: string;
  readonly outcome: Outcome;
  readonly error?: { readonly code: SecretErrorCode; readonly message: string };
}

/** All names of two sources, in their order, with what is said of each. */
export function differencesOf(a: Contents, b: Contents, mapping: NameMapping): readonly Difference[] {
  const seen = new Set<string>();
  const differences: Difference[] = [];
  for (const [name, held] of a) {
    const there = mapping.to(name) ?? name;
    seen.add(there);
    differences.push({
      name,
      ...(there !== name && { nameThere: there }),
      ...compared(held, b.get(there)),
    });
  }
  for (const [name, held] of b) if (!seen.has(name)) differences.push({ name, ...compared(undefined, held) });
  return differences.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

function compared(a: Held | undefined, b: Held | undefined): Pick<Difference, 'outcome' | 'error'> {
  const failed = [a, b].find((held) => held?.kind === 'failed');
  if (failed?.kind === 'failed') {
    const { code, message } = failed.error;
    return { outcome: 'failed', error: { code, message: withTypedOptions(message) } };
  }
  if (!a || !b) return { outcome: a ? 'only in A' : 'only in B' };
  if (a.kind !== 'value' || b.kind !== 'value') return { outcome: 'not opened' };
  return { outcome: a.held.isSameAs(b.held) ? 'same' : 'differs' };
}

/** True where nothing differs; what was not opened can't. */
export const areSame = (differences: readonly Difference[]): boolean =>
  differences.every(({ outcome }) => outcome === 'same' || outcome === 'not opened');
