import type { SecretLogger } from './connection-log.js';

/** A logger is anybody's: one that throws, or rejects, as on a full disk, stops no rotation, no refresh and no handler. */
export function guardedLogger(logger: SecretLogger): SecretLogger {
  const guarded = (method: keyof SecretLogger) => (message: string) => {
    try {
      const written: unknown = logger[method](message);
      if (written instanceof Promise) written.catch(() => undefined);
    } catch {
      // There is nobody left to tell.
    }
  };
  return { error: guarded('error'), warn: guarded('warn'), log: guarded('log'), debug: guarded('debug') };
}
