import type { Dispatcher } from 'undici';
import type { ExchangeFailure } from './http.errors.js';

/** What came back, before anybody judges it. The body may hold secrets: it goes no further than HttpResponse. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * One request on undici's dispatcher, its body gathered without a stream between. `stop` settles it at once, in whatever state:
 * undici's own `request` would wait for a connection before it looked at the signal.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<ExchangeAnswer>;
  /** False as long as nothing of the request can have reached the server. */
  started = false;
  /** True once the server has begun to answer. */
  answering = false;
  #resolve!: (answer: ExchangeAnswer) => void;
  #reject!: (failure: ExchangeFailure) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #stopped = false;
  #status = 0;
  #headers: ExchangeAnswer['headers'] = {};
  #size = 0;
  readonly #chunks: Buffer[] = [];
  readonly #maxBody: number;

  constructor(maxBody: number) {
    this.#maxBody = maxBody;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  stop(failure: ExchangeFailure): void {
    this.#stopped = true;
    this.#reject(failure);
    this.#controller?.abort(new Error('stopped'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped) controller.abort(new Error('stopped'));
    else this.started = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ExchangeAnswer['headers']): void {
    if (status < 200) return; // an informational answer, the real one follows
    this.answering = true;
    this.#status = status;
    this.#headers = headers;
    if (Number(headers['content-length']) > this.#maxBody) this.stop({ kind: 'oversize', limit: this.#maxBody });
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#maxBody) this.stop({ kind: 'oversize', limit: this.#maxBody });
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first, ...more] = this.#chunks;
    const body = first && more.length === 0 ? first : Buffer.concat(this.#chunks, this.#size);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#reject({ kind: 'wire', error });
  }
}
