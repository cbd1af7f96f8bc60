import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { channel, delays, fails, held } from '../support/scripted-source.js';

async function listening(options: Parameters<typeof scripted>[0] = {}, more: object = {}) {
  const { watch, announce } = channel();
  const set = scripted({ refresh: { jitter: 0 }, cache: { maxAge: '1h' }, ...options }, { more: { watch, ...more } });
  set.backend.set('KEY', { value: 'v1', version: '1' });
  set.backend.set('OTHER', { value: 'o1', version: '1' });
  set.backend.set('LEASED', { lease: 30 * MINUTE });
  await set.start('KEY', 'OTHER', 'LEASED');
  await set.clock.advance(5 * SECOND);
  const before = set.backend.calls.length;
  const from = set.clock.now();
  /** When what was read since, in milliseconds after the beginning. */
  const readings = (name = 'KEY') =>
    set.backend.calls
      .slice(before)
      .filter(({ names }) => names.includes(name))
      .map(({ at }) => at - from);
  return { ...set, announce, readings };
}

describe('an announcement of a name', () => {
  it('given a change that is never seen, when announced, then it is read after 0, 0.2, 0.5, 1, 2, 5, 10 and 30 s, and the schedule goes on', async () => {
    const set = await listening();
    set.announce(['KEY']);
    await set.clock.advance(2 * MINUTE);
    expect(set.readings()).toEqual([0, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000]);
    expect(set.readings('OTHER')).toEqual([]);
    expect(set.told('announced-not-seen').map(({ name, version }) => [name, version])).toEqual([['KEY', '1']]);
    expect(set.statusOf('KEY')?.events.at(-1)?.type).toBe('announced-not-seen');
    expect(set.statusOf('KEY')?.nextRefreshAt).toBeInstanceOf(Date);
    expect(set.statusOf('KEY')).not.toHaveProperty('lastError');
  });

  it('given a replica that lags 1.5 s, when a version is announced, then the row ends when that is read', async () => {
    const set = await listening();
    set.announce([{ name: 'KEY', version: '2' }]);
    await set.clock.advance(1_500);
    expect(set.client.get('KEY')).toBe('v1');
    set.backend.set('KEY', { value: 'v2', version: '2' });
    await set.clock.advance(MINUTE);
    expect(set.readings()).toEqual([0, 200, 500, 1_000, 2_000]);
    expect(set.client.get('KEY')).toBe('v2');
    expect(set.told('announced-not-seen')).toEqual([]);
  });

  it.each([
    ['another version', { value: 'v9', version: '9' }],
    ['the same version with another value', { value: 'v9', version: '1' }],
    ['another version with the same value', { value: 'v1', version: '2' }],
  ])('given a named version, when %s comes, then the row ends there', async (_, stored) => {
    const set = await listening();
    set.announce([{ name: 'KEY', version: '5' }]);
    await set.clock.advance(300);
    set.backend.set('KEY', stored);
    await set.clock.advance(MINUTE);
    expect(set.readings()).toEqual([0, 200, 500]);
  });

  it('given a secret that is gone, when that is announced, then the row ends, the value stays, and it is told', async () => {
    const set = await listening();
    set.announce(['KEY']);
    await set.clock.advance(300);
    set.backend.stored.delete('KEY');
    await set.clock.advance(MINUTE);
    expect(set.readings()).toEqual([0, 200, 500]);
    expect(set.client.get('KEY')).toBe('v1');
    expect(set.statusOf('KEY')).toMatchObject({ lastError: { code: 'SECRET_NOT_FOUND' } });
  });

  it('given a version that is held, or was held before, when announced, then nothing is read', async () => {
    const set = await listening();
    set.announce([{ name: 'KEY', version: '1' }]);
    await set.clock.advance(MINUTE);
    expect(set.readings()).toEqual([]);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    await set.client.refresh('KEY');
    const before = set.backend.count('read');
    set.announce([{ name: 'KEY', version: '1' }]);
    await set.clock.advance(MINUTE);
    expect(set.backend.count('read')).toBe(before);
  });

  it('given a source that fails, when announced, then the row goes on, and ends when the value is there', async () => {
    const set = await listening();
    set.backend.script('read', fails(new SecretSourceUnavailableError('down.')));
    set.backend.set('KEY', { value: 'v2', version: '2' });
    set.announce(['KEY']);
    await set.clock.advance(MINUTE);
    expect(set.readings().slice(0, 2)).toEqual([0, 200]);
    expect(set.readings()).toHaveLength(2);
    expect(set.client.get('KEY')).toBe('v2');
  });

  it('given 50 announcements in 250 ms, when nothing is seen, then one row is read, and once more at its end', async () => {
    const set = await listening();
    for (let n = 0; n < 50; n += 1) {
      set.announce(['KEY']);
      await set.clock.advance(5);
    }
    await set.clock.advance(2 * MINUTE);
    expect(set.readings()).toEqual([0, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 30_000]);
  });

  it('given 50 announcements in 250 ms of a change that is there, when they come, then few readings see it', async () => {
    const set = await listening();
    set.backend.set('KEY', { value: 'v2', version: '2' });
    for (let n = 0; n < 50; n += 1) {
      set.announce(['KEY']);
      await set.clock.advance(5);
    }
    await set.clock.advance(2 * MINUTE);
    // the first row sees it with its first reading; the next begins a second later, for what came after
    const early = set.readings().filter((at) => at < 1_000);
    expect(early.length).toBeLessThanOrEqual(2);
    expect(set.rotations).toHaveLength(1);
    expect(set.readings().length).toBeLessThanOrEqual(1 + 8 + 1);
  });

  it('given a row under way, when another version is announced and seen, then that reading is not repeated', async () => {
    const set = await listening();
    set.announce([{ name: 'KEY', version: '2' }]);
    await set.clock.advance(100);
    set.announce([{ name: 'KEY', version: '3' }]);
    await set.clock.advance(200);
    set.backend.set('KEY', { value: 'v3', version: '3' });
    await set.clock.advance(MINUTE);
    expect(set.readings()).toEqual([0, 200, 500]);
  });

  it('given a joined announcement of a later version, when the row ends early, then one more reading looks for it', async () => {
    const set = await listening();
    set.announce([{ name: 'KEY', version: '2' }]);
    await settled();
    set.announce([{ name: 'KEY', version: '3' }]);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    await set.clock.advance(MINUTE);
    expect(set.readings()).toHaveLength(3);
    expect(set.readings().slice(0, 2)).toEqual([0, 200]);
  });

  it('given a change that its row has seen, when the next one is announced a second later, then that is read soon, and not when the row would have read again', async () => {
    const set = await listening();
    set.announce(['KEY']);
    await set.clock.advance(9_900);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    await set.clock.advance(1_100); // read at 10 s
    expect(set.client.get('KEY')).toBe('v2');
    set.backend.set('KEY', { value: 'v3', version: '3' });
    set.announce(['KEY']);
    await set.clock.advance(2 * SECOND);
    expect(set.client.get('KEY')).toBe('v3');
  });

  it('given a change each 100 ms, each announced and there at once, when a minute passes, then rows begin at most once a second', async () => {
    const set = await listening();
    for (let n = 2; n < 102; n += 1) {
      set.backend.set('KEY', { value: `v${n}`, version: String(n) });
      set.announce([{ name: 'KEY', version: String(n) }]);
      await set.clock.advance(100);
    }
    await set.clock.advance(2 * SECOND);
    expect(set.client.get('KEY')).toBe('v101');
    // ten seconds of changes: a row a second, of a reading and at most one for those who joined
    expect(set.readings().length).toBeLessThanOrEqual(22);
  });

  it.each<[string, number, object | undefined]>([
    ['in no time', 0, undefined],
    ['in 150 ms', 150, undefined],
    ['in 150 ms, by versions that come later', 150, { version: 'later' }],
  ])(
    'given 1,000 announcements a second of a secret that changes all the time, read %s, when a minute passes, then there is at most one reading a second, and the last value is in soon',
    async (_, takes, named) => {
      const set = await listening();
      if (takes > 0) set.backend.always.read = delays(set.clock, takes);
      for (let n = 0; n < 60_000; n += 1) {
        if (n % 100 === 0) set.backend.set('KEY', { value: `v${n}`, version: String(n) });
        set.announce([named ? { name: 'KEY', ...named } : 'KEY']);
        if (n % 10 === 9) await set.clock.advance(10);
      }
      const during = set.readings().length;
      expect(during).toBeLessThanOrEqual(61);
      expect(during).toBeGreaterThan(25);
      await set.clock.advance(3 * SECOND);
      expect(set.client.get('KEY')).toBe('v59900');
    },
  );

  it('given the last reading of a row, when a change comes after its answer and before its end, then that is read too', async () => {
    const set = await listening();
    const early = held();
    const last = held();
    set.backend.set('KEY', { value: 'v2', version: '2' });
    set.backend.script('read', early.behaviour, last.behaviour);
    set.announce(['KEY']);
    await settled();
    set.announce(['KEY']); // joins
    early.release();
    await settled();
    set.backend.set('KEY', { value: 'v3', version: '3' }); // after the answer of the last reading, which is under way
    set.announce(['KEY']);
    last.release();
    await set.clock.advance(5 * SECOND);
    expect(set.client.get('KEY')).toBe('v3');
    expect(set.readings().length).toBeLessThanOrEqual(6);
  });

  it('given a reading that takes two seconds, when many announce, then never two readings of the name are under way', async () => {
    const set = await listening();
    set.backend.always.read = delays(set.clock, 2 * SECOND);
    for (let n = 0; n < 20; n += 1) {
      set.announce(n % 2 ? ['KEY'] : undefined);
      await set.clock.advance(300);
    }
    await set.clock.advance(2 * MINUTE);
    expect(set.backend.most).toBe(1);
  });

  it('given a dynamic secret, when it is announced by name or not, then nothing is opened', async () => {
    const set = await listening();
    set.announce(['LEASED']);
    set.announce([{ name: 'LEASED', version: 'x' }]);
    set.announce();
    await set.clock.advance(MINUTE);
    expect(set.backend.opened).toEqual(['LEASED-1']);
    expect(set.readings('LEASED')).toEqual([]);
    expect(set.told('announced-not-seen', 'LEASED')).toEqual([]);
  });

  it('given a name that nobody asked for, when announced, then nothing is read or kept', async () => {
    const set = await listening();
    set.announce(['NOBODY', { name: '__proto__' }, '']);
    await set.clock.advance(MINUTE);
    expect(set.readings('NOBODY')).toEqual([]);
    expect(set.client.status()).toHaveLength(3);
    expect(set.lines).toEqual([]);
  });

  it('given a source that knows what an ARN or a document stands for, when that is announced, then its names are read', async () => {
    const namesOf = (announced: string): readonly string[] => {
      if (announced === 'arn:throws') throw new Error('no');
      return announced === 'arn:doc' ? ['KEY', 'OTHER', 'NOBODY'] : [];
    };
    const set = await listening({}, { namesOf });
    set.announce(['KEY']);
    await set.clock.advance(MINUTE);
    expect(set.readings()).toEqual([]); // it says that it has none of that name
    set.announce(['arn:throws']);
    set.announce(['arn:doc']);
    await set.clock.advance(100);
    expect([set.readings().length, set.readings('OTHER').length]).toEqual([1, 1]);
    expect(set.backend.calls.at(-1)?.names).toEqual(['KEY', 'OTHER']);
  });

  it('given another version that somebody reads, when the name is announced, then that is read too', async () => {
    const set = await listening();
    await set.client.fetch('KEY', { version: 'STAGE' });
    const before = set.readings().length;
    set.announce(['KEY']);
    await set.clock.advance(100);
    expect(set.readings()).toHaveLength(before + 2);
  });

  it.each([[[]], [[[]]]])(
    'given `onChange(%j)` that names nothing, when it comes, then nothing is read',
    async (changes) => {
      const set = await listening();
      set.announce(changes as never);
      await set.clock.advance(MINUTE);
      expect(set.readings()).toEqual([]);
    },
  );

  it('given malformed announcements, when they come, then none throws, good ones count, and it is told once', async () => {
    const set = await listening();
    const odd = [null, 'KEY', 7, {}, [null], [7], [{ name: 7 }], [{}], [{ name: 'KEY', version: 3 }]];
    for (const each of odd) expect(() => set.announce(each as never)).not.toThrow();
    const throwing = new Proxy(
      {},
      {
        get: () => {
          throw new Error('canary-text');
        },
      },
    );
    set.announce([null, throwing, 'OTHER'] as never);
    await set.clock.advance(100);
    expect(set.readings()).toEqual([]);
    expect(set.readings('OTHER')).toEqual([0]);
    expect(set.lines.filter((line) => line.includes('not a list of changes'))).toHaveLength(1);
  });
});

