import { sharedByCopies } from '../shared-by-copies.js';
import type { SecretRuntime } from './secret-runtime.js';

/** What stands behind a client, for the entries beside the main one, which a bundler or Node may have in another copy of this package. */
export const runtimes: WeakMap<object, SecretRuntime> = sharedByCopies('runtimes', () => new WeakMap());
