/**
 * Milliseconds that a `Retry-After` header asks us to wait: seconds, or an HTTP date (RFC 9110 §10.2.3), which is measured from the answer's
 * own `Date` so that our clock need not agree with the server's. Undefined for anything unreadable, else finite and not
 * negative; how much of it is
 * waited is the core's to say.
 */
export function retryAfterOf(value: string | undefined, date: string | undefined): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const milliseconds = Math.round(Number(text) * 1000);
    return Number.isFinite(milliseconds) ? milliseconds : undefined; // more digits than a number holds
  }
  if (!/[a-z]/i.test(text)) return undefined; // a number that is none would be taken for a year or month
  const until = Date.parse(text);
  if (Number.isNaN(until)) return undefined;
  const now = Date.parse(date ?? '');
  return Math.max(0, until - (Number.isNaN(now) ? Date.now() : now));
}
