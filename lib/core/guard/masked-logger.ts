import type { MakeMasking } from './make-masking.js';
import { maskedCopy } from './masked-copy.js';
import type { Masking } from './masking.js';
import { maskedWrites } from './masked-output.js';

/** As `LoggerService` of Nest. */
export interface NestLogger {
  log(message: unknown, ...optional: unknown[]): unknown;
  error(message: unknown, ...optional: unknown[]): unknown;
  warn(message: unknown, ...optional: unknown[]): unknown;
  debug?(message: unknown, ...optional: unknown[]): unknown;
  verbose?(message: unknown, ...optional: unknown[]): unknown;
  fatal?(message: unknown, ...optional: unknown[]): unknown;
}

const LEVELS: ReadonlySet<PropertyKey> = new Set(['log', 'error', 'warn', 'debug', 'verbose', 'fatal']);

/** What can't be looked through is not printed; a log line must not fail the work that it tells of. */
function maskedOrHidden(parameter: unknown, masking: Masking): unknown {
  try {
    return maskedCopy(parameter, masking);
  } catch {
    return '[hidden: secrets could not be looked for in it]';
  }
}

type Log = (...parameters: unknown[]) => unknown;

/**
 * A logger that masks what is logged, then gives it to another. What that one makes of it is masked once more where it writes to the process's output
 * at once, as Nest's own does: so an inspection or the JSON of an object passes no value either.
 */
export function maskedLogger<T extends NestLogger>(logger: T, makeMasking: MakeMasking): T {
  const known = new Map<unknown, Log>();
  return new Proxy(logger, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      const made =
        known.get(member) ?? (LEVELS.has(key) ? masked(target, member as Log) : (member.bind(target) as Log));
      known.set(member, made);
      return made;
    },
  });

  function masked(target: T, log: Log): Log {
    return (...parameters) => {
      // Nest gives the context last.
      const last: unknown = parameters.length > 1 ? parameters.at(-1) : undefined;
      const from = typeof last === 'string' && last.length < 100 && !last.includes('\n') ? last : undefined;
      const plain = makeMasking('logger');
      const masking = makeMasking('logger', from === undefined ? undefined : plain.quiet(from));
      const given = parameters.map((parameter) => maskedOrHidden(parameter, masking));
      return maskedWrites(masking, () => log.apply(target, given));
    };
  }
}
