import { Buffer } from 'node:buffer';
import type { MakeMasking } from './make-masking.js';
import { replaceWrite } from './masked-output.js';
import { SplitText } from './split-text.js';

/** How long an end is held back that may become a secret, where nobody says that the text is over. */
const PATIENCE = 50;

type Done = (error?: Error | null) => void;
type Write = (chunk: unknown, ...rest: unknown[]) => boolean;

/** Masks all that is written to `process.stdout` and `process.stderr` from now on, until the returned function is called. */
export function maskOutput(makeMasking: MakeMasking): () => void {
  const outputs = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    let output: Output | undefined;
    const restore = replaceWrite(stream, (write) => {
      output = new Output(write, new SplitText(makeMasking(name).ofBytes()));
      return (chunk, ...rest) => output!.write(chunk, rest);
    });
    return { restore, flush: () => output?.flush() };
  });
  const flush = (): void => outputs.forEach((output) => output.flush());
  process.on('exit', flush);
  return () => {
    process.off('exit', flush);
    flush();
    for (const { restore } of outputs) restore();
  };
}

/** One of the two. */
class Output {
  #timer: NodeJS.Timeout | undefined;
  readonly #write: Write;
  readonly #text: SplitText;

  constructor(write: Write, text: SplitText) {
    this.#write = write;
    this.#text = text;
  }

  write(chunk: unknown, rest: readonly unknown[]): boolean {
    const done = rest.find((one): one is Done => typeof one === 'function');
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return this.#write(chunk, ...rest); // it throws
    clearTimeout(this.#timer);
    const text = this.#text.take(characters(chunk, encoding));
    if (this.#text.held !== '') this.#timer = setTimeout(() => this.flush(), PATIENCE).unref();
    return this.#pass(text, done);
  }

  flush(): void {
    clearTimeout(this.#timer);
    const text = this.#text.end();
    if (text !== '') this.#pass(text);
  }

  #pass(text: string, done?: Done): boolean {
    // Who replaced `write` before us, as tests do, looks for text.
    const chunk = ASCII.test(text) ? text : Buffer.from(text, 'latin1');
    return done ? this.#write(chunk, done) : this.#write(chunk);
  }
}

// eslint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\x00-\x7f]*$/;

/** The bytes of what is written, each as a character. */
function characters(chunk: string | Uint8Array, encoding: BufferEncoding): string {
  if (typeof chunk !== 'string')
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
  const isAscii = (encoding === 'utf8' || encoding === 'utf-8') && ASCII.test(chunk);
  return isAscii ? chunk : Buffer.from(chunk, encoding).toString('latin1');
}
