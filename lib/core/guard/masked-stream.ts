import { Buffer } from 'node:buffer';
import type { TransformCallback } from 'node:stream';
import { Transform } from 'node:stream';
import { hideInOutput } from '../redaction.js';
import type { Masking } from './masking.js';
import { SplitText } from './split-text.js';

/** Passes bytes on with secrets masked, also those that come in several pieces. What is not UTF-8 passes unchanged. */
export class MaskedStream extends Transform {
  readonly #text: SplitText;

  constructor(masking: Masking) {
    super();
    this.#text = new SplitText(masking.ofBytes());
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#pass(this.#text.take(chunk.toString('latin1')), done);
  }

  override _flush(done: TransformCallback): void {
    this.#pass(this.#text.end(), done);
  }

  #pass(text: string, done: TransformCallback): void {
    if (text === '') done();
    else done(null, Buffer.from(text, 'latin1'));
  }

  static {
    hideInOutput(MaskedStream.prototype, () => '[secrets]');
  }
}
