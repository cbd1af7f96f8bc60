import ms from 'ms';
import { SecretConfigurationError } from './errors/index.js';

/** A time span: milliseconds, or text such as `'90s'`, `'25m'`, `'1.5h'` (the notation of the package `ms`). */
export type Duration = number | string;

/** Milliseconds of a duration. Throws SecretConfigurationError, naming the option, where it is no time span, negative or infinite. */
export function toMilliseconds(duration: Duration, option: string): number {
  const value = typeof duration === 'number' ? duration : parse(duration);
  if (!Number.isFinite(value) || value < 0) {
    throw new SecretConfigurationError(
      `Option "${option}" is no duration: give milliseconds, or text such as "90s", "25m" or "1h".`,
    );
  }
  return value;
}

function parse(text: string): number {
  if (typeof text !== 'string' || text.trim() === '' || text.length > 100) return Number.NaN;
  return ms(text.trim() as ms.StringValue) ?? Number.NaN;
}
