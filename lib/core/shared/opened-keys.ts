import { hideInOutput } from '../redaction.js';
import { KeyRing } from './key-ring.js';
import { stretch, type Stretching } from './passphrase.js';
import type { CheckedKeys } from './shared-keys.js';

/** The keys of one cache, got and stretched once, whatever opens it; a failure is not remembered. */
export class OpenedKeys {
  #ring: Promise<KeyRing> | undefined;

  /** @param stretching of the storage, made where there is none; asked for where there is a passphrase. */
  constructor(
    private readonly keys: CheckedKeys,
    private readonly stretching: () => Promise<Stretching>,
  ) {}

  /** Rejects with what gets a key or the stretching. */
  ring(): Promise<KeyRing> {
    return (this.#ring ??= this.#open().catch((error: unknown) => {
      this.#ring = undefined;
      throw error;
    }));
  }

  async #open(): Promise<KeyRing> {
    let stretching: Promise<Stretching> | undefined;
    return new KeyRing(
      await this.keys.resolved(async (passphrase) => stretch(passphrase, await (stretching ??= this.stretching()))),
    );
  }

  static {
    hideInOutput(OpenedKeys.prototype, () => '[keys of a shared cache]');
  }
}
