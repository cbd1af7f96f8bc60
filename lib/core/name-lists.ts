import { printable } from './errors/printable.js';

/** Names for a line, and no more than these. */
export function listOfNames(names: Iterable<string>, most = 10): string {
  const all = [...names];
  const shown = all.slice(0, most).map(printable);
  if (all.length > most) shown.push(`and ${all.length - most} more`);
  return shown.join(', ');
}
