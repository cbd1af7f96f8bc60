import { runInThisContext } from 'node:vm';
import { finish } from './ending.js';
import { Model } from './model.js';
import { operate } from './operations.js';
import type { Operation, Scenario } from './scenario.js';
import { checkStatus } from './status-checks.js';
import type { Violation } from './violations.js';
import { EndlessTimers } from './virtual-clock.js';
import { isDynamic } from './world.js';

export interface Outcome {
  readonly violations: readonly Violation[];
  /** Operations done, with the time at which each began. */
  readonly trace: readonly { readonly at: number; readonly operation: Operation }[];
  readonly calls: number;
}

/** jest's sandbox has a process of its own, which hears of no rejections; this is the real one. */
const realProcess = runInThisContext('process') as NodeJS.Process;
const STRAY = ['unhandledRejection', 'uncaughtException'] as const;

/** Plays one scenario to its end; never rejects because of what the core does. */
export async function play({ setting, operations }: Scenario): Promise<Outcome> {
  const model = new Model(setting);
  const trace: Outcome['trace'][number][] = [];
  const restore = catchStray((kind, error) => model.violations.add(`an ${kind}`, describe(error)));
  try {
    if (await model.start()) {
      for (const operation of operations) {
        trace.push({ at: model.clock.now, operation });
        await step(model, operation);
      }
      await finish(model);
    } else {
      await model.clock.advance(60_000);
      checkLeasesOfFailedStart(model);
    }
  } catch (error) {
    if (!(error instanceof EndlessTimers)) throw error;
    model.violations.add('timers without end', error.message);
  } finally {
    restore();
  }
  return { violations: model.violations.found, trace, calls: model.calls.made };
}

async function step(model: Model, operation: Operation): Promise<void> {
  const { clock, log, telling, setting } = model;
  const begun = clock.now;
  log.takeCounts();
  await operate(model, operation);
  // What is due this very moment is seen through.
  await clock.advance(0);
  // Nothing runs while the process is frozen, so that time gives no right to readings.
  checkRate(model, operation, operation.do === 'freeze' ? 0 : clock.now - begun);
  if (log.door !== 'open') return;
  checkStatus(model);
  if (setting.busy) for (const name of model.pinned) telling.compare(name, model.look(name));
}

/** Readings, renewals and endings of one name that one operation may cause: a few, and what the back-off allows for the time that passed. */
function checkRate(model: Model, operation: Operation, ms: number): void {
  const { log, calls, violations } = model;
  const open = calls.open.length;
  for (const [call, count] of log.takeCounts()) {
    const name = call.split(' ')[1];
    // A reading as a whole is for any of the names that failed, each in a back-off of its own.
    const share = name === undefined ? 3 : 1;
    const most = share * 14 + 2 * Math.min(open, 20) + (share * 3 * ms) / Math.max(400, model.spacing(name ?? ''));
    if (count > most) {
      const what = `${call}: ${count} calls in ${ms} ms during "${operation.do}", ${Math.floor(most)} at most`;
      violations.add(name && isDynamic(name) ? 'a hot loop on a lease' : 'a hot loop', what, call);
    }
  }
}

function checkLeasesOfFailedStart({ world, clock, violations }: Model): void {
  const left = world.leases.filter(({ endings, delivered }) => delivered && endings.length === 0);
  if (left.length > 0) violations.add('a failed start left leases', left.map(({ id }) => id).join(', '));
  if (clock.pendingOf('core') > 0) violations.add('timers left', `${clock.pendingOf('core')} after a failed start`);
}

function catchStray(onError: (kind: string, error: unknown) => void): () => void {
  const restore = STRAY.map((kind) => {
    const before = realProcess.listeners(kind as 'uncaughtException');
    const listener = (error: unknown): void => onError(kind, error);
    realProcess.removeAllListeners(kind);
    realProcess.on(kind, listener);
    return () => {
      realProcess.removeListener(kind, listener);
      for (const other of before) realProcess.on(kind as 'uncaughtException', other);
    };
  });
  return () => {
    for (const one of restore) one();
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error) && !(typeof error === 'object' && error !== null && 'stack' in error))
    return String(error);
  return String((error as Error).stack)
    .split('\n')
    .slice(0, 4)
    .map((line) => line.trim().replace(/\(.*\/(lib|test)\//, '($1/'))
    .join(' | ');
}
