import type { ChangeListener } from '../../../lib/core/source/change-listener.js';
import type { SecretSource, Unsubscribe } from '../../../lib/core/source/secret-source.js';

/**
 * A listener that keeps what it was told: names of changes, `undefined` where anything may have changed; causes of
 * losses, and when all was well again.
 */
export function recordingListener(onTold: (names: readonly string[] | undefined) => void = () => undefined) {
  const channel: unknown[] = [];
  const listener: ChangeListener = (changes) =>
    onTold(changes?.map((change) => (typeof change === 'string' ? change : change.name)));
  listener.lost = (cause) => void channel.push(cause);
  listener.resumed = () => void channel.push('resumed');
  return { listener, channel };
}

export interface Changes {
  /** All that was told so far, names sorted. */
  readonly told: (readonly string[])[];
  /** Causes of losses, and `'resumed'`, in order. */
  readonly channel: readonly unknown[];
  /** Resolves with the next thing told, also one that was told before it was asked for. */
  next(): Promise<readonly string[]>;
  readonly end: Unsubscribe;
}

/** Watches a source that begins at once, and waits for what it tells; the test's own time-out is the bound. */
export function changesOf(source: SecretSource): Changes {
  const told: (readonly string[])[] = [];
  let seen = 0;
  let wake = (): void => undefined;
  const { listener, channel } = recordingListener((names) => {
    told.push([...(names ?? [])].sort());
    wake();
  });
  const end = source.watch!(listener);
  if (typeof end !== 'function') throw new TypeError('the source begins to watch later');
  return {
    told,
    channel,
    end,
    async next() {
      while (told.length <= seen) await new Promise<void>((resolve) => (wake = resolve));
      return told[seen++]!;
    },
  };
}
