import type { ChangeListener } from '../../core/source/change-listener.js';
import type { AskedSource } from '../../core/source/opened-later.js';
import { OpenedLater } from '../../core/source/opened-later.js';
import type { SecretPlace, SecretSource, Unsubscribe } from '../../core/source/secret-source.js';

/** What reads and watches files for a source. */
export type FileSecretsReader = AskedSource & Required<Pick<SecretSource, 'watch'>>;

export interface FilesSourceOptions {
  readonly kind: string;
  /** Whether what it reads may be absent. */
  readonly optional: boolean;
  /** For errors. */
  readonly path: string;
  readonly open: () => Promise<FileSecretsReader>;
}

/** A source of files that are read and watched, and never written. */
export abstract class FilesSource extends OpenedLater<FileSecretsReader> {
  readonly optional: boolean;
  readonly #path: string;

  constructor({ kind, optional, path, open }: FilesSourceOptions) {
    super(kind, open);
    this.optional = optional;
    this.#path = path;
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: this.kind, name, at: this.#path }];
  }

  /** Tells the names of what has changed, came or went. Begins at once where something has been read. */
  watch(onChange: ChangeListener): Unsubscribe | Promise<Unsubscribe> {
    return this.asked ? this.asked.watch(onChange) : this.opened().then((reader) => reader.watch(onChange));
  }
}
