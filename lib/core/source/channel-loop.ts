import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';
import { isSecretError, SecretSourceUnavailableError } from '../errors/index.js';
import { askedPause } from '../errors/transient.js';
import type { ChangeListener } from './change-listener.js';

export interface ChannelLoopOptions {
  readonly kind: string;
  readonly listener: ChangeListener;
  readonly clock: Clock;
  /** A number in [0, 1). @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Connects and listens, until that fails or the signal says stop; calls `isLive` when it hears. Rejects with SecretErrors. */
  readonly listen: (signal: AbortSignal, isLive: () => void) => Promise<void>;
  /** Says that the app closes, also while it is being opened. */
  readonly signal?: AbortSignal | undefined;
  /** Ends what `listen` has left at the backend. */
  readonly end?: (() => Promise<void>) | undefined;
}

/** Milliseconds. */
const AGAIN = { base: 1_000, factor: 2, max: 60_000 };
/** Milliseconds of hearing after which the next failure is the first again: what is closed as soon as it opens must not be opened each second. */
const STEADY = 60_000;
/** Where waiting heals nothing: a right that is missing, a feature that the backend has not. */
const SLOWLY = 300_000;

/**
 * Keeps a channel listening until it is ended: what fails is told as lost, and tried again with back-off. Resolves when it first hears, or first fails, so
 * that it counts as live from when it is. What comes back ends it, and resolves when all is ended.
 */
export async function keepListening(options: ChannelLoopOptions): Promise<() => Promise<void>> {
  const { listener, listen, end, clock, random = Math.random, kind } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let failures = 0;
  let isLost = false;
  let liveSince: number | undefined;
  let settle!: () => void;
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const isLive = (): void => {
    if (signal.aborted) return;
    liveSince ??= clock.now();
    if (isLost) listener.resumed();
    isLost = false;
    settle();
  };
  const fail = (thrown: unknown): number => {
    const error = isSecretError(thrown)
      ? thrown
      : new SecretSourceUnavailableError('listening for changes failed.', { sourceKind: kind, cause: thrown });
    if (liveSince !== undefined && clock.now() - liveSince >= STEADY) failures = 0;
    liveSince = undefined;
    failures += 1;
    if (!isLost) listener.lost(error);
    isLost = true;
    settle();
    const isPassing = error.code === 'SECRET_SOURCE_UNAVAILABLE' || error.code === 'SECRET_THROTTLED';
    const delay = isPassing ? AGAIN : { base: AGAIN.base, factor: 4, max: SLOWLY };
    const asked = Math.min(askedPause(error) ?? 0, SLOWLY);
    return Math.max(asked, backoffDelay(failures, { ...delay, least: 500 }, random()));
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await listen(signal, isLive);
      } catch (error) {
        if (!signal.aborted) await pause(clock, fail(error), signal);
      }
    }
    await end?.();
  };
  // What can't be ended any more ends by itself.
  const running = run().then(settle, settle);
  options.signal?.addEventListener('abort', () => closing.abort(), { once: true });
  if (options.signal?.aborted) closing.abort();
  await settled;
  return async () => {
    closing.abort();
    await running;
  };
}

/** Keeps no process alive. */
function pause(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.setTimer(finish, delay);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}
