import { foreignCause } from '../../../../core/errors/index.js';
import { hideInOutput } from '../../../../core/redaction.js';
import type { HttpRequest } from '../../../http/index.js';
import { HttpResponse, TIMED_OUT } from '../../../http/index.js';
import { VaultConnectionError } from '../vault.errors.js';

/** The part of `fetch` that is used: the global one fits, and so does undici's or a test's. */
export type Fetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<Response>;

export interface FetchTransportOptions {
  readonly origin: string;
  readonly fetch: Fetch;
  readonly timeout: number;
  readonly maxBody: number;
}

/** A user's own `fetch` in place of our transport, within the same bounds: time, size of the body, no redirect of its own. */
export class FetchTransport {
  readonly #options: FetchTransportOptions;

  constructor(options: FetchTransportOptions) {
    this.#options = options;
  }

  async request({
    method = 'GET',
    path,
    headers,
    body,
    signal,
    timeout = this.#options.timeout,
  }: HttpRequest): Promise<HttpResponse> {
    const { origin } = this.#options;
    const controller = new AbortController();
    let give!: (error: VaultConnectionError) => void;
    const stopped = new Promise<never>((_, reject) => (give = reject));
    const stop = (reason: string, cause?: unknown): void => {
      give(new VaultConnectionError(reason, { effect: 'possible', cause }));
      controller.abort();
    };
    const onAbort = (): void => stop(`the request to ${origin} was aborted.`);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => stop(`${origin} gave no whole answer within ${timeout} ms.`, TIMED_OUT), timeout);
    timer.unref();
    const init = {
      method,
      headers: { ...headers },
      ...(body !== undefined && { body: body as string }),
      redirect: 'manual' as const,
      signal: controller.signal,
    };
    try {
      // A fetch that ignores its signal must not hold the caller.
      return await Promise.race([stopped, this.#exchange(path, init)]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The connections are the user's. */
  reopen(): void {}

  /** The connections are the user's. */
  async close(): Promise<void> {}

  async #exchange(path: string, init: Parameters<Fetch>[1]): Promise<HttpResponse> {
    const { origin, fetch } = this.#options;
    try {
      const response = await fetch(origin + path, init);
      const body = await this.#bodyOf(response);
      return new HttpResponse(
        { status: response.status, headers: Object.fromEntries(response.headers), body },
        origin,
        'vault',
      );
    } catch (error) {
      if (error instanceof VaultConnectionError) throw error;
      const code = foreignCause(error)?.code ?? foreignCause(error)?.name;
      throw new VaultConnectionError(`no whole answer of ${origin} (${code}).`, {
        cause: error,
        effect: code === 'ECONNREFUSED' || code === 'ENOTFOUND' ? 'none' : 'possible',
        transient: true,
      });
    }
  }

  async #bodyOf(response: Response): Promise<Buffer> {
    const { origin, maxBody } = this.#options;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > maxBody) {
        throw new VaultConnectionError(`the answer of ${origin} is larger than ${maxBody} bytes.`, {
          effect: 'possible',
        });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  }

  static {
    hideInOutput(FetchTransport.prototype, () => '[fetch]');
  }
}
