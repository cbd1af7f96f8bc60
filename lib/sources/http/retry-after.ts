/** A server that asks for more is asked again after so long (ms): what lies beyond any plan must not get into delays and dates. */
const LONGEST = 3_600_000;

/**
 * Milliseconds that a `Retry-After` header asks us to wait, an hour at most: seconds, or an HTTP date (RFC 9110 §10.2.3), which is measured from the
 * answer's own `Date` so that our clock need not agree with the server's. Undefined for anything unreadable.
 */
export function retryAfterOf(value: string | undefined, date: string | undefined): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(LONGEST, Math.round(Number(text) * 1000));
  if (!/[a-z]/i.test(text)) return undefined; // a number that is none would be taken for a year or month
  const until = Date.parse(text);
  if (Number.isNaN(until)) return undefined;
  const now = Date.parse(date ?? '');
  return Math.min(LONGEST, Math.max(0, until - (Number.isNaN(now) ? Date.now() : now)));
}
