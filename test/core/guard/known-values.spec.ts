import { inspect } from 'node:util';
import lodash from 'lodash';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import type { CaughtSecret } from '../../../lib/core/guard/catches.js';
import { secretsGuard } from '../../../lib/core/guard/secrets-guard.js';
import type { SecretEvent } from '../../../lib/core/refresh/secret-events.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import { FakeClock } from '../../support/fake-clock.js';
import { guarded } from './guarded-connection.js';

const HOUR = 3_600_000;

describe('the values that a guard knows', () => {
  it('given a rotation, when a reader first sees the new value, then it is masked in that turn, and the old one, too', async () => {
    const { source, client, guard, runtime } = await guarded({ KEY: 'canary-one', OTHER: 'canary-other' });
    const seen: string[] = [];
    client.rotations$.subscribe(({ current, previous }) => seen.push(guard.mask(`${String(current)} ${String(previous)}`)));
    client.ref<string>('KEY').changes$.subscribe((value) => seen.push(guard.mask(value)));
    source.rotate('KEY', 'canary-two');
    await client.refresh('KEY');
    expect(seen).toEqual(['[secret KEY]', '[secret KEY]', '[secret KEY] [secret KEY]']);
    await runtime.shutdown();
  }); // prettier-ignore

  it('given a replaced value, when its time is over, then it is looked for no more, and the current one is', async () => {
    const clock = new FakeClock();
    const { source, client, guard, runtime } = await guarded({ KEY: 'canary-one' }, { keepReplaced: '1h' }, { clock });
    source.rotate('KEY', 'canary-two');
    await client.refresh('KEY');
    await clock.advance(HOUR - 1);
    expect(guard.mask('canary-one canary-two')).toBe('[secret KEY] [secret KEY]');
    await clock.advance(HOUR + 1);
    expect(guard.mask('canary-one canary-two')).toBe('canary-one [secret KEY]');
    expect(guard.status().guarded).toBe(1);
    await runtime.shutdown();
  });

  it('given a value that two secrets share, when one of them rotates and its old one is let go, then the other is masked still', async () => {
    const clock = new FakeClock();
    const { source, client, guard, runtime } = await guarded({ A: 'canary-same', B: 'canary-same' }, {}, { clock });
    source.rotate('A', 'canary-new');
    await client.refresh('A');
    await clock.advance(3 * HOUR);
    expect(guard.mask('canary-same canary-new')).toBe('[secret B] [secret A]');
    await runtime.shutdown();
  });

  it('given what is fetched later, other versions and what is written, when they are printed, then they are masked', async () => {
    const source = memorySource({ LATE: 'canary-late', KEY: 'canary-key' });
    const runtime = new SecretRuntime({ source });
    const client = new HcpVaultClient(runtime);
    const guard = secretsGuard(client);
    expect(guard.mask('canary-late')).toBe('canary-late');
    await client.fetch('LATE');
    expect(guard.mask('canary-late')).toBe('[secret LATE]');
    source.fail(new Error('canary-down'));
    await client.update('KEY', 'canary-written').catch(() => undefined);
    expect(guard.mask('canary-written')).toBe('[secret KEY]');
    await runtime.shutdown();
  });

  it('given secrets that were fetched once and let go, when their time is over, then the guard has let go of them', async () => {
    const clock = new FakeClock();
    const values = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`K${i}`, `canary-value-${i}!`]));
    const runtime = new SecretRuntime({ source: memorySource(values), clock, cache: { maxEntries: 10 } });
    const client = new HcpVaultClient(runtime);
    const guard = secretsGuard(client);
    for (const name of Object.keys(values)) await client.fetch(name);
    expect(guard.mask('canary-value-3! canary-value-199!')).toBe('[secret K3] [secret K199]');
    await clock.advance(5 * HOUR);
    expect(guard.status().guarded).toBeLessThanOrEqual(11);
    await runtime.shutdown();
  });

  it('given several connections, when a text has values of each, then each is masked, and who catches is told which', async () => {
    const [one, two] = [await guarded({ A: 'canary-of-one' }), await guarded({ B: 'canary-of-two' }, {}, { connection: 'reports' })];
    const guard = secretsGuard([one.client, two.client]);
    const caught: CaughtSecret[] = [];
    const events: SecretEvent[] = [];
    guard.caught$.subscribe((event) => caught.push(event));
    for (const { client } of [one, two]) client.events$.subscribe((event) => events.push(event));
    guard.caught$.subscribe(() => {
      throw new Error('an observer');
    });
    expect(guard.mask('canary-of-one canary-of-two')).toBe('[secret A] [secret B]');
    expect(caught).toEqual([
      { name: 'A', connection: 'default', place: 'mask', at: expect.any(Date) },
      { name: 'B', connection: 'reports', place: 'mask', at: expect.any(Date) },
    ]);
    const told = events.filter(({ type }) => type === 'caught');
    expect(told).toEqual([
      { type: 'caught', name: 'A', connection: 'default', source: 'memory', place: 'mask', at: expect.any(Date) },
      { type: 'caught', name: 'B', connection: 'reports', source: 'memory', place: 'mask', at: expect.any(Date) },
    ]);
    expect(JSON.stringify([caught, told])).not.toContain('canary');
    for (const { runtime } of [one, two]) await runtime.shutdown();
  }); // prettier-ignore

  it('given a closed connection, when its values are printed, then they are masked, until the guard is stopped, and no timer is left', async () => {
    const clock = new FakeClock();
    const { source, client, guard, runtime } = await guarded({ KEY: 'canary-one' }, {}, { clock });
    source.rotate('KEY', 'canary-two');
    await client.refresh('KEY');
    await runtime.shutdown();
    expect(guard.mask('canary-one canary-two')).toBe('[secret KEY] [secret KEY]');
    expect(clock.pending).toBe(0);
    guard.stop();
    expect(guard.mask('canary-two')).toBe('canary-two');
    expect(guard.status().guarded).toBe(0);
  });

  it('given the guard and all that it gives, when they are printed in any way, then no value shows', async () => {
    const { guard, runtime } = await guarded({ DB: { password: 'canary-pw-1' }, KEY: 'canary-key-1' });
    guard.mask('canary-key-1');
    const things = [guard, guard.stream(), guard.pino(), guard.winston(), guard.logger(console), guard.status(), lodash.cloneDeep(guard)];
    for (const thing of things) {
      const views = [String(thing), JSON.stringify({ thing }), inspect(thing, { showHidden: true, depth: 20, getters: true, showProxy: true })];
      expect(views.join('\n')).not.toMatch(/canary/);
      for (const key of Reflect.ownKeys(thing)) expect(inspect(Reflect.get(thing, key), { depth: 9 })).not.toMatch(/canary/);
    }
    expect(String(guard)).toBe('[secrets guard]');
    await runtime.shutdown();
  }); // prettier-ignore

  it('given what is not a client, or an option that there is not, when a guard is made, then it says so', async () => {
    const { client, runtime } = await guarded({});
    expect(() => secretsGuard({ connection: 'x' })).toThrow('secretsGuard takes a client of this package');
    expect(() => secretsGuard(client, { exept: ['A'] } as never)).toThrow('Did you mean "except"?');
    expect(() => secretsGuard(client, { keepReplaced: '25' })).toThrow('keepReplaced');
    await runtime.shutdown();
  });
});
