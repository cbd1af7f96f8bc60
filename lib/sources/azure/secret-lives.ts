import { printable } from '../../core/errors/index.js';
import type { SourceObservers } from '../../core/source/source-observers.js';
import type { SecretBundle } from './azure-key-vault.answers.js';

/** Tells, once for each version, of values that are served outside the time that is set for them: to Key Vault `nbf` and `exp` are advice. */
export class SecretLives {
  /** The version of which it was told last, by secret. */
  readonly #told = new Map<string, string>();

  constructor(
    private readonly observers: SourceObservers,
    private readonly place: string,
  ) {}

  look({ name, version, properties }: SecretBundle): void {
    const { expires, notBefore } = properties;
    const now = Date.now();
    const isOver = expires !== undefined && expires <= now;
    const isEarly = notBefore !== undefined && notBefore > now;
    if ((!isOver && !isEarly) || this.#told.get(name) === version) return;
    this.#told.set(name, version);
    const what = isOver
      ? `expired at ${dateText(expires)}: set a new version`
      : `is not to be used before ${dateText(notBefore!)}: check its activation date`;
    const reason = `the current version of "${printable(name)}" at ${this.place} ${what}. Key Vault serves it all the same.`;
    this.observers.emit({ type: 'notice', source: this.observers.source, reason });
  }
}

/** A time that no Date can hold is shown as it is. */
const dateText = (time: number): string => (Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time));
