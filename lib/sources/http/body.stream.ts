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

/**
 * A body as it comes, which may be larger than memory: it is read no faster than it is consumed, to its end or until it is destroyed. Shows nothing of
 * what it holds. Where it breaks off, whoever reads it gets the error, after what came before; unread it ends no process.
 */
export class BodyStream extends Readable {
  readonly #source: BodySource;
  #errorOf: (failure: unknown) => Error;
  #failure: { readonly of: unknown } | undefined;
  #isWanted = false;

  constructor(source: BodySource) {
    super();
    this.#source = source;
    this.#errorOf = (failure) => source.errorOf(failure);
    this.on('error', () => undefined);
  }

  /** Has whoever reads it get another error in place of each. */
  translated(translate: (error: Error) => Error): this {
    const before = this.#errorOf;
    this.#errorOf = (failure) => translate(before(failure));
    return this;
  }

  /** There is no more, though it is not the end. */
  break(failure: unknown): void {
    this.#failure = { of: failure };
    if (this.#isWanted) this.destroy(this.#errorOf(failure));
  }

  override _read(): void {
    this.#isWanted = true;
    if (this.#failure) this.destroy(this.#errorOf(this.#failure.of));
    else this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.cancel();
    done(error);
  }

  static {
    hideInOutput(BodyStream.prototype, () => '[body]');
  }
}
