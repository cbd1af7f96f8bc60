import type { SecretError } from '../../../core/errors/index.js';
import type { AnnouncedChange, ChangeListener } from '../../../core/source/change-listener.js';
import type { Unsubscribe } from '../../../core/source/secret-source.js';

/** Those who listen, and what the watches have to tell them together: lost as soon as one of them is, and heard again when all are. */
export class ChangeChannel {
  readonly #listeners = new Set<ChangeListener>();
  readonly #troubles = new Map<unknown, SecretError>();

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  add(onChange: ChangeListener): Unsubscribe {
    // One listener may be given twice.
    const own: ChangeListener = Object.assign((changes?: readonly AnnouncedChange[]) => onChange(changes), {
      lost: (cause: unknown) => onChange.lost(cause),
      resumed: () => onChange.resumed(),
    });
    this.#listeners.add(own);
    const [trouble] = this.#troubles.values();
    if (trouble) own.lost(trouble);
    return () => void this.#listeners.delete(own);
  }

  tell(changes: readonly AnnouncedChange[]): void {
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
  }

  /** @param watch which one. */
  lost(watch: unknown, error: SecretError): void {
    const isNews = this.#troubles.size === 0;
    this.#troubles.set(watch, error);
    if (isNews) for (const listener of this.#listeners) listener.lost(error);
  }

  /** It hears, or is of no account any more. */
  well(watch: unknown): void {
    if (!this.#troubles.delete(watch) || this.#troubles.size > 0) return;
    for (const listener of this.#listeners) listener.resumed();
  }

  clear(): void {
    this.#troubles.clear();
  }
}
