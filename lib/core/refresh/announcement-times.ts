import type { Clock } from '../clock.js';
import type { SecretState } from '../tracking/secret-state.js';

interface Times {
  /** Of the announcement for which is read now; undefined once it has brought its rotation. */
  at: number | undefined;
  /** Of the first that came since then, or while that one is read for. */
  next: number | undefined;
}

/** When the announcements came for which is read at the moment: so that it can be told how long a rotation took. In milliseconds since 1970. */
export class AnnouncementTimes {
  #times = new WeakMap<SecretState, Times>();
  #sweptAt: number | undefined;

  constructor(private readonly clock: Pick<Clock, 'wall'>) {}

  /** A secret is announced. True where it was not being read for another announcement. */
  came(state: SecretState): boolean {
    const [known, at] = [this.#times.get(state), this.clock.wall()];
    if (known) known.next ??= at;
    else this.#times.set(state, { at, next: undefined });
    return known === undefined;
  }

  /** No more is read for it. @param goesOn for those that came meanwhile, another row begins. */
  over(state: SecretState, goesOn = false): void {
    const next = goesOn ? this.#times.get(state)?.next : undefined;
    if (next === undefined) this.#times.delete(state);
    else this.#times.set(state, { at: next, next: undefined });
  }

  /** Anything may have changed. @param isPending it will be read, or is being read, for an earlier one. */
  cameOfAll(isPending: boolean): void {
    this.#sweptAt = (isPending ? this.#sweptAt : undefined) ?? this.clock.wall();
  }

  /** All is read, and nobody knows since when that was to be told. */
  nobodyKnows(): void {
    this.#sweptAt = undefined;
  }

  /** What was announced by name counts as announced with all. */
  mergeNames(): void {
    this.#times = new WeakMap();
  }

  /** Of the rotation that this secret makes now. Given once. @param isSwept all is being read. */
  take(state: SecretState, isSwept: boolean): number | undefined {
    const times = this.#times.get(state);
    const at = times?.at;
    if (times) [times.at, times.next] = [times.next, undefined];
    return at ?? (isSwept ? this.#sweptAt : undefined);
  }
}
