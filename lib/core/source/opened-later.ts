import { hideInOutput } from '../redaction.js';
import type { ReadContext, SecretSource } from './secret-source.js';

type Answer = ReturnType<SecretSource['read']>;

/** What a source does when it is asked. */
export type AskedSource = Required<Pick<SecretSource, 'read' | 'readAll' | 'exists' | 'list' | 'close'>>;

/**
 * A source as it is before it is asked. Options are looked at when it is made; what asks, and is most of its code, is loaded by `open` for the first
 * question, as many an app has another source.
 */
export abstract class OpenedLater<A extends AskedSource> implements SecretSource {
  readonly #open: () => Promise<A>;
  #opening: Promise<A> | undefined;
  #asked: A | undefined;

  constructor(
    readonly kind: string,
    open: () => Promise<A>,
  ) {
    this.#open = open;
  }

  async read(names: readonly string[], context: ReadContext): Answer {
    return (await this.opened()).read(names, context);
  }

  async readAll(context: ReadContext): Answer {
    return (await this.opened()).readAll(context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return (await this.opened()).exists(name, context);
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    return (await this.opened()).list(prefix, context);
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close();
  }

  protected opened(): Promise<A> {
    return (this.#opening ??= this.#open().then((asked) => (this.#asked = asked)));
  }

  /** Undefined until it has been asked for something. */
  protected get asked(): A | undefined {
    return this.#asked;
  }

  static {
    hideInOutput(OpenedLater.prototype as OpenedLater<AskedSource>, ({ kind }) => `[secrets ${kind}]`);
  }
}
