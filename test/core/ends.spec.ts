import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { deaf, delays, fails, hangs } from '../support/scripted-source.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';

// An end is an end, whatever is under way. Readers of all kinds are at work throughout.

describe('the end of a lease', () => {
  const leased = async (options: Parameters<typeof scripted>[0] = {}, can: 'renew'[] = ['renew']) => {
    const set = scripted(options, { can: [...can, 'revoke'] });
    set.backend.set('DB', { lease: MINUTE, renewable: true });
    await set.start('DB');
    await set.readers.open('DB');
    return set;
  };

  it.each([
    ['heeds its abortion', hangs],
    ['is deaf', deaf],
  ])(
    'given a renewal that hangs and %s, when readers are at work, then it is given up before the end, and new credentials are opened once',
    async (_, behaviour) => {
      const set = await leased({ timeout: '10m' });
      set.backend.always.renew = behaviour;
      await set.readers.work(45 * SECOND, 500);
      // due at 72 %
      const since = new Date(set.clock.wall() - set.clock.now() + 43.2 * SECOND);
      expect(set.statusOf('DB')?.attempt).toEqual({ kind: 'renewal', since });
      await set.readers.work(14 * SECOND, 500);
      expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
      expect(set.backend.count('renew')).toBe(1);
      expect(set.statusOf('DB')).not.toHaveProperty('attempt');
      await set.readers.work(30 * SECOND, 500);
      expect(set.readers.seen(60 * SECOND)).toEqual(['DB-2']);
      expect(set.readers.seen()).toEqual(['DB-1', 'DB-2']);
      expect(set.readers.pending).toBe(0);
    },
  );

  it('given a renewal and an opening that both hang past the end, when readers are at work, then each gets an error from the end on, and no request is repeated for nothing', async () => {
    const set = await leased({ timeout: '10m' });
    set.backend.always.renew = hangs;
    set.backend.always.read = hangs;
    await set.readers.work(59 * SECOND, 500);
    expect(set.statusOf('DB')?.attempt).toMatchObject({ kind: 'reading' });
    await set.readers.work(20 * SECOND, 500);
    expect(set.readers.seen(0, MINUTE)).toEqual(['DB-1']);
    // synchronous readers have the error; the others wait for the opening, which is under way
    expect(set.readers.seen(MINUTE, Infinity, 'property', 'ref', 'get')).toEqual(['SECRET_SOURCE_UNAVAILABLE']);
    expect(set.readers.seen(MINUTE, Infinity, 'fetch', 'withSecret', 'use')).toEqual([]);
    expect(set.backend.count('read')).toBe(2);
    expect(set.told('ended')).toHaveLength(1);
    expect(set.statusOf('DB')).toMatchObject({ stale: false, attempt: { kind: 'reading' } });
  });

  it('given a reading that hangs past the end, when its time-out comes, then who waited gets that error, and what comes next is served', async () => {
    const set = await leased({ timeout: '30s' }, []);
    set.backend.script('read', hangs);
    await set.readers.work(62 * SECOND, 500);
    expect(set.readers.pending).toBeGreaterThan(0);
    expect(set.readers.seen(MINUTE, Infinity, 'get')).toEqual(['SECRET_SOURCE_UNAVAILABLE']);
    await set.readers.work(30 * SECOND, 500);
    expect(set.readers.seen(MINUTE)).toEqual(['SECRET_SOURCE_UNAVAILABLE', 'DB-2']);
    expect(set.readers.got.at(-1)).toMatchObject({ value: { user: 'DB-2' } });
    expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
    expect(set.readers.pending).toBe(0);
  }, 30_000);

  it('given an end whose timer has not run yet, when asked by the clock, then fetch, withSecret and use give no dead credentials', async () => {
    const set = await leased({}, []);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.readers.work(59 * SECOND, SECOND);
    set.clock.jump(2 * SECOND);
    set.readers.look();
    await set.clock.advance(MINUTE);
    expect(set.readers.between(60 * SECOND, Infinity, 'fetch', 'withSecret', 'use')).toHaveLength(3);
    expect(set.readers.seen(60 * SECOND, Infinity, 'fetch', 'withSecret', 'use')).toEqual([
      'SECRET_SOURCE_UNAVAILABLE',
    ]);
    set.readers.look();
    expect(set.readers.seen(set.clock.now(), Infinity, 'property', 'ref', 'get')).toEqual([
      'SECRET_SOURCE_UNAVAILABLE',
    ]);
  });

  it('given a renewal that answers after the end, when it comes, then it revives nothing', async () => {
    const set = await leased({ timeout: '10m' });
    set.backend.always.renew = deaf;
    set.backend.always.read = delays(set.clock, 40 * SECOND);
    await set.readers.work(2 * MINUTE, SECOND);
    expect(set.readers.seen(MINUTE, MINUTE + 20 * SECOND)).not.toContain('DB-1');
    expect(set.readers.seen().slice(-1)).toEqual(['DB-2']);
  });
});

describe('the end of `maxStale`', () => {
  it.each([
    ['hangs', deaf],
    ['fails', fails(new SecretSourceUnavailableError('down.'))],
  ])(
    'given a source that %s, when `maxStale` is over, then readers get an error from then on',
    async (_, behaviour) => {
      const set = scripted({ cache: { maxAge: '10s', maxStale: '12s' }, timeout: '10m' });
      set.backend.set('KEY', { value: 'v1' });
      await set.start('KEY');
      await set.readers.open('KEY');
      set.backend.always.read = behaviour;
      await set.readers.work(30 * SECOND, 250);
      expect(set.readers.seen(0, 22 * SECOND)).toEqual(['v1']);
      expect(set.readers.seen(22 * SECOND, Infinity, 'property', 'ref', 'get')).toEqual(['SECRET_SOURCE_UNAVAILABLE']);
      expect(set.readers.seen(22 * SECOND)).not.toContain('v1');
      expect(set.told('ended')).toHaveLength(1);
      expect(set.told('ended')[0]!.at.getTime() - (set.clock.wall() - set.clock.now())).toBe(22 * SECOND);
    },
  );

  it.each(['timers first', 'no timer'])(
    'given a pause past `maxAge` and a reading that hangs past `maxStale`, when it is given up (%s), then fetch and withSecret ask the clock again, and reject',
    async (thaw) => {
      const set = scripted({ cache: { maxAge: '10m', maxStale: '10m' } });
      set.backend.set('KEY', { value: 'v1' });
      await set.start('KEY');
      await set.readers.open('KEY');
      set.backend.always.read = hangs;
      set.clock.jump(19.9 * MINUTE); // six seconds before the end
      const from = set.clock.now();
      set.readers.look();
      if (thaw === 'no timer') {
        await settled();
        set.clock.freeze(3 * HOUR); // what was asked before it tells nothing of later: it is asked once more
      }
      await set.clock.advance(11 * SECOND);
      expect(set.readers.between(from, Infinity, 'fetch', 'withSecret', 'use')).toHaveLength(3);
      expect(set.readers.seen(from, Infinity, 'fetch', 'withSecret', 'use')).toEqual(['SECRET_SOURCE_UNAVAILABLE']);
    },
  );
});
