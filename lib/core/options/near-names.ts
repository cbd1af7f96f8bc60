import { printable } from '../errors/printable.js';

/** What a search may cost at most, in steps; for all searches that share it, so that many names against many hold nothing up. */
export class SearchEffort {
  #left = 20_000_000;

  /** False where it is used up. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left > 0;
  }
}

/**
 * Names that somebody may have meant who wrote another: the nearest first, at most three. Capitals, `_` and `-` make no difference.
 * What the effort does not suffice for is not looked at.
 */
export function nearNames(written: string, known: Iterable<string>, effort = new SearchEffort()): string[] {
  const plain = plainName(written);
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of known) {
    const other = plainName(name);
    const limit = Math.max(1, Math.floor(Math.max(plain.length, other.length) / 3));
    // Names of very different lengths are not near: nothing is computed for them.
    if (Math.abs(plain.length - other.length) > limit) continue;
    if (!effort.spend(plain.length * other.length + 100)) break;
    const distance = editDistance(plain, other);
    if (distance <= limit) near.push({ name, distance });
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** ` Did you mean "A" or "B"?`, or nothing. */
export function didYouMean(near: readonly string[]): string {
  return near.length === 0 ? '' : ` Did you mean ${near.map((name) => `"${printable(name)}"`).join(' or ')}?`;
}

/** Secrets' names may be long: what lies beyond decides nothing. */
const plainName = (name: string): string => name.slice(0, 100).toLowerCase().replace(/[_-]/g, '');

/** Letters that were left out, put in, changed, or exchanged with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      next[column] = Math.min(changed, last[column]! + 1, next[column - 1]! + 1);
      const exchanged = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (exchanged) next[column] = Math.min(next[column]!, beforeLast[column - 2]! + 1);
    }
    [beforeLast, last] = [last, next];
  }
  return last[b.length]!;
}
