import type { IncomingMessage } from 'node:http';

/** Header that a page of another origin can't send without being asked for its right to. */
export const OWN_HEADER = 'x-secrets-status';

/** True where a browser says that a page of another origin asks. What is not a browser says nothing of it. */
export function isFromElsewhere({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/**
 * True where an action may have been asked for by this page, or by what is not a browser. Browsers send `Origin` with each POST; `Sec-Fetch-Site`, where they trust
 * the connection, is right also behind a proxy that calls us by another name.
 */
export function isOfThisPage({ headers }: IncomingMessage): boolean {
  if (headers[OWN_HEADER] !== '1') return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  if (origin === undefined) return true;
  // Not what a proxy says that it was called: anybody may say so.
  return URL.canParse(origin) && new URL(origin).host === headers.host;
}
