import { Readable } from 'node:stream';
import { hideInOutput } from '../../core/redaction.js';

/** Where the bytes come from. */
export interface BodySource {
  /** More is wanted; asked again and again. */
  resume(): void;
  /** No more is wanted; the end of all may have come before. */
  cancel(): void;
  /** What to tell whoever reads a body that broke off. */
  errorOf(failure: unknown): Error;
}

const CONSUMERS = ['data', 'readable', 'error'];
const unread = (): void => undefined;

/**
 * A body as it comes, which may be larger than memory: it is read no faster than it is consumed, to its end or until it is destroyed. Shows nothing of
 * what it holds. Where it breaks off, whoever reads it gets the error; while nobody does, that ends no process.
 */
export class BodyStream extends Readable {
  readonly #source: BodySource;
  #errorOf: (failure: unknown) => Error;

  constructor(source: BodySource) {
    super();
    this.#source = source;
    this.#errorOf = (failure) => source.errorOf(failure);
    this.on('error', unread);
    this.on('newListener', (event) => {
      if (CONSUMERS.includes(event as string)) this.off('error', unread);
    });
  }

  /** Has whoever reads it get another error in place of each. */
  translated(translate: (error: Error) => Error): this {
    const before = this.#errorOf;
    this.#errorOf = (failure) => translate(before(failure));
    return this;
  }

  /** There is no more, though it is not the end. Told once all who translate have the stream: it may break off with its very beginning. */
  break(failure: unknown): void {
    setImmediate(() => this.destroy(this.#errorOf(failure)));
  }

  override _read(): void {
    this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.cancel();
    done(error);
  }

  static {
    hideInOutput(BodyStream.prototype, () => '[body]');
  }
}
