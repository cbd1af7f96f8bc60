import type { Readable } from 'node:stream';
import { onParentGone } from './parent-process.js';

/** What ends a command from outside. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What a command has around it, beside where it writes. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** The working directory. */
  readonly folder: string;
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Calls back at each signal, which then doesn't end the process by itself, until the function that comes back is called. That npx, which started us, has gone counts as SIGTERM. */
  readonly onSignal: (listener: (signal: EndSignal) => void) => () => void;
}

/** Those of this process. */
export const ownSurroundings = (): Surroundings => ({
  environment: process.env,
  folder: process.cwd(),
  input: process.stdin,
  isTerminal: process.stdout.isTTY === true,
  onSignal: (listener) => {
    for (const signal of SIGNALS) process.on(signal, listener);
    const stop = onParentGone(process.env, () => listener('SIGTERM'));
    return () => {
      stop();
      for (const signal of SIGNALS) process.off(signal, listener);
    };
  },
});
