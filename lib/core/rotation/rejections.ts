import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';
import type { Updater } from '../refresh/updater.js';
import type { SecretState } from '../tracking/secret-state.js';

const SPACING = { base: 1_000, factor: 2, max: 60_000 };

interface Spacing {
  /** Readings in a row that brought nothing new. */
  unchanged: number;
  allowedAt: number;
  reading: Promise<void> | undefined;
}

/**
 * Reads secrets anew that the other side has refused: at once the first time, then after 1 s, doubling to 1 min, while the answer stays the
 * same. Callers of one secret share one reading.
 */
export class Rejections {
  readonly #spacings = new WeakMap<SecretState, Spacing>();

  constructor(
    private readonly updater: Updater,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the secret has been read anew, changed or not; a failure of the reading is in the secret’s status. */
  report(secret: SecretState): Promise<void> {
    let spacing = this.#spacings.get(secret);
    if (!spacing) this.#spacings.set(secret, (spacing = { unchanged: 0, allowedAt: 0, reading: undefined }));
    return (spacing.reading ??= this.#read(secret, spacing).finally(() => (spacing.reading = undefined)));
  }

  async #read(secret: SecretState, spacing: Spacing): Promise<void> {
    const now = this.clock.now();
    // Long quiet: this is another incident.
    if (now > spacing.allowedAt + SPACING.max) spacing.unchanged = 0;
    else if (now < spacing.allowedAt) await this.updater.pause(spacing.allowedAt - now);
    const before = secret.live.current?.revision;
    await this.updater.readAnew([secret]);
    const changed = secret.live.current?.revision !== before;
    spacing.unchanged = changed ? 0 : spacing.unchanged + 1;
    spacing.allowedAt = this.clock.now() + (changed ? 0 : backoffDelay(spacing.unchanged, SPACING));
  }
}
