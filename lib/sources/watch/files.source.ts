import { hideInOutput } from '../../core/redaction.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import type { ReadContext, SecretPlace, SecretSource, Unsubscribe } from '../../core/source/secret-source.js';

type Answer = ReturnType<SecretSource['read']>;

/** What reads and watches files for a source. */
export type FileSecretsReader = Required<
  Pick<SecretSource, 'read' | 'readAll' | 'exists' | 'list' | 'watch' | 'close'>
>;

export interface FilesSourceOptions {
  readonly kind: string;
  /** Whether what it reads may be absent. */
  readonly optional: boolean;
  /** For errors. */
  readonly path: string;
  /** Loads what reads them. */
  readonly open: () => Promise<FileSecretsReader>;
}

/** A source of files, as it is before it is used: many apps have none, so what reads and watches files is loaded when it is asked for the first time. */
export abstract class FilesSource implements SecretSource {
  readonly kind: string;
  readonly optional: boolean;
  readonly #path: string;
  readonly #open: () => Promise<FileSecretsReader>;
  #opening: Promise<FileSecretsReader> | undefined;
  #reader: FileSecretsReader | undefined;

  constructor({ kind, optional, path, open }: FilesSourceOptions) {
    this.kind = kind;
    this.optional = optional;
    this.#path = path;
    this.#open = open;
  }

  async read(names: readonly string[], context: ReadContext): Answer {
    return (await this.#opened()).read(names, context);
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: this.kind, name, at: this.#path }];
  }

  async readAll(context: ReadContext): Answer {
    return (await this.#opened()).readAll(context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return (await this.#opened()).exists(name, context);
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    return (await this.#opened()).list(prefix, context);
  }

  /** Tells the names of what has changed, came or went. */
  watch(onChange: ChangeListener): Unsubscribe | Promise<Unsubscribe> {
    return this.#reader ? this.#reader.watch(onChange) : this.#opened().then((reader) => reader.watch(onChange));
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close();
  }

  #opened(): Promise<FileSecretsReader> {
    return (this.#opening ??= this.#open().then((reader) => (this.#reader = reader)));
  }

  static {
    hideInOutput(FilesSource.prototype, ({ kind }) => `[secrets ${kind}]`);
  }
}
