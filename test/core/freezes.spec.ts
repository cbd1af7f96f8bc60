import { SecretSourceUnavailableError, SecretThrottledError } from 'nestjs-hcp-vault';
import { fails, hangs, held, type Behaviour } from '../support/scripted-source.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { settled } from '../support/fake-clock.js';

/** A pause of the process, and whether overdue timers or a waiting request come first when it goes on. */
type Thaw = 'timers first' | 'request first';
const thaws: Thaw[] = ['timers first', 'request first'];

const pause = (set: ReturnType<typeof scripted>, milliseconds: number, thaw: Thaw): void => {
  if (thaw === 'timers first') set.clock.freeze(milliseconds);
  else set.clock.jump(milliseconds);
};

async function ready(stored: object = { value: 'v1' }, options: Parameters<typeof scripted>[0] = {}) {
  const set = scripted(options, { can: ['renew', 'revoke'] });
  set.backend.set('KEY', stored);
  await set.start('KEY');
  await set.readers.open('KEY');
  return set;
}

describe.each(thaws)('a process that stood still past `maxAge`, %s', (thaw) => {
  it('given requests that wait, when it goes on, then the first fetch, withSecret and use have the new value', async () => {
    const set = await ready();
    await set.clock.advance(MINUTE);
    set.backend.set('KEY', { value: 'v2' });
    pause(set, HOUR, thaw);
    const from = set.clock.now();
    set.readers.look();
    await settled();
    set.readers.look();
    await set.clock.advance(SECOND);
    for (const kind of ['fetch', 'withSecret', 'use'] as const) {
      expect([kind, ...set.readers.between(from, Infinity, kind).map(({ value }) => value)]).toEqual([
        kind,
        'v2',
        'v2',
      ]);
    }
    expect(set.backend.count('read')).toBe(2);
  });

  it('given a reading of hours ago, when it stood still several times, then each is noticed', async () => {
    const set = await ready();
    for (let n = 2; n < 6; n += 1) {
      await set.clock.advance(MINUTE);
      set.backend.set('KEY', { value: `v${n}` });
      pause(set, HOUR, thaw);
      expect(await set.client.fetch('KEY')).toBe(`v${n}`);
      await set.clock.advance(SECOND);
    }
    expect(set.backend.count('read')).toBe(5);
  });

  it('given a source that is down, when it goes on, then fetch serves the old value after one attempt', async () => {
    const set = await ready({ value: 'v1' }, { cache: { maxStale: '1d' } });
    await set.clock.advance(MINUTE);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    pause(set, HOUR, thaw);
    const from = set.clock.now();
    set.readers.look();
    await settled();
    expect(set.backend.count('read')).toBe(2);
    set.readers.look();
    await settled();
    expect(set.readers.seen(from)).toEqual(['v1']);
    expect(set.readers.pending).toBe(0);
    expect(set.backend.count('read')).toBe(2);
    expect(set.statusOf('KEY')).toMatchObject({ stale: true, lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
  });

  it('given a source that hangs, when it goes on, then fetch serves the old value when the attempt has timed out, and not before', async () => {
    const set = await ready();
    await set.clock.advance(MINUTE);
    set.backend.always.read = hangs;
    pause(set, HOUR, thaw);
    const from = set.clock.now();
    set.readers.look();
    await set.clock.advance(9 * SECOND);
    expect(set.readers.between(from, Infinity, 'fetch', 'withSecret', 'use')).toEqual([]);
    await set.clock.advance(2 * SECOND);
    expect(set.readers.seen(from)).toEqual(['v1']);
    expect(set.readers.pending).toBe(0);
  });

  it('given a pause past `maxStale`, when the source is down, then fetch rejects', async () => {
    const set = await ready({ value: 'v1' }, { cache: { maxStale: '10m' } });
    await set.clock.advance(MINUTE);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    pause(set, HOUR, thaw);
    await expect(set.client.fetch('KEY')).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
  });

  it('given a pause shorter than what is due, when it goes on, then nothing is read for it', async () => {
    const set = await ready();
    await set.clock.advance(MINUTE);
    pause(set, 5 * MINUTE, thaw);
    expect(await set.client.fetch('KEY')).toBe('v1');
    await set.clock.advance(SECOND);
    expect(set.backend.count('read')).toBe(1);
  });
});

describe.each(thaws)('a process that stood still past a lease, %s', (thaw) => {
  it('given a source that is well, when it goes on, then fetch, withSecret and use wait for new credentials, opened once', async () => {
    const set = await ready({ lease: 10 * MINUTE, renewable: true });
    await set.clock.advance(MINUTE);
    pause(set, HOUR, thaw);
    const from = set.clock.now();
    set.readers.look();
    set.readers.look();
    await set.clock.advance(SECOND);
    expect(set.readers.seen(from, Infinity, 'fetch', 'withSecret', 'use')).toEqual(['KEY-2']);
    expect(set.backend.opened).toEqual(['KEY-1', 'KEY-2']);
    expect(set.backend.count('renew')).toBe(0);
  });

  it('given a pause into the last third of a lease, when it goes on, then it is renewed, and nothing is opened', async () => {
    const set = await ready({ lease: 10 * MINUTE, renewable: true });
    await set.clock.advance(MINUTE);
    pause(set, 7 * MINUTE, thaw);
    set.readers.look();
    await set.clock.advance(SECOND);
    expect(set.readers.seen()).toEqual(['KEY-1']);
    expect(set.readers.got).toHaveLength(6);
    expect([set.backend.opened.length, set.backend.count('renew')]).toEqual([1, 1]);
  });

  it('given a fetch that waits for a back-off when the process is frozen, when it goes on, then it has what the source gives then', async () => {
    const set = await ready({ lease: 10 * MINUTE }, { retry: { max: '4s' } });
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.clock.advance(10 * MINUTE + SECOND);
    const got = set.client.fetch('KEY').catch((error: unknown) => (error as { code: string }).code);
    await settled();
    delete set.backend.always.read;
    pause(set, HOUR, thaw);
    await set.clock.advance(MINUTE);
    expect(await got).toEqual(expect.objectContaining({ user: 'KEY-2' }));
    expect(set.backend.opened).toHaveLength(2);
  });
});

describe.each(thaws)('a process that stood still while a reading was under way, %s', (thaw) => {
  /** A value that has aged, and is being read behind who got it. */
  async function readBehind(behaviour: Behaviour) {
    const set = await ready({ value: 'v1' }, { refresh: { every: '2h', jitter: 0 } });
    await set.clock.advance(26 * MINUTE);
    set.backend.script('read', behaviour);
    expect(set.client.get('KEY')).toBe('v1');
    await set.clock.advance(SECOND);
    expect(set.backend.count('read')).toBe(2);
    set.backend.set('KEY', { value: 'v2' });
    return set;
  }

  it('given an answer from before, when it arrives after the pause, then it is as old as its question, and fetch has the new value', async () => {
    const { behaviour, release } = held();
    const set = await readBehind(behaviour);
    pause(set, HOUR, thaw);
    const got = set.client.fetch('KEY');
    release();
    expect(await got).toBe('v2');
    await set.clock.advance(SECOND);
    expect(set.backend.count('read')).toBe(3);
  });

  it('given an answer that is there before anybody asks, when somebody does, then it is read anew, and once', async () => {
    const { behaviour, release } = held();
    const set = await readBehind(behaviour);
    pause(set, HOUR, thaw);
    release();
    await settled();
    expect(await set.client.fetch('KEY')).toBe('v2');
    await set.clock.advance(2 * SECOND);
    expect(set.backend.count('read')).toBe(3);
  });

  it('given a connection that died meanwhile, when it goes on, then fetch asks anew', async () => {
    const set = await readBehind(hangs);
    pause(set, HOUR, thaw);
    const got = set.client.fetch('KEY');
    await set.clock.advance(SECOND);
    expect(await got).toBe('v2');
    expect(set.backend.count('read')).toBe(3);
  });

  it('given a source that is down, when it goes on, then fetch serves the old value after one attempt more', async () => {
    const set = await readBehind(hangs);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    pause(set, HOUR, thaw);
    const got = set.client.fetch('KEY');
    await set.clock.advance(SECOND / 10);
    expect(await got).toBe('v1');
    expect(set.backend.count('read')).toBe(3);
  });

  it('given credentials that were opened before, when they arrive past their end, then nobody gets them', async () => {
    const set = await ready({ lease: 10 * MINUTE });
    const { behaviour, release } = held();
    set.backend.script('read', behaviour);
    while (set.backend.count('read') < 2) await set.clock.advance(SECOND);
    pause(set, HOUR, thaw);
    const got = set.client.fetch('KEY');
    release();
    await set.clock.advance(2 * SECOND);
    expect(await got).toEqual({ user: 'KEY-3' });
    expect(set.client.get('KEY')).toEqual({ user: 'KEY-3' });
    expect(set.backend.opened).toHaveLength(3);
  });

  it.each([
    ['a source that ends replaced leases', ['renew', 'revoke', 'release'] as const],
    ['one that ends leases only with the app', ['renew', 'revoke'] as const],
  ])(
    'given such credentials, and %s, when they are replaced and the app closes, then they have been ended there, where they may live',
    async (_, can) => {
      const set = scripted({}, { can });
      set.backend.set('KEY', { lease: 10 * MINUTE });
      await set.start('KEY');
      const { behaviour, release } = held();
      set.backend.script('read', behaviour);
      while (set.backend.count('read') < 2) await set.clock.advance(SECOND);
      pause(set, HOUR, thaw);
      release();
      await set.clock.advance(2 * SECOND);
      expect(set.client.get('KEY')).toEqual({ user: 'KEY-3' });
      if (can.length === 3) expect(set.backend.ended).toEqual(['KEY-2']);
      await set.runtime.shutdown();
      expect(set.backend.ended).toEqual(['KEY-2', 'KEY-3']); // KEY-1 has ended by itself
    },
  );

  it('given such credentials, and a source that is down, when the app closes before others came, then they are ended', async () => {
    const set = await ready({ lease: 10 * MINUTE });
    const { behaviour, release } = held();
    set.backend.script('read', behaviour);
    while (set.backend.count('read') < 2) await set.clock.advance(SECOND);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    pause(set, HOUR, thaw);
    release();
    await set.clock.advance(2 * SECOND);
    expect(() => set.client.get('KEY')).toThrow();
    await set.runtime.shutdown();
    expect(set.backend.ended).toEqual(['KEY-2']);
  });

  it('given a pause, when it is noticed by who asks next, then what is asked after it has the age of its answer', async () => {
    const set = await ready({ lease: 10 * MINUTE });
    pause(set, HOUR, thaw);
    const { behaviour, release } = held();
    set.backend.script('read', behaviour);
    set.client.fetch('KEY').catch(() => undefined);
    await set.clock.advance(9 * SECOND);
    release();
    await settled();
    const arrivedAt = set.clock.now();
    while (set.backend.count('read') < 3) await set.clock.advance(SECOND);
    // Two thirds of the lease, of its whole: none of it was slept through.
    expect(set.clock.now() - arrivedAt).toBeGreaterThanOrEqual(6.5 * MINUTE);
  });

  it('given a pause within the time of the call, when the answer arrives, then it counts', async () => {
    const { behaviour, release } = held();
    const set = await readBehind(behaviour);
    pause(set, 5 * SECOND, thaw);
    release();
    await settled();
    expect(set.backend.count('read')).toBe(2);
    expect(set.client.status()[0]).toMatchObject({ stale: false });
  });
});

describe('a pause past `maxAge` alone', () => {
  it('given no job that reads, and a value that had aged before, when it goes on, then fetch waits for the new value', async () => {
    const set = scripted({ refresh: { enabled: false } });
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    await set.clock.advance(26 * MINUTE); // nobody reads it: nothing is due
    expect(set.backend.count('read')).toBe(1);
    set.backend.set('KEY', { value: 'v2' });
    set.clock.jump(HOUR);
    expect(await set.client.fetch('KEY')).toBe('v2');
  });

  it('given no job that reads, when it goes on, then fetch waits for the new value', async () => {
    const set = await ready({ value: 'v1' }, { refresh: { enabled: false } });
    set.backend.set('KEY', { value: 'v2' });
    set.clock.jump(HOUR);
    expect(await set.client.fetch('KEY')).toBe('v2');
  });

  it('given a source that asked for a longer pause before, when it goes on, then fetch answers at once, and does not ask again', async () => {
    const set = await ready({ value: 'v1' }, { cache: { maxAge: '30m' }, refresh: { every: '1h', jitter: 0 } });
    await set.clock.advance(29 * MINUTE);
    set.backend.always.read = fails(new SecretThrottledError('slow.', { retryAfter: HOUR }));
    await set.client.refresh('KEY');
    const before = set.backend.count('read');
    await set.clock.advance(MINUTE / 2);
    set.clock.freeze(20 * MINUTE);
    expect(await set.client.fetch('KEY')).toBe('v1');
    expect(set.backend.count('read')).toBe(before);
  });
});

describe('a process whose turns take seconds', () => {
  it.each([1.5, 3])(
    'given a source that hangs, and turns of %f s, when fetched again and again, then nobody who has a value waits for more than one attempt, and requests keep their back-off',
    async (block) => {
      const set = await ready({ value: 'v1' }, { cache: { maxAge: '1m' } });
      set.backend.always.read = hangs;
      const waited: number[] = [];
      for (let turn = 0; turn < 150; turn += 1) {
        await set.clock.advance((4 - block) * SECOND);
        set.clock.jump(block * SECOND);
        await set.clock.advance(0);
        const from = set.clock.now();
        void set.client.fetch('KEY').then(() => waited.push(set.clock.now() - from));
      }
      await set.clock.advance(MINUTE);
      expect(waited).toHaveLength(150);
      expect(Math.max(...waited)).toBeLessThanOrEqual(13 * SECOND);
      expect(set.backend.count('read')).toBeLessThan(25);
    },
  );
});

describe('a process that never stood still', () => {
  it('given no job that reads, when a value has aged, then fetch answers at once, and it is read behind', async () => {
    const set = scripted({ refresh: { enabled: false } });
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    await set.clock.advance(26 * MINUTE);
    set.backend.set('KEY', { value: 'v2' });
    expect(await set.client.fetch('KEY')).toBe('v1');
    await settled();
    expect(await set.client.fetch('KEY')).toBe('v2');
    expect(set.backend.count('read')).toBe(2);
  });

  it('given a job whose reading hangs, when its timer has fired in time, then fetch, withSecret and use answer at once', async () => {
    const set = await ready({ value: 'v1' }, { timeout: '1m' });
    set.backend.always.read = hangs;
    await set.clock.advance(19 * MINUTE); // due at 18 3/4
    expect(set.backend.count('read')).toBe(2);
    const from = set.clock.now();
    set.readers.look();
    await settled();
    expect(set.readers.pending).toBe(0);
    expect(set.readers.seen(from)).toEqual(['v1']);
  });
});
