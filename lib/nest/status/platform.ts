import type { IncomingMessage, ServerResponse } from 'node:http';

/** The request of Express, which is Node's, or Fastify's, which has Node's in `raw`. */
export type PlatformRequest = (IncomingMessage | { readonly raw: IncomingMessage }) & { readonly body?: unknown };

/** The same of the response. */
export type PlatformResponse = ServerResponse | FastifyReply;

interface FastifyReply {
  readonly raw: ServerResponse;
  readonly sent?: boolean;
  hijack?(): unknown;
  getHeaders?(): Readonly<Record<string, unknown>>;
}

const isReply = (response: PlatformResponse): response is FastifyReply => 'raw' in response;

export const nodeRequest = (request: PlatformRequest): IncomingMessage => ('raw' in request ? request.raw : request);

/** What a guard may have said by headers: how to log in, a session, when to come again. */
const OF_GUARDS = ['set-cookie', 'www-authenticate', 'retry-after'];

/** Whether somebody, as a guard that leads to a login, has answered already. */
export const isAnswered = (response: PlatformResponse): boolean =>
  isReply(response) ? response.sent === true || response.raw.headersSent : response.headersSent;

/** Node's own response, from now on ours: what Fastify's plugins or Express's middleware would put around an answer stays out of it. */
export function takeResponse(response: PlatformResponse): ServerResponse {
  const raw = isReply(response) ? response.raw : response;
  // Other origins have no business here, whatever the app lets them do elsewhere.
  for (const name of raw.getHeaderNames()) if (name.startsWith('access-control-')) raw.removeHeader(name);
  if (!isReply(response)) return raw;
  const headers = response.getHeaders?.() ?? {};
  response.hijack?.();
  for (const name of OF_GUARDS) {
    const value = headers[name];
    if (value !== undefined) raw.setHeader(name, value as string | string[]);
  }
  return raw;
}
