import { settlesWithin } from './calls.js';
import type { Model } from './model.js';
import { contentOf, refreshOne } from './reading.js';
import type { OpenedLease } from './world.js';
import { endOf, isDynamic } from './world.js';

/** Milliseconds of virtual time within which every call settles once the source is well: the longest work, a rejection's minute, a time-out, a back-off. */
const CALL_LIMIT = 600_000;
/** Resources drain, leases end, the source closes: each has a bound. */
const SHUTDOWN_LIMIT = 60_000;

/** The app closes: stops, then shuts the door and ends all that is open. */
export async function shutDown(model: Model): Promise<void> {
  const { runtime, clock, log, violations } = model;
  if (log.door !== 'open') return;
  const leases = [...model.world.leases];
  const closing = (async () => {
    try {
      runtime.stop();
      await runtime.shutdown();
    } catch (error) {
      violations.add('shutdown threw', String(error));
      await runtime.shutdown().catch(() => undefined);
    }
    log.door = 'shut';
  })();
  // What is queued in this very turn may be seen through; what comes later is refused.
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  if (log.door === 'open') log.door = 'shutting';
  model.readers.isShut = true;
  const isOver = await settlesWithin(closing, clock, SHUTDOWN_LIMIT, 250);
  log.door = 'shut';
  if (!isOver) violations.add('a shutdown that hangs', `not over after ${SHUTDOWN_LIMIT} ms`);
  await clock.settle();
  checkShut(model, leases);
}

/** What a closed app leaves behind: nothing. */
function checkShut(model: Model, known: readonly OpenedLease[]): void {
  const { clock, world, source, violations, resources, telling } = model;
  const mayRevoke = source.isWellFor('revoke');
  const timers = clock.pendingOf('core');
  if (timers > 0) violations.add('timers left', `${timers} after shutdown`);
  for (const lease of world.leases) {
    if (!mayRevoke || lease.endings.length > 0 || !lease.delivered || endOf(lease) <= clock.now) continue;
    const isCurrent = world.leases.findLast(({ name, delivered }) => name === lease.name && delivered) === lease;
    const kind = known.includes(lease)
      ? isCurrent
        ? 'a lease left'
        : 'a replaced lease left'
      : 'a lease left that came late';
    violations.add(kind, `${lease.id}, for ${Math.round((endOf(lease) - clock.now) / 1_000)} s more`, kind);
  }
  if (source.traits.close !== 'none' && source.closed !== 1) {
    violations.add('the source was not closed once', `${source.closed} times`);
  }
  if (source.listeners.size > 0) violations.add('still watched', `${source.listeners.size} listeners after shutdown`);
  if (!telling.isComplete.events || !telling.isComplete.rotations)
    violations.add('a stream that goes on', 'after shutdown');
  resources.allDisposed();
}

/** The source is well again: all calls settle, everything becomes current, and nothing is left when the app closes. */
export async function finish(model: Model): Promise<void> {
  const { source, calls, violations, log, clock } = model;
  source.heal();
  if (!(await calls.settled(CALL_LIMIT, 5_000))) {
    for (const { label, since } of calls.open) {
      violations.add('a call that hangs', `${label}, since ${since}, door ${log.door}`, label);
    }
  }
  if (log.door === 'open') {
    await becomesCurrent(model);
    await refreshesAll(model);
    await shutDown(model);
  }
  // Nothing comes to life any more.
  await clock.advance(120_000);
  if (clock.pendingOf('core') > 0)
    violations.add('timers left', `${clock.pendingOf('core')} two minutes after shutdown`);
}

/** The job alone brings in what is at the source. */
async function becomesCurrent(model: Model): Promise<void> {
  const { setting, world, clock, violations, pinned } = model;
  if (!setting.refresh || !model.isRunning) return;
  const targets = pinned.map((name) => [name, isDynamic(name) ? 0 : world.current(name)?.content] as const);
  await clock.advance(setting.maxAge + 2 * setting.retryMax + setting.traits.lag + 30_000);
  for (const [name, least] of targets) {
    if (least === undefined) continue;
    const content = model.look(name);
    if (content !== undefined && content >= least) continue;
    violations.add('never read again', `${name}: readers have ${content}, the source ${least} since long`, name);
  }
}

/** A reading by force of each name succeeds, and gives what is there. */
async function refreshesAll(model: Model): Promise<void> {
  const { calls, world, violations, client } = model;
  await model.clock.advance(model.setting.traits.lag); // what a replica shows by now is what is there
  for (const name of model.pinned) {
    if (!isDynamic(name) && !world.current(name)) continue;
    refreshOne(model, name);
    await calls.settled(120_000, 1_000);
    const content = contentOf(model, name);
    const expected = isDynamic(name) ? world.newest(name) : world.current(name)?.content;
    if (content === expected) continue;
    const error = client.status().find((status) => status.name === name)?.lastError;
    violations.add(
      'a forced refresh of a well source gives not what is there',
      `${name}: ${content}, not ${expected}, last error ${error?.code}: ${error?.message}`,
      name,
    );
  }
}
