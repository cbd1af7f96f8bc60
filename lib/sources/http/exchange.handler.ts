import type { Dispatcher } from 'undici';
import { BodyStream } from './body.stream.js';
import type { ExchangeFailure } from './http.errors.js';

/** What came back, before anybody judges it. The body may hold secrets: it goes no further than HttpResponse. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty where it comes as a stream. */
  readonly body: Buffer;
  readonly stream?: BodyStream | undefined;
}

const NOTHING = Buffer.alloc(0);

/**
 * One request on undici's dispatcher, its body gathered without a stream between, unless one is asked for. `stop` settles it at once, in whatever state:
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
  #ended = false;
  #status = 0;
  #headers: ExchangeAnswer['headers'] = {};
  #size = 0;
  readonly #chunks: Buffer[] = [];
  readonly #maxBody: number;
  readonly #errorOf: ((failure: ExchangeFailure) => Error) | undefined;
  #stream: BodyStream | undefined;

  /** @param errorOf where it is given, a success is answered when it begins, its body being a stream of whatever size, which may break off by such an error. */
  constructor(maxBody: number, errorOf?: (failure: ExchangeFailure) => Error) {
    this.#maxBody = maxBody;
    this.#errorOf = errorOf;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  stop(failure: ExchangeFailure): void {
    this.#stopped = true;
    this.#fail(failure);
    this.#controller?.abort(new Error('stopped'));
  }

  /** Once `answer` is settled: at once, or when its stream has ended. */
  whenOver(then: () => void): void {
    if (!this.#stream || this.#stream.closed) then();
    else this.#stream.once('close', then);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped) controller.abort(new Error('stopped'));
    else this.started = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ExchangeAnswer['headers']): void {
    if (status < 200) return; // an informational answer, the real one follows
    this.answering = true;
    this.#status = status;
    this.#headers = headers;
    if (this.#errorOf && status < 300) return this.#begin(controller, this.#errorOf);
    if (Number(headers['content-length']) > this.#maxBody) this.stop({ kind: 'oversize', limit: this.#maxBody });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream) {
      if (!this.#stream.push(chunk)) controller.pause();
      return;
    }
    this.#size += chunk.length;
    if (this.#size > this.#maxBody) this.stop({ kind: 'oversize', limit: this.#maxBody });
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#ended = true;
    if (this.#stream) return void this.#stream.push(null);
    const [first, ...more] = this.#chunks;
    const body = first && more.length === 0 ? first : Buffer.concat(this.#chunks, this.#size);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail({ kind: 'wire', error });
  }

  #begin(controller: Dispatcher.DispatchController, errorOf: (failure: ExchangeFailure) => Error): void {
    this.#stream = new BodyStream({
      resume: () => controller.resume(),
      cancel: () => {
        if (!this.#ended) controller.abort(new Error('stopped'));
      },
      errorOf: (failure) => errorOf(failure as ExchangeFailure),
    });
    this.#resolve({ status: this.#status, headers: this.#headers, body: NOTHING, stream: this.#stream });
  }

  #fail(failure: ExchangeFailure): void {
    if (this.#stream) this.#stream.break(failure);
    else this.#reject(failure);
  }
}
