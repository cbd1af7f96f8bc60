import { printable } from './errors/printable.js';

/** Names, or what is said of each of them, for a line: the first ones, and how many more there are. */
export function listOfNames(names: Iterable<string>, most = 10): string {
  const all = [...names];
  const shown = all.slice(0, most).map(printable);
  if (all.length > most) shown.push(`and ${all.length - most} more`);
  return shown.join(', ');
}
