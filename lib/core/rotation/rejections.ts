import type { SourceReader } from '../cache/source-reader.js';
import type { Clock } from '../clock.js';
import type { TrackedSecret } from '../refresh/tracked-secret.js';

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

interface Spacing {
  /** Milliseconds until the next reading may follow the last one. */
  wait: number;
  allowedAt: number;
  reading: Promise<void> | undefined;
}

/**
 * Reads secrets anew that the other side has refused: at once the first time, then after 1 s, doubling to 1 min, while the answer stays the
 * same. Callers of one secret share one reading.
 */
export class Rejections {
  readonly #spacings = new WeakMap<TrackedSecret, Spacing>();

  constructor(
    private readonly reader: SourceReader,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the secret has been read anew, changed or not; a failure of the reading is in the secret’s status. */
  report(secret: TrackedSecret): Promise<void> {
    let spacing = this.#spacings.get(secret);
    if (!spacing) this.#spacings.set(secret, (spacing = { wait: 0, allowedAt: 0, reading: undefined }));
    return (spacing.reading ??= this.#read(secret, spacing).finally(() => (spacing.reading = undefined)));
  }

  async #read(secret: TrackedSecret, spacing: Spacing): Promise<void> {
    const { entry } = secret;
    const now = this.clock.now();
    // Long quiet: this is another incident.
    if (now > spacing.allowedAt + LONGEST_WAIT) spacing.wait = 0;
    else if (now < spacing.allowedAt) await this.clock.sleep(spacing.allowedAt - now);
    const before = entry.loaded?.version;
    await this.reader.read(entry, true);
    const changed = entry.loaded?.version !== before;
    spacing.wait = changed ? 0 : Math.min(LONGEST_WAIT, spacing.wait === 0 ? FIRST_WAIT : spacing.wait * 2);
    spacing.allowedAt = this.clock.now() + spacing.wait;
  }
}
