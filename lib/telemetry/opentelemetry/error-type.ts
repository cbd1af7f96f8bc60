/** What the conventions call a failure that has no name of its own. */
const OTHER = '_OTHER';
/** As many kinds of failures an app may have, be it that a driver makes up a code for each. */
const MOST = 100;
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

const known = new Set<string>();

/** A code as the value of `error.type`: codes of drivers are code of others, and each would be a time series. */
export function errorType(code: string | undefined): string {
  if (code === undefined || !NAME.test(code)) return OTHER;
  if (!known.has(code) && known.size >= MOST) return OTHER;
  known.add(code);
  return code;
}
