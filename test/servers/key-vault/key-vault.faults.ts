import type { ServerResponse } from 'node:http';
import { error } from './key-vault.wire.js';

/** What goes wrong with the next requests. */
export interface KeyVaultFault {
  readonly status?: number;
  /** The `code` of the error. */
  readonly code?: string;
  readonly inner?: string;
  /** Seconds, or a date; Key Vault was mostly seen to give none. */
  readonly retryAfter?: string;
  /** In place of an error in the service's own form. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers. */
  readonly hang?: boolean;
  /** Ends the connection without an answer. */
  readonly cut?: boolean;
  /** What was asked is done, and the connection ends without an answer. */
  readonly applied?: boolean;
  /** @default all */
  readonly method?: string;
  /** How many requests meet it. @default all */
  readonly times?: number;
  /** Which: a part of the path. @default all */
  readonly path?: string;
}

export class KeyVaultFaults {
  #faults: { readonly fault: KeyVaultFault; left: number }[] = [];
  /** Decides of each request whether it is throttled; see `tokenBucket`. */
  quota: (() => boolean) | undefined;

  add(fault: KeyVaultFault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#faults = [];
    this.quota = undefined;
  }

  /** True where the request has met one. */
  async meet(path: string, method: string, response: ServerResponse, apply = (): void => undefined): Promise<boolean> {
    const met = this.#faults.find(
      ({ fault, left }) => left > 0 && path.includes(fault.path ?? '') && method === (fault.method ?? method),
    );
    if (!met) {
      if (!this.quota || this.quota()) return false;
      error(response, 429, 'Throttled', 'Request was not processed because too many requests were received.');
      return true;
    }
    met.left -= 1;
    const {
      status = 500,
      code = 'InternalServerError',
      inner,
      retryAfter,
      body,
      headers,
      hang,
      cut,
      applied,
    } = met.fault;
    if (applied) apply();
    if (hang) await new Promise((resolve) => response.on('close', resolve));
    else if (cut || applied) response.destroy();
    else {
      for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      if (body === undefined) error(response, status, code, 'canary-message-of-the-service', inner);
      else response.writeHead(status, { 'content-type': 'text/html' }).end(body);
    }
    return true;
  }
}
