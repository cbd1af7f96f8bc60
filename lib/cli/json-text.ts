import { UNPRINTABLE_BUT_LINES } from '../core/errors/printable.js';

/**
 * JSON for programs, one value and a line break. `JSON.stringify` leaves some of what a terminal takes for a command (names come from outside): it is
 * escaped, so that programs read the same and who looks at it is safe.
 */
export const jsonText = (value: unknown, indent?: number): string =>
  `${JSON.stringify(value, undefined, indent).replace(UNPRINTABLE_BUT_LINES, escaped)}\n`;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
