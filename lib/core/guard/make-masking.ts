import { sharedByCopies } from '../shared-by-copies.js';
import type { CatchPlace } from './catches.js';
import type { Masking } from './masking.js';

/** Makes what masks for one place. @param from what is known of who prints. */
export type MakeMasking = (place: CatchPlace, from?: string) => Masking;

/** How hooks outside of the core mask for a guard: a guard itself has no member that leads to what it knows. */
export const maskings: WeakMap<object, MakeMasking> = sharedByCopies('guard-maskings', () => new WeakMap());
