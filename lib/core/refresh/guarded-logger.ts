import { printableLine } from '../errors/printable.js';
import type { SecretLogger } from './connection-log.js';

/**
 * The one way of lines to a logger. Names, kinds and versions in them come from outside, and are made printable. A logger is anybody's: one that
 * throws, or rejects, as on a full disk, stops no rotation, no refresh and no handler.
 */
export function guardedLogger(logger: SecretLogger): SecretLogger {
  const guarded = (method: keyof SecretLogger) => (message: string) => {
    try {
      const written: unknown = logger[method](printableLine(message));
      if (written instanceof Promise) written.catch(() => undefined);
    } catch {
      // There is nobody left to tell.
    }
  };
  return { error: guarded('error'), warn: guarded('warn'), log: guarded('log'), debug: guarded('debug') };
}
