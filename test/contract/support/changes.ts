import type { SecretSource, Unsubscribe } from '../../../lib/core/source/secret-source.js';

export interface Changes {
  /** All that was told so far, names sorted. */
  readonly told: (readonly string[])[];
  /** Resolves with the next thing told, also one that was told before it was asked for. */
  next(): Promise<readonly string[]>;
  readonly end: Unsubscribe;
}

/** Watches a source, and waits for what it tells; the test’s own time-out is the bound. */
export function changesOf(source: SecretSource): Changes {
  const told: (readonly string[])[] = [];
  let seen = 0;
  let wake = (): void => undefined;
  const end = source.watch!((names) => {
    told.push([...(names ?? [])].sort());
    wake();
  });
  return {
    told,
    end,
    async next() {
      while (told.length <= seen) await new Promise<void>((resolve) => (wake = resolve));
      return told[seen++]!;
    },
  };
}
