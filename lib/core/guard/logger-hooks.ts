import type { MakeMasking } from './make-masking.js';
import { maskedCopy } from './masked-copy.js';

/** What pino takes as `hooks`. */
export interface PinoHooks {
  streamWrite(line: string): string;
}

/** Each line as it leaves for pino's stream or transport, the lines of its children too. */
export function pinoHooks(makeMasking: MakeMasking): PinoHooks {
  const masking = makeMasking('pino');
  return { streamWrite: (line) => masking.mask(line) };
}

/** What winston takes as a format. */
export interface WinstonFormat {
  transform<T extends object>(info: T, options?: unknown): T;
}

/** The last of a logger's formats: the line that is made, and all that a transport with a format of its own would make one of. */
export function winstonFormat(makeMasking: MakeMasking): WinstonFormat {
  const masking = makeMasking('winston');
  return { transform: (info) => maskedCopy(info, masking) };
}
