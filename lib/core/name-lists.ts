/** A name as a line of a text may show it: what would begin another line, or drive a terminal, is told by its number. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** Names for a line, and no more than these. */
export function listOfNames(names: Iterable<string>, most = 10): string {
  const all = [...names];
  const shown = all.slice(0, most).map(printable);
  if (all.length > most) shown.push(`and ${all.length - most} more`);
  return shown.join(', ');
}
