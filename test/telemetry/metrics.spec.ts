import { jest } from '@jest/globals';
import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { SecretAccessDeniedError, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { openTelemetry, type OpenTelemetryOptions } from 'nestjs-hcp-vault/opentelemetry';
import { secretsGuard } from '../../lib/core/guard/secrets-guard.js';
import { OBSERVED, RECORDED } from '../../lib/telemetry/opentelemetry/instrument-table.js';
import { rowsOf } from '../docs/markdown.js';
import { settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import type { RuntimeOptions } from '../../lib/core/client/secret-runtime.js';
import type { ScriptedOptions } from '../support/scripted-source.js';
import { Measured } from './support/measuring.js';

type Set = ReturnType<typeof scripted>;

const measured = (
  options: Partial<RuntimeOptions> & { readonly source?: never } = {},
  about: ScriptedOptions = {},
  telemetry: OpenTelemetryOptions = {},
): Set => scripted({ telemetry: openTelemetry(telemetry), ...options }, about);

afterEach(() => metrics.disable());

describe('the instruments', () => {
  const described = Object.values({ ...RECORDED, ...OBSERVED });

  it('given their table, when docs/metrics.md is read, then it has a row for each and no other, with kind and unit', () => {
    const rows = rowsOf('docs/metrics.md', 'instrument');
    const told = [...rows].map(([name, [kind, unit]]) => [name, kind, unit!.replaceAll('`', '')]);
    expect(told).toEqual(described.map(({ name, kind, unit }) => [name, kind, unit]));
  });

  it('given their names, when they are read, then they are those of the conventions: no unit in the name, and each unit of UCUM', () => {
    for (const { name, unit, kind } of described) {
      expect(name).toMatch(/^secret\.client(\.[a-z]+)+$/);
      expect(name).not.toMatch(/second|total|_/);
      expect(unit).toMatch(/^(s|\{[a-z]+\})$/);
      expect(unit === 's').toBe(kind === 'histogram' || kind === 'gauge');
    }
  });

  it('given a provider, when a connection is measured, then what is registered is the table', async () => {
    const registered: string[] = [];
    const provider = new MeterProvider();
    const { getMeter } = provider;
    jest.spyOn(provider, 'getMeter').mockImplementation((...parameters) => {
      const meter = getMeter.apply(provider, parameters);
      expect(parameters).toEqual(['nestjs-hcp-vault', expect.stringMatching(/^\d/)]);
      for (const kind of [
        'createCounter',
        'createHistogram',
        'createObservableGauge',
        'createObservableUpDownCounter',
      ] as const) {
        const create = meter[kind].bind(meter) as (...parameters: never[]) => never;
        jest.spyOn(meter, kind).mockImplementation(((name: string, { unit }: { unit: string }, ...rest: never[]) => {
          registered.push(`${name} ${unit} ${kind}`);
          return create(name as never, { unit } as never, ...rest);
        }) as never);
      }
      return meter;
    });
    metrics.setGlobalMeterProvider(provider);
    const set = measured();
    await set.start();
    const kinds = { counter: 'createCounter', histogram: 'createHistogram', gauge: 'createObservableGauge', updowncounter: 'createObservableUpDownCounter' }; // prettier-ignore
    expect(registered).toEqual(described.map(({ name, unit, kind }) => `${name} ${unit} ${kinds[kind]}`));
    await set.runtime.shutdown();
  });
});

describe('what is measured', () => {
  it('given calls that go well, fail, or fail in part, when they are over, then each is counted with how long it took', async () => {
    const sdk = new Measured().register();
    const set = measured({ retry: { base: HOUR, max: HOUR } });
    for (const name of ['A', 'B']) set.backend.set(name, { value: `canary-${name}` });
    set.backend.always.read = async (answer) => {
      await set.clock.sleep(40);
      return answer();
    };
    const starting = set.start('A', 'B');
    await set.clock.advance(SECOND);
    await starting;
    set.backend.set('A', { failure: new SecretAccessDeniedError('no.') });
    const reporting = set.client.refresh();
    await set.clock.advance(SECOND);
    await reporting;
    set.backend.script('read', () => {
      throw new SecretSourceUnavailableError('cut.');
    });
    await set.client.refresh('B');
    const found = await sdk.collect();
    const read = { 'secret.connection': 'default', 'secret.source': 'scripted', 'secret.operation.name': 'read' };
    const well = found.histogram('secret.client.operation.duration', { ...read, 'error.type': undefined });
    expect([well.count, well.sum]).toEqual([2, 0.08]);
    expect(well.buckets.boundaries).toEqual(RECORDED.operationDuration.bounds);
    const failed = { ...read, 'error.type': 'SECRET_SOURCE_UNAVAILABLE' };
    expect(found.histogram('secret.client.operation.duration', failed).count).toBe(1);
    expect(found.points('secret.client.operation.secrets').map(({ value, attributes }) => [attributes['error.type'], value])).toEqual([
      [undefined, 3],
      ['SECRET_ACCESS_DENIED', 1],
      ['SECRET_SOURCE_UNAVAILABLE', 1],
    ]); // prettier-ignore
    expect(found.value('secret.client.source.failures')).toBe(1);
    expect(found.histogram('secret.client.bootstrap.duration').sum).toBe(0.04);
    await set.runtime.shutdown();
  });

  it('given 100 rotations that are announced, when their last consumer is done, then the lags are those that passed', async () => {
    const sdk = new Measured().register();
    let announce!: (changes: string[]) => void;
    const push = {
      kind: 'test',
      open: (listener: (changes: string[]) => void) => ((announce = listener), () => undefined),
    };
    const set = measured({ push: push as never });
    set.backend.set('A', { value: 'canary-0', version: '0' });
    let reading = 0;
    set.backend.always.read = async (answer) => {
      if (reading > 0) await set.clock.sleep(reading);
      return answer();
    };
    await set.start('A');
    const expected: number[] = [];
    for (let at = 1; at <= 100; at += 1) {
      reading = at * 7; // milliseconds, and different each time
      set.backend.set('A', { value: `canary-${at}`, version: `${at}` });
      announce(['A']);
      await set.clock.advance(2 * SECOND);
      expected.push(reading / SECOND);
    }
    const found = await sdk.collect();
    expect(found.value('secret.client.rotations')).toBe(100);
    const lag = found.histogram('secret.client.rotation.lag', { 'secret.lag.from': 'announcement' });
    expect(lag.count).toBe(100);
    expect(lag.sum).toBeCloseTo(
      expected.reduce((sum, one) => sum + one, 0),
      6,
    );
    expect([lag.min, lag.max]).toEqual([0.007, 0.7]);
    const { boundaries, counts } = lag.buckets;
    const below = (bound: number): number => expected.filter((one) => one <= bound).length;
    let sum = 0;
    boundaries.forEach((bound, index) => expect([bound, (sum += counts[index]!)]).toEqual([bound, below(bound)]));
    await set.runtime.shutdown();
  });

  it('given no announcement, when the source tells when the version was made, then the lag counts from there; else from the publication', async () => {
    const sdk = new Measured().register();
    const set = measured();
    set.backend.set('A', { value: 'canary-1' });
    set.backend.set('B', { value: 'canary-1', version: '1', createdAt: new Date(set.clock.wall()) });
    await set.start('A', 'B');
    await set.clock.advance(MINUTE);
    set.backend.set('A', { value: 'canary-2' });
    set.backend.set('B', { value: 'canary-2', version: '2', createdAt: new Date(set.clock.wall() - 20 * SECOND) });
    await set.client.refresh();
    await settled();
    const found = await sdk.collect();
    expect(found.histogram('secret.client.rotation.lag', { 'secret.lag.from': 'creation' }).sum).toBe(20);
    expect(found.histogram('secret.client.rotation.lag', { 'secret.lag.from': 'publication' }).sum).toBe(0);
    await set.runtime.shutdown();
  });

  it('given what a schema refuses and the other side rejects, and a value that a guard catches, when it happens, then each is counted by its kind', async () => {
    const sdk = new Measured().register();
    const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => (value === 'canary-bad' ? { issues: [{ message: 'canary-bad' }] } : { value }) } }; // prettier-ignore
    const set = measured({ schema: { A: schema as never } });
    set.backend.set('A', { value: 'canary-good' });
    await set.start('A');
    set.backend.set('A', { value: 'canary-bad', version: '2' });
    await set.client.refresh('A');
    await set.client.reportRejected('A');
    const guard = secretsGuard(set.client);
    expect(guard.mask('canary-good canary-good')).toBe('[secret A] [secret A]');
    const found = await sdk.collect();
    expect(found.value('secret.client.refusals', { 'secret.refused.by': 'schema' })).toBeGreaterThanOrEqual(1);
    expect(found.value('secret.client.refusals', { 'secret.refused.by': 'hook' })).toBe(0); // there before it happens, so that an increase is seen
    expect(found.value('secret.client.rejections', { 'secret.rejected.by': 'reportRejected' })).toBe(1);
    expect(found.value('secret.client.guard.catches', { 'secret.guard.place': 'mask' })).toBe(2);
    expect(found.value('secret.client.events', { 'secret.event.type': 'caught' })).toBe(2);
    expect(found.text).not.toContain('canary');
    guard.stop();
    await set.runtime.shutdown();
  });

  it('given secrets in every state and leases, when somebody collects, then each is counted, with the oldest value and the next end', async () => {
    const sdk = new Measured().register();
    const set = measured({ cache: { maxAge: 10 * MINUTE, maxStale: '1h' }, refresh: { jitter: 0 } });
    set.backend.set('A', { value: 'canary-a' });
    set.backend.set('LEASED', { lease: 30 * MINUTE });
    await set.start('A', 'LEASED');
    await set.client.fetch('NONE').catch(() => undefined);
    set.runtime.pin('NONE');
    await set.clock.advance(5 * MINUTE);
    let found = await sdk.collect();
    const states = (): Record<string, unknown> =>
      Object.fromEntries(
        found.points('secret.client.secrets').map(({ value, attributes }) => [attributes['secret.state'], value]),
      );
    expect(states()).toMatchObject({ current: 2, stale: 0, ended: 0 });
    expect(found.value('secret.client.value.age')).toBe(300);
    expect([found.value('secret.client.leases'), found.value('secret.client.lease.remaining')]).toEqual([1, 25 * 60]);
    set.backend.always.read = () => {
      throw new SecretSourceUnavailableError('away.');
    };
    await set.clock.advance(15 * MINUTE);
    found = await sdk.collect();
    expect(states()).toMatchObject({ current: 1, stale: 1, ended: 0 });
    expect(found.value('secret.client.source.failures')).toBeGreaterThan(3);
    await set.clock.advance(2 * HOUR);
    found = await sdk.collect();
    expect(states()).toMatchObject({ current: 0, stale: 0, ended: 2 });
    expect([found.value('secret.client.leases'), found.value('secret.client.value.age')]).toEqual([0, 0]);
    await set.runtime.shutdown();
  });

  it('given secretNames, when things happen, then names are attributes; without it, they are nowhere', async () => {
    for (const secretNames of [true, false]) {
      const sdk = new Measured().register();
      const set = measured({}, {}, { secretNames });
      set.backend.set('THE_NAME', { value: 'canary-1', version: '1' });
      await set.start('THE_NAME');
      set.backend.set('THE_NAME', { value: 'canary-2', version: '2' });
      await set.client.refresh('THE_NAME');
      await settled();
      const found = await sdk.collect();
      expect(found.value('secret.client.rotations', { 'secret.name': 'THE_NAME' })).toBe(secretNames ? 1 : undefined);
      expect(found.points('secret.client.value.age', { 'secret.name': 'THE_NAME' })).toHaveLength(secretNames ? 1 : 0);
      expect([found.text.includes('THE_NAME'), found.text.includes('canary')]).toEqual([secretNames, false]);
      await set.runtime.shutdown();
    }
  });
});

