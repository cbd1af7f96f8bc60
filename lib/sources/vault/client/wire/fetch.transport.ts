import { Readable } from 'node:stream';
import { foreignCause } from '../../../../core/errors/index.js';
import { hideInOutput } from '../../../../core/redaction.js';
import type { BodyStream, HttpRequest } from '../../../http/index.js';
import { HttpResponse, TIMED_OUT } from '../../../http/index.js';
import { VaultConnectionError } from '../vault.errors.js';
import { fetchedBody } from './fetched.body.js';

const NOTHING = Buffer.alloc(0);

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
    streamed,
    timeout = this.#options.timeout,
  }: HttpRequest): Promise<HttpResponse> {
    const { origin } = this.#options;
    const controller = new AbortController();
    let give!: (error: VaultConnectionError) => void;
    const stopped = new Promise<never>((_, reject) => (give = reject));
    let stream: BodyStream | undefined;
    const stop = (reason: string, cause?: unknown): void => {
      const error = new VaultConnectionError(reason, { effect: 'possible', cause });
      give(error);
      stream?.break(error);
      controller.abort();
    };
    const onAbort = (): void => stop(`the request to ${origin} was aborted.`);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const late = `${origin} gave no whole answer within ${timeout} ms.`;
    const timer = setTimeout(() => stop(late, TIMED_OUT), timeout);
    timer.unref();
    const init = {
      method,
      headers: { ...headers },
      ...(body !== undefined && { body: body as string }),
      ...(body instanceof Readable && { duplex: 'half' as const }),
      redirect: 'manual' as const,
      signal: controller.signal,
    };
    const opened = (response: Response): BodyStream =>
      (stream = fetchedBody(response, {
        timeout,
        abort: () => controller.abort(),
        errorOf: (failure) => this.#failed(failure),
        late: () => new VaultConnectionError(late, { effect: 'possible' }),
      }));
    const off = (): void => signal?.removeEventListener('abort', onAbort);
    try {
      // A fetch that ignores its signal must not hold the caller.
      return await Promise.race([stopped, this.#exchange(path, init, streamed ? opened : undefined)]);
    } finally {
      clearTimeout(timer);
      if (stream && !stream.closed) stream.once('close', off);
      else off();
    }
  }

  /** The connections are the user's. */
  reopen(): void {}

  /** The connections are the user's. */
  async close(): Promise<void> {}

  async #exchange(
    path: string,
    init: Parameters<Fetch>[1],
    opened: ((response: Response) => BodyStream) | undefined,
  ): Promise<HttpResponse> {
    const { origin, fetch } = this.#options;
    try {
      const response = await fetch(origin + path, init);
      const { status } = response;
      const headers = Object.fromEntries(response.headers);
      const body =
        opened && response.ok ? { body: NOTHING, stream: opened(response) } : { body: await this.#bodyOf(response) };
      return new HttpResponse({ status, headers, ...body }, origin, 'vault');
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): Error {
    if (error instanceof VaultConnectionError) return error;
    const code = foreignCause(error)?.code ?? foreignCause(error)?.name;
    return new VaultConnectionError(`no whole answer of ${this.#options.origin} (${code}).`, {
      cause: error,
      effect: code === 'ECONNREFUSED' || code === 'ENOTFOUND' ? 'none' : 'possible',
      transient: true,
    });
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
