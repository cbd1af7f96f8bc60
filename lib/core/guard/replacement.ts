import { printable } from '../errors/printable.js';
import type { Span } from './matcher.js';

/**
 * What stands in a text in place of a secret. Names are not secrets; what would end a text of JSON is left out of them, and where a number or a list of bytes
 * stood in JSON, there is a text.
 */
export function replacementOf({ owner, start, end }: Span, text: string): string {
  const shown = `[secret ${printable(owner.name).replace(/["\\]/g, '_')}]`;
  const isBare = BEFORE.has(text[start - 1]) && BEHIND.has(text[end]);
  return isBare ? `"${shown}"` : shown;
}

const BEFORE: ReadonlySet<string | undefined> = new Set([':', '[', ',']);
const BEHIND: ReadonlySet<string | undefined> = new Set([',', ']', '}']);
