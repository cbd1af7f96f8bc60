import { Logger } from '@nestjs/common';
import { systemClock } from '../../core/clock.js';
import { guardedLogger } from '../../core/refresh/guarded-logger.js';
import type { AppWrapper } from '../injection/nest-container.js';

/** Milliseconds after which a start that waits for nothing but its options says so. */
const LONG = 30_000;

const ADVICE =
  'Does its factory wait for something that needs a secret of this connection, as by `moduleRef.create` or `moduleRef.resolve`? Give it what needs none.';

/**
 * Watches for options that never come. A cycle that Nest's metadata don't show leaves the process with nothing to do: it would end with code 0 and without a
 * word; or, where something else keeps it alive, never start.
 */
export function watchOptions(options: AppWrapper | undefined, connection: string): void {
  const settled = options?.settlementSignal?.asPromise?.();
  if (!settled) return;
  const logger = guardedLogger(new Logger('HcpVaultModule'));
  const of = `Connection "${connection}": its options`;
  const drained = (): void => {
    waiting.delete(drained);
    logger.error(`${of} never came, and nothing is left that could bring them. ${ADVICE}`);
    process.exitCode ||= 1;
  };
  const cancel = systemClock.setTimer(
    () => logger.warn(`${of} have not come for ${LONG / 1000} s; the start waits for them. ${ADVICE}`),
    LONG,
  );
  waitFor(drained);
  void settled.then(() => {
    cancel();
    stopWaiting(drained);
  });
}

/** One listener serves all: Node takes an eleventh for a leak, and an app may have that many connections, or a test file as many apps at once. */
const waiting = new Set<() => void>();

const allDrained = (): void => {
  for (const drained of [...waiting]) drained();
};

function waitFor(drained: () => void): void {
  if (waiting.size === 0) process.once('beforeExit', allDrained);
  waiting.add(drained);
}

function stopWaiting(drained: () => void): void {
  if (waiting.delete(drained) && waiting.size === 0) process.removeListener('beforeExit', allDrained);
}
