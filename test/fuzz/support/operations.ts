import type { ChangeListener } from '../../../lib/core/source/change-listener.js';
import { announce } from './announcements.js';
import { shutDown } from './ending.js';
import type { Model } from './model.js';
import { EVERY_NAME } from './model.js';
import { contentOf, fetchOne, refreshOne, useResource, workWith } from './reading.js';
import type { Operation, Waiter } from './scenario.js';
import { isDynamic } from './world.js';

/** Steps in which time passes, so that readers look while things change. */
const STEPS = 4;
/** Milliseconds between announcements in a burst of 50. */
const BURST = 5;
/** Milliseconds for which a row of readings goes on after an announcement, and a little. */
const ROW = 35_000;

/** Does one operation. Calls of the API are made, not awaited. */
export async function operate(model: Model, operation: Operation): Promise<void> {
  const { source, world, client, calls, log } = model;
  switch (operation.do) {
    case 'pass':
      for (let step = 0; step < STEPS; step += 1) {
        await model.clock.advance(operation.ms / STEPS);
        if (model.setting.busy) for (const name of model.pinned) model.look(name);
      }
      break;
    case 'freeze':
      await freeze(model, operation);
      break;
    case 'rotate':
    case 'renumber':
    case 'remove':
    case 'remake':
      world[operation.do](operation.name);
      break;
    case 'trouble':
      for (const method of operation.methods) source.trouble(method, operation.trouble);
      if (operation.renewing) source.trouble('renew', { speed: 'at once', fault: operation.renewing, times: 1_000 });
      break;
    case 'heal':
      source.heal();
      break;
    case 'fetch':
      for (let time = 0; time < operation.times; time += 1) fetchOne(model, operation);
      break;
    case 'withSecret':
      workWith(model, operation.name, operation);
      break;
    case 'use':
      useResource(model, operation);
      break;
    case 'crowd':
      await crowd(model, operation);
      break;
    case 'look':
      for (const name of EVERY_NAME) model.look(name);
      break;
    case 'refresh':
      refreshOne(model, undefined);
      break;
    case 'refreshName':
      refreshOne(model, operation.name);
      break;
    case 'fetchSecrets':
      calls.make(
        'fetchSecrets',
        () => client.fetchSecrets(),
        (values) => {
          for (const [name, value] of Object.entries(values)) model.readers.saw(name, value, 'waited', 'fetchSecrets');
        },
      );
      break;
    case 'exists': {
      // Where the source can't tell, a static secret is read for it.
      const release = log.force(isDynamic(operation.name) ? '' : operation.name, 'later');
      calls.make(`exists ${operation.name}`, () => client.exists(operation.name), undefined, release);
      break;
    }
    case 'list':
      calls.make('list', () => client.list(operation.prefix));
      break;
    case 'update':
      if (!isDynamic(operation.name)) {
        calls.make(
          `update ${operation.name}`,
          () => client.update(operation.name, { any: 1 }),
          undefined,
          log.force(operation.name, 'later'),
        );
      }
      break;
    case 'reportRejected':
      calls.make(
        `reportRejected ${operation.name}`,
        () => client.reportRejected(operation.name),
        undefined,
        log.force(operation.name, 'later'),
      );
      break;
    case 'announce':
      await announceOften(model, operation);
      break;
    case 'lost':
      tell(model, 'lost', (listener) => listener.lost(new Error('deaf')));
      break;
    case 'resumed':
      log.rowsUntil = model.clock.now + ROW;
      tell(model, 'resumed', (listener) => listener.resumed());
      break;
    case 'shutdown':
      await shutDown(model);
      break;
    case 'status':
      client.status();
      break;
  }
}

async function announceOften(model: Model, { changes, name, times }: Operation & { do: 'announce' }): Promise<void> {
  model.log.rowsUntil = model.clock.now + ROW + BURST * times;
  for (let time = 0; time < times; time += 1) {
    tell(model, `announcement (${changes})`, (listener) => announce(listener, changes, name, model.world));
    if (times > 1) await model.clock.advance(BURST);
  }
}

async function crowd(model: Model, { name, ms, second }: Operation & { do: 'crowd' }): Promise<void> {
  if (model.source.isWell) model.source.trouble('read', { speed: { after: 300, heeds: true }, times: 3 });
  fetchOne(model, { name });
  await model.clock.advance(10);
  if (second === 'refresh') refreshOne(model, undefined);
  else fetchOne(model, { name, forced: second === 'forced' });
  await model.clock.advance(ms);
  fetchOne(model, { name });
}

function tell({ source, violations }: Model, what: string, word: (listener: ChangeListener) => void): void {
  for (const listener of source.listeners) {
    try {
      word(listener);
    } catch (error) {
      violations.add('an announcement threw', `${what}: ${String(error)}`, what);
    }
  }
}

/** Time goes by while nothing runs; then a request and the overdue timers come, the one before the other or the other way round. */
async function freeze(model: Model, operation: Operation & { do: 'freeze' }): Promise<void> {
  const { clock, world } = model;
  await clock.settle(); // an answer that is there has arrived
  const { ms, rotate, name, waiter, first } = operation;
  const watched = waiter === 'use' ? model.setting.resourceOf : name;
  const isSure = mustCatchUp(model, watched, ms);
  clock.freeze(ms / 2);
  if (rotate !== undefined) world.rotate(rotate);
  clock.freeze(ms / 2);
  const content = isSure ? world.seen(watched)?.content : undefined;
  const least = content === undefined ? undefined : { content, kind: 'after a freeze an older value' };
  if (first === 'timers') await clock.thaw();
  wait(model, waiter, name, least);
  if (first === 'waiter') await clock.thaw();
  await clock.advance(0);
}

function wait(model: Model, waiter: Waiter, name: string, least: { content: number; kind: string } | undefined): void {
  const quick = { ms: 0, refusals: 0, least };
  if (waiter === 'fetch') fetchOne(model, { name, least });
  if (waiter === 'withSecret') workWith(model, name, quick);
  if (waiter === 'use') useResource(model, quick);
  if (waiter === 'get') model.look(name);
}

/** True where everything is well, so that a freeze of `ms` must be followed by a reading before anybody is answered. */
function mustCatchUp(model: Model, name: string, ms: number): boolean {
  const { setting, source, log, telling } = model;
  const isJobAtWork = model.isRunning && setting.refresh && log.door === 'open';
  const isQuiet = source.isWell && !log.isReading(name) && !telling.failing.has(name) && setting.traits.lag === 0;
  const isLoaded = log.lastAnswer(name)?.kind === 'good' && contentOf(model, name) !== undefined;
  return isJobAtWork && isQuiet && isLoaded && !isDynamic(name) && ms >= 2 * setting.maxAge + 5_000;
}
