import type { Readable } from 'node:stream';
import { termination } from './termination.js';

/** What a command has around it, beside where it writes. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** The working directory. */
  readonly folder: string;
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Resolves when the command shall end: by default at the first SIGTERM or SIGINT, which then don't end the process by themselves. */
  readonly ended: () => Promise<unknown>;
}

/** Those of this process. */
export const ownSurroundings = (): Surroundings => ({
  environment: process.env,
  folder: process.cwd(),
  input: process.stdin,
  isTerminal: process.stdout.isTTY === true,
  ended: termination,
});
