import type { RotatingOptions } from '../../../lib/core/rotation/rotating.options.js';
import { RotatingResource } from '../../../lib/core/rotation/rotating.js';
import { settled } from '../../support/fake-clock.js';
import { SECOND, scripted } from '../../support/scripted-connection.js';
import { RecordedObserver } from './recorded-observer.js';

const START = 1_800_000_000_000;

class Refused extends Error {
  readonly code = '28P01';
}

/** A resource that is made as the test says. */
async function opened(lease?: number, options: Partial<RotatingOptions<unknown>> = {}) {
  const set = scripted({}, { isHeard: false });
  const { backend, runtime, clock, client } = set;
  const stored = (n: number) => (lease === undefined ? { value: `canary-${n}`, version: `v${n}` } : { lease });
  backend.set('DB', stored(1));
  await set.start('DB');
  const observer = new RecordedObserver();
  runtime.observations.add(observer);
  const maker: { create: (value: unknown) => unknown; validate?: (resource: unknown) => unknown } = {
    create: (value) => value,
  };
  const secret = runtime.pin('DB');
  const resource = await RotatingResource.open<unknown>(
    'POOL',
    {
      create: (value) => maker.create(value),
      validate: (made) => maker.validate?.(made),
      dispose: () => undefined,
      drain: 30 * SECOND,
      retryFor: 0,
      rejects: (error) => error instanceof Refused,
      ...options,
    },
    {
      secret: secret.live,
      clock,
      random: () => 0.5,
      retry: { base: 1000, factor: 2, max: 60_000 },
      warn: () => undefined,
      provide: () => runtime.provide(secret),
      report: () => runtime.rejections.report(secret),
      resources: runtime.resources,
    },
  );
  runtime.addDependent(resource);
  return {
    ...set,
    observer,
    maker,
    resource,
    status: () => runtime.resources.statuses[0]!,
    rotate: async (n: number) => {
      backend.set('DB', stored(n));
      await client.refresh('DB');
      await settled();
    },
  };
}

describe('resources of rotatingProvider, observed', () => {
  it('given a swap while work runs, when it is done, then each step is told with its time, and the status shows who serves and who drains', async () => {
    const { observer, maker, resource, rotate, status, clock } = await opened();
    expect(observer.resources.map(({ step, isFirst, version }) => [step, isFirst, version])).toEqual([
      ['building', true, 'v1'],
      ['built', true, 'v1'],
      ['validated', true, 'v1'],
      ['serving', true, 'v1'],
    ]);
    observer.resources.length = 0;
    let finish!: () => void;
    const work = resource.use(() => new Promise<void>((resolve) => (finish = resolve)));
    await settled();
    maker.create = (value) => new Promise((resolve) => clock.setTimer(() => resolve(value), 2 * SECOND));
    await rotate(2);
    expect(status()).toMatchObject({ state: 'building', isAlive: true, version: 'v1', wantedVersion: 'v2' });
    expect(observer.followings).toEqual([]);
    await clock.advance(2 * SECOND);
    const serving = { name: 'POOL', connection: 'default', secret: 'DB', state: 'serving', isAlive: true, failures: 0 };
    expect(status()).toEqual({
      ...serving,
      since: new Date(START + 2 * SECOND),
      version: 'v2',
      draining: { version: 'v1', since: new Date(START + 2 * SECOND) },
    });
    expect(observer.followings).toHaveLength(1);
    await clock.advance(5 * SECOND);
    finish();
    await work;
    await settled();
    expect(observer.steps).toEqual(['building', 'built', 'validated', 'serving', 'draining', 'drained']);
    expect(observer.resources.find(({ step }) => step === 'serving')!.durationMs).toBe(2 * SECOND);
    expect(observer.resources.at(-1)).toMatchObject({ version: 'v1', isInTime: true, durationMs: 5 * SECOND });
    expect(status()).toEqual({ ...serving, since: new Date(START + 2 * SECOND), version: 'v2' });
    expect(JSON.stringify([observer, status()])).not.toContain('canary');
  });

  it('given work that never ends, when `drain` is over, then it is told that it was not in time', async () => {
    const { observer, resource, rotate, clock } = await opened();
    void resource.use(() => new Promise(() => undefined));
    await settled();
    await rotate(2);
    await clock.advance(30 * SECOND);
    expect(observer.resources.at(-1)).toMatchObject({ step: 'drained', isInTime: false, durationMs: 30 * SECOND });
  });

  it('given swaps that fail, when one goes well at last, then the status tells since when, how often and why, and the old one is alive meanwhile', async () => {
    const { observer, maker, rotate, status, clock } = await opened();
    observer.resources.length = 0;
    maker.validate = () => Promise.reject(new Refused('canary-text'));
    await rotate(2);
    await clock.advance(5 * SECOND);
    const { since, failures, lastError } = status();
    expect(status()).toMatchObject({ state: 'failed', isAlive: true, version: 'v1', wantedVersion: 'v2' });
    expect(since).toEqual(new Date(START));
    expect(failures).toBeGreaterThan(1);
    expect(lastError).toMatchObject({ code: '28P01' });
    expect(observer.resources.filter(({ step }) => step === 'failed')).toHaveLength(failures);
    expect(observer.resources.find(({ step }) => step === 'failed')).toMatchObject({ version: 'v2', code: '28P01' });
    expect(observer.followings).toEqual([]);
    maker.validate = () => undefined;
    await clock.advance(60 * SECOND);
    expect(status()).toMatchObject({ state: 'serving', version: 'v2', failures: 0 });
    expect(status()).not.toHaveProperty('lastError');
    expect(observer.followings).toMatchObject([{ version: 'v2' }]);
    expect(JSON.stringify([observer, status()])).not.toContain('canary');
  });

  it('given credentials whose end has come and a swap that fails, when asked, then there is no living resource', async () => {
    const { maker, status, clock } = await opened(60 * SECOND);
    maker.create = () => Promise.reject(new Refused('canary-text'));
    await clock.advance(50 * SECOND);
    expect(status()).toMatchObject({ state: 'failed', isAlive: true });
    await clock.advance(20 * SECOND);
    expect(status()).toMatchObject({ state: 'failed', isAlive: false });
  });

  it('given work that the other side refuses, when it is done by `use`, then that is told', async () => {
    const { observer, resource } = await opened();
    await expect(resource.use(() => Promise.reject(new Refused()))).rejects.toThrow(Refused);
    expect(observer.rejections).toMatchObject([{ name: 'DB', by: 'use' }]);
  });

  it('given the end of the app while one is being built, when it has closed, then it is told, and what was cut off is not a failure', async () => {
    const { observer, maker, rotate, runtime, status, clock } = await opened();
    let refuse!: (error: Error) => void;
    maker.create = () => new Promise((_, reject) => (refuse = reject));
    await rotate(2);
    observer.resources.length = 0;
    const closing = runtime.shutdown();
    await settled();
    refuse(new Refused());
    await clock.advance(60 * SECOND);
    await closing;
    expect(observer.steps).toEqual(['draining', 'drained', 'closed']);
    expect(status()).toMatchObject({ state: 'closed', isAlive: false });
    expect(status()).not.toHaveProperty('version');
  });
});
