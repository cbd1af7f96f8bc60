import type { CatchPlace } from './catches.js';

/** Whose value it is. */
export interface Owner {
  readonly name: string;
  readonly connection: string;
  /** Told where it was caught. */
  readonly caught?: ((name: string, place: CatchPlace) => void) | undefined;
}
