/** How many names are looked through: more would hold up whoever asks. */
const MOST_KNOWN = 5_000;

/**
 * The names that somebody may have meant by one that is not there, the nearest first: the same but for upper and lower case, with other folders before
 * it, or with a few letters wrong.
 */
export function nearNames(wanted: string, known: Iterable<string>, most = 3): string[] {
  const [whole, last] = [wanted.toLowerCase(), lastPart(wanted.toLowerCase())];
  const furthest = Math.min(3, Math.floor(whole.length / 3));
  const found: { readonly name: string; readonly distance: number }[] = [];
  let looked = 0;
  for (const name of known) {
    if ((looked += 1) > MOST_KNOWN) break;
    if (name === wanted) continue;
    const candidate = name.toLowerCase();
    if (candidate === whole) found.push({ name, distance: 0 });
    else if (lastPart(candidate) === last) found.push({ name, distance: 0.5 });
    else {
      const distance = distanceWithin(whole, candidate, furthest);
      if (distance !== undefined) found.push({ name, distance });
    }
  }
  const nearest = found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return nearest.slice(0, most).map(({ name }) => name);
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** Letters to add, take away, replace or swap with their neighbour; undefined beyond the limit. */
function distanceWithin(a: string, b: string, limit: number): number | undefined {
  if (Math.abs(a.length - b.length) > limit) return undefined;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? Infinity) + 1);
      next.push(least);
    }
    if (Math.min(...next) > limit) return undefined;
    [before, row] = [row, next];
  }
  return row[b.length]! <= limit ? row[b.length] : undefined;
}
