import type { CancelTimer, Clock } from '../clock.js';
import type { WebhookChanges } from './webhook-verifier.js';

/** Milliseconds between two readings that calls cause which anybody may send again. */
const SPACING = 60_000;

/**
 * Readings for calls that may be replays: at most one a minute. The first call reads at once; what the rest of the minute brings is read at its end, and
 * what was read is looked at once more then, as there is no row of readings that would wait for a change which comes late.
 */
export class PacedReadings {
  #waiting: WebhookChanges | undefined;
  #cancel: CancelTimer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly read: (changes: WebhookChanges) => void,
  ) {}

  take(changes: WebhookChanges): void {
    if (changes.length === 0) return;
    this.#waiting = merged(this.#waiting, changes);
    if (this.#cancel) return;
    this.read(changes);
    this.#await();
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = undefined;
  }

  #await(): void {
    this.#cancel = this.clock.setTimer(() => {
      const changes = this.#waiting;
      this.#cancel = this.#waiting = undefined;
      if (changes === undefined) return;
      this.read(changes);
      this.#await();
    }, SPACING);
  }
}

/** The newest version of each name. Bounded: beyond a thousand names it is all of them. */
function merged(before: WebhookChanges | undefined, changes: WebhookChanges): WebhookChanges {
  if (before === undefined) return changes;
  if (before === 'all' || changes === 'all') return 'all';
  const all = new Map(
    [...before, ...changes].map((change) => [typeof change === 'string' ? change : change.name, change]),
  );
  return all.size > 1_000 ? 'all' : [...all.values()];
}
