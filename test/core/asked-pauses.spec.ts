import { SecretThrottledError } from 'nestjs-hcp-vault';
import { fails } from '../support/scripted-source.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';

const DAY = 24 * HOUR;
const asks = (retryAfter: unknown) => fails(new SecretThrottledError('slow.', { retryAfter: retryAfter as number }));

// A source asks for a pause (`Retry-After`), in numbers of its own.
const NUMBERS: [string, unknown][] = [
  ['1e9 s', 1e12],
  ['a date in 9999', 2.5e14],
  ['30 days', 30 * DAY],
  ['Infinity', Infinity],
  ['NaN', NaN],
  ['-1', -1],
  ['-Infinity', -Infinity],
  ['0', 0],
  ['text', '60'],
  ['nothing', undefined],
];

describe.each(NUMBERS)('a source that asks for a pause of %s', (_, retryAfter) => {
  it('given it on each reading, when a day passes, then readings go on at least each `refresh.every` and are not a hot loop, and `stale` tells past `maxAge`', async () => {
    const set = scripted({ refresh: { every: '20m' }, cache: { maxAge: '25m' } });
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    set.backend.always.read = asks(retryAfter);
    await set.clock.advance(4 * HOUR);
    const times = set.backend.timesOf('read');
    const gaps = times.slice(1).map((at, index) => at - times[index]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20 * MINUTE);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
    expect(times.length).toBeLessThan(600);
    expect(set.statusOf('KEY')).toMatchObject({ stale: true, lastError: { code: 'SECRET_THROTTLED' } });
    const next = set.statusOf('KEY')!.nextRefreshAt!.getTime();
    expect(next).toBeGreaterThan(set.clock.wall());
    expect(next).toBeLessThanOrEqual(set.clock.wall() + 20 * MINUTE);
    delete set.backend.always.read;
    set.backend.set('KEY', { value: 'v2' });
    await set.clock.advance(20 * MINUTE);
    expect(set.client.get('KEY')).toBe('v2');
  }, 60_000);

  it('given it on renewals and openings, when the lease nears its end, then new credentials are there as soon as the source is well', async () => {
    const set = scripted({}, { can: ['renew'] });
    set.backend.set('DB', { lease: 10 * MINUTE, renewable: true });
    await set.start('DB');
    set.backend.always.read = set.backend.always.renew = asks(retryAfter);
    await set.clock.advance(9 * MINUTE);
    delete set.backend.always.read;
    delete set.backend.always.renew;
    await set.clock.advance(MINUTE + SECOND);
    expect(set.statusOf('DB')).not.toHaveProperty('lastError');
    expect(set.client.get('DB')).toMatchObject({ user: expect.any(String) as string });
    expect(set.backend.calls.length).toBeLessThan(60);
  });
});

describe('a pause that a source asks for', () => {
  it('given `refresh.every` of a day, when a pause of 30 days is asked for, then it is an hour', async () => {
    const set = scripted({ refresh: { every: '1d' }, cache: { maxAge: '1d' } });
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    set.backend.always.read = asks(30 * DAY);
    await set.client.refresh('KEY');
    expect(set.statusOf('KEY')!.nextRefreshAt!.getTime() - set.clock.wall()).toBe(HOUR);
  });

  it('given a pause of 90 s, when it is asked for, then it is heeded, and a forced fetch passes it', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    set.backend.script('read', asks(90 * SECOND));
    await set.client.refresh();
    const before = set.backend.count('read');
    await set.clock.advance(89 * SECOND);
    expect(set.backend.count('read')).toBe(before);
    expect(await set.client.fetch('KEY', { forceRefresh: true })).toBe('v1');
    expect(set.backend.count('read')).toBe(before + 1);
  });

  it.each([
    ['90000', 2],
    [90 * SECOND, 0],
  ])('given a pause of %j ms, when it is text, then it is none, and the back-off holds', async (retryAfter, more) => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    set.backend.script('read', asks(retryAfter), asks(retryAfter));
    await set.client.refresh();
    const before = set.backend.count('read');
    await set.clock.advance(10 * SECOND);
    expect(set.backend.count('read') - before).toBe(more);
  });

  it('given a start against a source that asks for 30 days, when `bootstrapTimeout` is over, then it fails', async () => {
    const set = scripted();
    set.backend.always.read = asks(30 * DAY);
    const starting = set.start('KEY').catch((error: unknown) => error);
    await set.clock.advance(31 * SECOND);
    expect(await starting).toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    expect(set.backend.count('read')).toBeLessThan(5);
    expect(set.clock.pending).toBe(0);
  });
});
