import ms from 'ms';
import { SecretConfigurationError } from './errors/index.js';

/** A time span: milliseconds, or text such as `'90s'`, `'25m'`, `'1.5h'` (the notation of the package `ms`). */
export type Duration = number | string;

/**
 * Milliseconds of a duration. Throws SecretConfigurationError, naming the option, where it is no time span, negative or infinite, and for digits as
 * text: whether `'25'` is minutes or milliseconds, nobody can tell.
 * @param taker the function that takes the option.
 */
export function toMilliseconds(duration: Duration, option: string, taker?: string): number {
  const value = typeof duration === 'number' ? duration : parse(duration);
  if (value >= 0 && value <= LONGEST) return value;
  const subject = `Option "${option}"${taker === undefined ? '' : ` of ${taker}`}`;
  if (value > LONGEST && value < Number.POSITIVE_INFINITY) {
    throw new SecretConfigurationError(`${subject} is longer than a hundred years: give less.`);
  }
  throw new SecretConfigurationError(
    isUnitless(duration)
      ? `${subject} is digits as text, without a unit: give e.g. "90s", "25m" or "1h", or a number of milliseconds.`
      : `${subject} is not a duration: give milliseconds, or text such as "90s", "25m" or "1h".`,
  );
}

/** Later than this no clock shows, and no date holds much more. */
const LONGEST = 100 * 365.25 * 24 * 3_600_000;

const isUnitless = (duration: unknown): boolean =>
  typeof duration === 'string' && /^[-+]?(?:\d+\.?|\d*\.\d+)$/.test(duration.trim());

function parse(text: string): number {
  if (typeof text !== 'string' || text.trim() === '' || text.length > 100 || isUnitless(text)) return Number.NaN;
  return ms(text.trim() as ms.StringValue) ?? Number.NaN;
}
