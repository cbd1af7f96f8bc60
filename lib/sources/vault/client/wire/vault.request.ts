import type { Readable } from 'node:stream';
import type { VaultPath } from '../vault-path.js';

/** One call of Vault's API, before it is sent. */
export interface VaultRequest {
  /** @default 'GET' */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined;
  readonly path: VaultPath;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** An object becomes JSON; text, bytes and streams go as they are. */
  readonly body?: object | string | Readable | undefined;
  /** @default 'application/json' */
  readonly contentType?: string | undefined;
  /** Harmless to send twice, so that it may be tried again. @default true for GET, HEAD and DELETE */
  readonly repeatable?: boolean | undefined;
  /** A success is answered when it begins, its body being a stream. */
  readonly streamed?: boolean | undefined;
  /** In place of the client's token; false sends none. */
  readonly token?: string | false | undefined;
  /** An endpoint that only the root namespace has. */
  readonly root?: boolean | undefined;
  /** Never response-wrapped: the answer is not a secret, or is needed by the client itself. */
  readonly unwrapped?: boolean | undefined;
  /** Statuses beyond 2xx that are an answer rather than an error. */
  readonly accepts?: ((status: number, body: unknown) => boolean) | undefined;
}

export const repeatable = ({ repeatable, method = 'GET' }: VaultRequest): boolean =>
  repeatable ?? (method === 'GET' || method === 'HEAD' || method === 'DELETE');

/** The query as it goes on the wire, with its question mark. */
export function queryOf(query: VaultRequest['query']): string {
  if (!query) return '';
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}
