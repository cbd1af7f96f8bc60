import { SourceCall } from '../../core/cache/source-call.js';
import { systemClock } from '../../core/clock.js';
import type { SecretSource } from '../../core/source/secret-source.js';

/** Milliseconds for one request. */
const TIMEOUT = 15_000;

/** A source as a command asks it: each request within its time, every error ours. */
export const askedSource = (source: SecretSource, timeout = TIMEOUT): SourceCall =>
  new SourceCall(source, {
    timeout,
    clock: systemClock,
    connection: '', // there is none to be named
    pauses: { await: () => () => false },
  });