describe('who measures', () => {
  it('given no provider, when the API is looked for, then it is not loaded, and what happens goes on; one that comes later is seen', async () => {
    metrics.disable();
    const set = measured();
    set.backend.set('A', { value: 'canary-1', version: '1' });
    await set.start('A');
    const sdk = new Measured().register();
    set.backend.set('A', { value: 'canary-2', version: '2' });
    await set.client.refresh('A'); // the first thing that happens
    await settled();
    expect((await sdk.collect()).value('secret.client.rotations')).toBe(1);
    await set.runtime.shutdown();
  });

  it('given a provider that comes while nothing happens, when ten seconds have passed, then its gauges are observed', async () => {
    const set = measured();
    set.backend.set('A', { value: 'canary-1' });
    await set.start('A');
    const sdk = new Measured().register();
    await set.clock.advance(11 * SECOND);
    expect((await sdk.collect()).value('secret.client.secrets', { 'secret.state': 'current' })).toBe(1);
    await set.runtime.shutdown();
  });

  it('given a provider in place of another, when things happen, then they are measured there, and the first is left', async () => {
    const first = new Measured().register();
    const set = measured();
    set.backend.set('A', { value: 'canary-1', version: '1' });
    await set.start('A');
    expect((await first.collect()).value('secret.client.secrets', { 'secret.state': 'current' })).toBe(1);
    const second = new Measured().register();
    set.backend.set('A', { value: 'canary-2', version: '2' });
    await set.client.refresh('A');
    await settled();
    expect((await second.collect()).value('secret.client.rotations')).toBe(1);
    expect((await second.collect()).value('secret.client.secrets', { 'secret.state': 'current' })).toBe(1);
    expect((await first.collect()).value('secret.client.rotations')).toBe(0);
    await set.runtime.shutdown();
  });

  it('given two apps with a connection of one name, when both are measured, then each has its series; a number is given again when it is free', async () => {
    const sdk = new Measured().register();
    const [one, two] = [measured(), measured()];
    for (const set of [one, two]) set.backend.set('A', { value: 'canary-1' });
    await one.start('A');
    await two.start();
    let found = await sdk.collect();
    const current = { 'secret.connection': 'default', 'secret.state': 'current' };
    expect(found.value('secret.client.secrets', { ...current, 'secret.app': undefined })).toBe(1);
    expect(found.value('secret.client.secrets', { ...current, 'secret.app': 2 })).toBe(0);
    await one.runtime.shutdown();
    const three = measured();
    three.backend.set('A', { value: 'canary-1' });
    three.backend.set('B', { value: 'canary-1' });
    await three.start('A', 'B');
    found = await sdk.collect();
    expect(found.value('secret.client.secrets', { ...current, 'secret.app': undefined })).toBe(2);
    expect(found.points('secret.client.secrets', { 'secret.app': 3 })).toEqual([]);
    for (const set of [two, three]) await set.runtime.shutdown();
  });

  it('given a connection that has closed, when somebody collects, then its secrets are not looked at, and no timer is left', async () => {
    const sdk = new Measured().register();
    const set = measured();
    set.backend.set('A', { value: 'canary-1' });
    await set.start('A');
    await sdk.collect();
    await set.runtime.shutdown();
    let looked = 0;
    Object.defineProperty(set.runtime.secrets, Symbol.iterator, { value: () => ((looked += 1), [].values()) });
    await sdk.collect();
    expect([looked, set.clock.pending]).toEqual([0, 0]);
  });
});
