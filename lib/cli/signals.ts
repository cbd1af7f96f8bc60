import { constants } from 'node:os';
import type { EndSignal, Surroundings } from './surroundings.js';

type Around = Pick<Surroundings, 'onSignal'>;

/** A signal ended the work. What was opened is closed, and the exit code is the shell's: 128 and the signal's number. */
export class Interrupted extends Error {
  readonly exitCode: number;
  constructor(readonly signal: EndSignal) {
    super(`ended by ${signal}.`);
    this.exitCode = exitCodeOfSignal(signal);
  }
}

export const exitCodeOfSignal = (signal: NodeJS.Signals): number => 128 + (constants.signals[signal] ?? 0);

/** Resolves at the first signal; a second one ends the process at once, as it does without us. Listens from the call on. */
export function firstSignal({ onSignal }: Around): { readonly signal: Promise<EndSignal>; readonly stop: () => void } {
  let stop = (): void => undefined;
  const signal = new Promise<EndSignal>((resolve) => {
    stop = onSignal((given) => {
      stop();
      resolve(given);
    });
  });
  return { signal, stop: () => stop() };
}

/** The work, unless a signal comes first: then it rejects with Interrupted, and whoever called closes what is open. */
export async function unlessInterrupted<R>(around: Around, work: () => Promise<R>): Promise<R> {
  const { signal, stop } = firstSignal(around);
  try {
    return await Promise.race([work(), signal.then((given) => Promise.reject(new Interrupted(given)))]);
  } finally {
    stop();
  }
}
