import type { RotationEvent } from './rotation-event.js';

/** Hears of a rotation. What is not done with it at once gives the promise of its end. */
export type RotationListener = (event: RotationEvent) => Promise<unknown> | void;

/** Who follows the rotations of one secret, and until when. */
export class RotationListeners {
  readonly #listeners = new Set<RotationListener>();
  #followed: Promise<void> | undefined;

  get size(): number {
    return this.#listeners.size;
  }

  /** Resolves when all who were told of the last rotation have followed it, well or badly; undefined where they had at once. Never rejects. */
  get followed(): Promise<void> | undefined {
    return this.#followed;
  }

  add(listener: RotationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: RotationEvent): void {
    const given = [...this.#listeners].map((listener) => listener(event));
    const pending = given.filter((one) => one instanceof Promise);
    this.#followed = pending.length > 0 ? Promise.allSettled(pending).then(() => undefined) : undefined;
  }
}
