import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { MINUTE, scripted } from '../support/scripted-connection.js';
import { fails } from '../support/scripted-source.js';

async function ready(options: Parameters<typeof scripted>[0]) {
  const set = scripted({ refresh: { jitter: 0 }, ...options }, {});
  for (const name of ['OWN', 'COMMON']) set.backend.set(name, { value: `${name} 1` });
  await set.start('OWN', 'COMMON');
  const timesOf = (name: string): number[] =>
    set.backend.calls.filter(({ names }) => names.includes(name)).map(({ at }) => at / MINUTE);
  return { ...set, timesOf };
}

describe('times of a secret’s own', () => {
  it('given a `maxAge` of its own, when an hour passes, then it is read by that, and the others by the connection’s', async () => {
    const set = await ready({ perSecret: { OWN: { maxAge: '5m' } } });
    await set.clock.advance(26 * MINUTE);
    expect(set.timesOf('OWN')).toEqual([0, 5, 10, 15, 20, 25]);
    expect(set.timesOf('COMMON')).toEqual([0, 25]);
  });

  it('given a longer one, when the others are read, then it is not taken along', async () => {
    const set = await ready({ perSecret: { OWN: { maxAge: '2h' } }, refresh: { jitter: 0.5 } });
    await set.clock.advance(60 * MINUTE);
    expect(set.timesOf('OWN')).toEqual([0]);
    expect(set.timesOf('COMMON').length).toBeGreaterThan(2);
  });

  it('given a cron expression for the rest, when there is a `maxAge` of its own, then that says how often it is read', async () => {
    const set = await ready({ perSecret: { OWN: { maxAge: '5m' } }, refresh: { cron: '0 * * * *', jitter: 0 } });
    await set.clock.advance(11 * MINUTE);
    expect(set.timesOf('OWN')).toEqual([0, 5, 10]);
    expect(set.timesOf('COMMON')).toEqual([0]);
  });

  it('given a source that is down, when the own age is over, then it alone is stale, and past the own `maxStale` it alone has ended', async () => {
    const set = await ready({ perSecret: { OWN: { maxAge: '5m', maxStale: '10m' } } });
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.clock.advance(6 * MINUTE);
    expect(set.statusOf('OWN')).toMatchObject({ stale: true });
    expect(set.statusOf('COMMON')).toMatchObject({ stale: false });
    await set.clock.advance(8.9 * MINUTE);
    expect(set.client.get('OWN')).toBe('OWN 1');
    await set.clock.advance(0.2 * MINUTE);
    expect(() => set.client.get('OWN')).toThrow('`maxStale`');
    expect(set.client.get('COMMON')).toBe('COMMON 1');
    await set.clock.advance(60 * MINUTE);
    expect(set.client.get('COMMON')).toBe('COMMON 1');
    expect(set.told('ended').map(({ name }) => name)).toEqual(['OWN']);
  });

  it('given a `maxStale` of the connection and `forever` for one, when the source stays down, then that one is served', async () => {
    const set = await ready({ cache: { maxStale: '1m' }, perSecret: { OWN: { maxStale: 'forever' } } });
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.clock.advance(600 * MINUTE);
    expect(set.client.get('OWN')).toBe('OWN 1');
    expect(() => set.client.get('COMMON')).toThrow();
    expect(await set.client.fetch('OWN')).toBe('OWN 1');
  });

  it('given readers without a job, when the own age is over, then reading it starts a reading of it alone', async () => {
    const set = await ready({ perSecret: { OWN: { maxAge: '5m' } }, refresh: { enabled: false } });
    await set.clock.advance(6 * MINUTE);
    set.client.get('COMMON');
    set.client.get('OWN');
    await set.clock.advance(MINUTE);
    expect([set.timesOf('OWN'), set.timesOf('COMMON')]).toEqual([[0, 6], [0]]);
  });

  it('given other versions of a secret, when its own age is over, then they go by it too', async () => {
    const set = await ready({ perSecret: { OWN: { maxAge: '5m' } } });
    await set.client.fetch('OWN', { version: 'STAGE' });
    await set.clock.advance(5.5 * MINUTE);
    expect(set.backend.count('read')).toBe(4);
  });

  it('given a name that every object has, when it has times of its own, then only then', async () => {
    const set = await ready({ perSecret: { OWN: {} } });
    expect(set.runtime.options.policies.of('constructor').maxAge).toBe(25 * MINUTE);
    expect(set.runtime.options.policies.isCommon('toString')).toBe(true);
  });

  it.each([
    ['an unknown key', { OWN: { maxage: '5m' } }, 'maxAge'],
    ['a key of another group', { OWN: { every: '5m' } }, 'perSecret.OWN.every'],
    ['an age of 0', { OWN: { maxAge: 0 } }, 'perSecret.OWN.maxAge'],
    ['no duration', { OWN: { maxAge: 'soon' } }, 'perSecret.OWN.maxAge'],
    ['a negative one', { OWN: { maxStale: -1 } }, 'perSecret.OWN.maxStale'],
    ['`forever` as an age', { OWN: { maxAge: 'forever' } }, 'perSecret.OWN.maxAge'],
    ['a text', { OWN: '5m' }, 'perSecret.OWN'],
    ['null', { OWN: null }, 'perSecret.OWN'],
    ['nothing for a name', { OWN: undefined }, 'perSecret.OWN'],
    ['a text for all', '5m', 'perSecret'],
    ['null for all', null, 'perSecret'],
    ['a list', [{ maxAge: '5m', every: 1 }], 'perSecret'],
  ])('given %s, when the connection is made, then that is refused, and the option named', (_, perSecret, named) => {
    const make = (): unknown => scripted({ perSecret: perSecret as never });
    expect(make).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
    expect(make).toThrow(named);
  });
});
