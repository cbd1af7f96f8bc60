import { printable } from '../../core/errors/index.js';
import type { Difference, Outcome } from './difference.js';

const WORDS: Readonly<Record<Outcome, string>> = {
  same: 'same',
  differs: 'differs',
  'only in A': 'only in A',
  'only in B': 'only in B',
  'not opened': 'not opened (dynamic)',
  failed: 'failed',
};

/** A line a name, those that are the same left out. */
export function differenceText(differences: readonly Difference[]): string {
  const lines = differences
    .filter(({ outcome }) => outcome !== 'same')
    .map(({ name, nameThere, outcome, error }) => {
      const names = nameThere === undefined ? name : `${name} -> ${nameThere}`;
      return `${WORDS[outcome].padEnd(20)}  ${printable(names)}${error ? `: ${printable(error.message)}` : ''}`;
    });
  return lines.map((line) => `${line}\n`).join('');
}

/** In one line: how many of each. */
export function differenceSummary(differences: readonly Difference[]): string {
  const counts = (Object.keys(WORDS) as Outcome[])
    .map((outcome) => [outcome, differences.filter((one) => one.outcome === outcome).length] as const)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${WORDS[outcome]}`);
  return counts.length === 0 ? 'there is nothing to compare' : counts.join(', ');
}