describe('an announcement without names', () => {
  it('given secrets by name, when it comes, then all static ones are read at once and 5 s later', async () => {
    const set = await listening();
    set.announce();
    await set.clock.advance(MINUTE);
    expect(set.readings()).toEqual([0, 5_000]);
    expect(set.readings('OTHER')).toEqual([0, 5_000]);
    expect(set.backend.count('read')).toBe(3); // each of the two in one call
  });

  it('given many at once, when they come, then they join, and add one reading', async () => {
    const set = await listening();
    for (let n = 0; n < 50; n += 1) {
      set.announce();
      await set.clock.advance(5);
    }
    await set.clock.advance(MINUTE);
    expect(set.readings()).toEqual([0, 5_000, 5_000]);
  });

  it('given the last reading of all, when another one comes after its answer, then all is read again', async () => {
    const set = await listening();
    const last = held();
    set.announce();
    await set.clock.advance(4 * SECOND);
    set.announce();
    await set.clock.advance(900);
    set.backend.script('read', (answer) => answer(), last.behaviour);
    await set.clock.advance(200);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    set.announce();
    last.release();
    await set.clock.advance(10 * SECOND);
    expect(set.client.get('KEY')).toBe('v2');
  });

  it('given 1,000 a second, when a minute passes, then there is at most one reading a second', async () => {
    const set = await listening();
    set.backend.always.read = delays(set.clock, 50);
    for (let n = 0; n < 6_000; n += 1) {
      for (let k = 0; k < 10; k += 1) set.announce();
      await set.clock.advance(10);
    }
    expect(set.readings().length).toBeLessThanOrEqual(61);
  });

  it('given jitter, when a named one comes first and again, then the first is read at once', async () => {
    const set = await listening({ refresh: { jitter: 0.5 } });
    set.announce(['KEY']);
    await settled();
    expect(set.readings()).toEqual([0]);
  });
});
