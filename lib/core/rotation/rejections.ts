import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';
import { printable } from '../errors/index.js';
import type { ObservedRejection } from '../observe/observer.js';
import type { Updater } from '../refresh/updater.js';
import type { SecretState } from '../tracking/secret-state.js';
import { pauseUnless } from './pause-unless.js';
import type { Haste } from './refused-work.js';
import { RefusedWork } from './refused-work.js';

const SPACING = { base: 1_000, factor: 2, max: 60_000 };
const LONGEST: Readonly<Record<Haste, number>> = { patient: SPACING.max, awaited: 5_000, now: 0 };

type RejectedBy = ObservedRejection['by'];

interface Spacing {
  /** Readings in a row that brought nothing new. */
  unchanged: number;
  readAt: number;
  /** The most that the next reading waits, as the most hasty of its callers says. */
  longest: number;
  reading: Promise<void> | undefined;
  /** Cuts the wait short, so that it is looked at again. */
  hurry: () => void;
}

/** Reads secrets again that the other side has refused: at once the first time, then with growing pauses. Callers of one secret share one reading. */
export class Rejections {
  readonly #spacings = new WeakMap<SecretState, Spacing>();
  readonly #works = new WeakMap<SecretState, RefusedWork>();

  constructor(
    private readonly updater: Updater,
    private readonly clock: Clock,
    /** Told of each refusal. */
    private readonly onRefused: (secret: SecretState, by: RejectedBy) => void = () => undefined,
    /** Told in words of the first refusal after a minute without one: a start that waits for a login would be silent. */
    private readonly warn: (message: string) => void = () => undefined,
  ) {}

  /** An app reports it by itself. */
  reported(secret: SecretState): Promise<void> {
    this.onRefused(secret, 'reportRejected');
    return this.report(secret);
  }

  /** Resolves when the secret has been read again, changed or not; a failure of the reading is in the secret’s status. */
  report(secret: SecretState, haste: Haste = 'patient'): Promise<void> {
    let spacing = this.#spacings.get(secret);
    if (!spacing) {
      spacing = {
        unchanged: 0,
        readAt: Number.NEGATIVE_INFINITY,
        longest: SPACING.max,
        reading: undefined,
        hurry: () => undefined,
      };
      this.#spacings.set(secret, spacing);
    }
    if (LONGEST[haste] < spacing.longest) {
      spacing.longest = LONGEST[haste];
      spacing.hurry();
    }
    return (spacing.reading ??= this.#read(secret, spacing).finally(() => (spacing.reading = undefined)));
  }

  /** The work with this secret that is refused, of all callers. */
  workOf(secret: SecretState): RefusedWork {
    const { updater, clock } = this;
    let work = this.#works.get(secret);
    if (!work) {
      work = new RefusedWork({
        clock,
        isOver: () => updater.isShut,
        onRefused: () => this.onRefused(secret, 'withSecret'),
        report: (haste) => this.report(secret, haste),
        revision: () => secret.live.current?.revision,
        onNews: (callback) => {
          const ends = [secret.live.onRotation(callback), updater.onShut(callback)];
          return () => ends.forEach((end) => end());
        },
      });
      this.#works.set(secret, work);
    }
    return work;
  }

  async #read(secret: SecretState, spacing: Spacing): Promise<void> {
    const { updater, clock } = this;
    // Long quiet: this is another incident.
    if (clock.now() > spacing.readAt + delayOf(spacing, SPACING.max) + SPACING.max) {
      spacing.unchanged = 0;
      const { name, connection } = secret.live;
      this.warn(`The other side refused secret "${printable(name)}" (connection "${connection}"): it is read again.`);
    }
    for (;;) {
      const wait = spacing.readAt + delayOf(spacing, spacing.longest) - clock.now();
      if (wait <= 0 || updater.isShut) break;
      await pauseUnless(clock, wait, (callback) => {
        spacing.hurry = callback;
        return updater.onShut(callback);
      });
    }
    const isLast = spacing.longest === 0;
    spacing.longest = SPACING.max;
    if (!isLast && this.#isReadByOthers(secret, spacing)) return;
    const before = secret.live.current?.revision;
    await updater.readAnew([secret], 'rejected');
    spacing.unchanged = secret.live.current?.revision === before ? spacing.unchanged + 1 : 0;
    spacing.readAt = clock.now();
  }

  /** Another process, which was refused too, has just read it for all: then that was the reading, and the next one waits as after one of our own. */
  #isReadByOthers({ facts }: SecretState, spacing: Spacing): boolean {
    const at = facts?.given.origin && facts.arrival.at;
    if (at === undefined || at <= spacing.readAt || at <= this.clock.now() - SPACING.base) return false;
    spacing.unchanged += 1;
    spacing.readAt = at;
    return true;
  }
}

const delayOf = ({ unchanged }: Spacing, longest: number): number =>
  unchanged === 0 ? 0 : Math.min(backoffDelay(unchanged, SPACING), longest);
