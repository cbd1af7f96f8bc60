/** Bounds for numbers that come from elsewhere: what makes no sense, or lies beyond any plan, must not get into delays and dates. */
const HUNDRED_YEARS = 100 * 365 * 24 * 3600;
/** A server that asks for more is asked again after so long (ms). */
const LONGEST_PAUSE = 3_600_000;

/** Seconds of a life or lease, from 0 to a hundred years; 0 for what is not a number. */
export const boundedSeconds = (seconds: unknown): number =>
  typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, HUNDRED_YEARS) : 0;

/** Milliseconds to wait, an hour at most; undefined for what is not a pause. */
export const boundedPause = (pause: number | undefined): number | undefined =>
  pause !== undefined && pause >= 0 ? Math.min(pause, LONGEST_PAUSE) : undefined;

/** A time, as text or in milliseconds since 1970; undefined for what is none. */
export function dateOf(time: unknown): Date | undefined {
  if (typeof time !== 'string' && typeof time !== 'number') return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
