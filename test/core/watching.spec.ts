import type { ChangeListener } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { channel, held } from '../support/scripted-source.js';

// A rejection that nobody handles fails a test of jest's by itself.

function connect(watch: unknown, options: Parameters<typeof scripted>[0] = {}, can: ('readAll' | 'revoke')[] = []) {
  const set = scripted(
    { cache: { maxAge: '1h' }, refresh: { jitter: 0 }, ...options },
    { can, more: { watch: watch as never } },
  );
  set.backend.set('KEY', { value: 'v1', version: '1' });
  set.backend.set('LEASED', { lease: 30 * MINUTE });
  return set;
}

describe('a channel', () => {
  it('given a source that watches, when all is well, then status() says live, but of dynamic secrets, which none announces', async () => {
    const { watch, log } = channel();
    const set = connect(watch);
    await set.start('KEY', 'LEASED');
    expect(log).toEqual({ begun: 1, ended: 0 });
    expect(set.statusOf('KEY')?.channel).toBe('live');
    expect(set.statusOf('LEASED')?.channel).toBe('none');
    await set.runtime.shutdown();
    expect(log.ended).toBe(1);
    expect(set.statusOf('KEY')?.channel).toBe('none');
  });

  it('given a source that can’t watch, when asked, then status() says none', async () => {
    const set = connect(undefined);
    await set.start('KEY');
    expect(set.statusOf('KEY')?.channel).toBe('none');
  });

  it('given a channel that is lost and resumes, when told twice each, then events, log and status() say it once, and one reading catches up', async () => {
    const { watch, announce } = channel();
    const set = connect(watch);
    await set.start('KEY', 'LEASED');
    const before = set.backend.count('read');
    announce.lost(new Error('canary-text of a foreign error'));
    announce.lost(new Error('again'));
    expect(set.statusOf('KEY')?.channel).toBe('lost');
    expect(set.statusOf('LEASED')?.channel).toBe('none');
    await set.clock.advance(10 * SECOND);
    expect(set.backend.count('read')).toBe(before);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    announce.resumed();
    announce.resumed();
    await set.clock.advance(100);
    expect(set.client.get('KEY')).toBe('v2');
    expect(set.statusOf('KEY')?.channel).toBe('live');
    expect(set.events.filter(({ type }) => type.startsWith('channel')).map(({ type }) => type)).toEqual([
      'channel-lost',
      'channel-resumed',
    ]);
    expect(set.told('channel-lost')[0]).toMatchObject({ error: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    expect(set.lines).toHaveLength(2);
    expect(JSON.stringify([set.lines, set.events])).not.toContain('canary-text');
    await set.clock.advance(MINUTE);
    expect(set.backend.opened).toHaveLength(1);
  });

  it('given a channel that resumes, when all that is watched is caught up with, then that is one reading', async () => {
    const { watch, announce } = channel();
    const set = connect(watch);
    await set.start('KEY');
    announce.lost(undefined);
    announce.resumed();
    await set.clock.advance(MINUTE);
    expect(set.backend.count('read')).toBe(2);
  });

  it.each([
    [0, 0],
    [0.5, 250],
    [0.99, 495],
  ])(
    'given chance %d, when the channel resumes, then the reading comes after %d ms: a fleet hears of it at once',
    async (chance, after) => {
      const { watch, announce } = channel();
      const set = connect(watch, { refresh: { jitter: 0.5 }, random: () => chance });
      await set.start('KEY');
      const from = set.clock.now();
      announce.lost(undefined);
      announce.resumed();
      await set.clock.advance(SECOND);
      expect(set.backend.timesOf('read').filter((at, index) => index > 0 && at >= from)[0]! - from).toBe(after);
    },
  );

  it('given a lost channel, when time passes, then the plain interval holds', async () => {
    const { watch, announce } = channel();
    const set = connect(watch);
    await set.start('KEY');
    announce.lost(undefined);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    await set.clock.advance(61 * MINUTE);
    expect(set.client.get('KEY')).toBe('v2');
  });

  it('given `resumed` without `lost`, when it comes, then it is nothing', async () => {
    const { watch, announce } = channel();
    const set = connect(watch);
    await set.start('KEY');
    announce.resumed();
    await set.clock.advance(MINUTE);
    expect([set.backend.count('read'), set.lines.length]).toEqual([1, 0]);
  });
});

describe('when watching begins', () => {
  it('given a change between the first load and the start of the job, when announced, then it is read', async () => {
    const { watch, announce, log } = channel();
    const set = connect(watch);
    await set.runtime.bootstrap([{ name: 'KEY', need: 'required' }], 'decorated');
    expect(log.begun).toBe(1);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    announce(['KEY']);
    await set.clock.advance(SECOND);
    set.runtime.start();
    await set.clock.advance(SECOND);
    expect(set.client.get('KEY')).toBe('v2');
    expect(log.begun).toBe(1);
  });

  it('given a change during the first load, when it is announced before the old value is in, then the new one is there soon', async () => {
    const { watch, announce } = channel();
    const set = connect(watch);
    const late = held();
    set.backend.script('read', late.behaviour);
    const starting = set.start('KEY');
    await settled();
    set.backend.set('KEY', { value: 'v2', version: '2' });
    announce([{ name: 'KEY', version: '2' }]);
    await settled();
    late.release();
    await starting;
    await set.clock.advance(SECOND);
    expect(set.client.get('KEY')).toBe('v2');
    expect(set.backend.most).toBe(1);
  });

  it('given a watch that becomes ready after the first load, when it does, then all static secrets are read once more', async () => {
    let ready!: (unsubscribe: () => void) => void;
    let ended = 0;
    const set = connect(() => new Promise((resolve) => (ready = resolve)));
    await set.start('KEY', 'LEASED');
    expect(set.statusOf('KEY')?.channel).toBe('none');
    set.backend.set('KEY', { value: 'v2', version: '2' });
    ready(() => void (ended += 1));
    await set.clock.advance(SECOND);
    expect(set.statusOf('KEY')?.channel).toBe('live');
    expect(set.client.get('KEY')).toBe('v2');
    expect(set.backend.opened).toHaveLength(1);
    await set.runtime.shutdown();
    expect(ended).toBe(1);
  });

  it('given a watch that becomes ready after the app has closed, when it does, then it is ended at once', async () => {
    let ready!: (unsubscribe: () => void) => void;
    let ended = 0;
    const set = connect(() => new Promise((resolve) => (ready = resolve)));
    await set.start('KEY');
    await set.runtime.shutdown();
    const calls = set.backend.calls.length;
    ready(() => void (ended += 1));
    await set.clock.advance(MINUTE);
    expect(ended).toBe(1);
    expect(set.backend.calls).toHaveLength(calls);
    expect(set.clock.pending).toBe(0);
  });
});

describe('what a channel does stops nothing else', () => {
  const odd: [string, unknown][] = [
    ['throws', () => fail()],
    ['rejects', () => Promise.reject(new Error('no channel'))],
    ['rejects late', () => settled(20).then(fail)],
    ['throws at its end', () => () => fail()],
    ['rejects at its end', () => () => Promise.reject(new Error('no end'))],
    ['resolves with an end that throws', () => Promise.resolve(() => fail())],
    ['resolves with nothing', () => Promise.resolve()],
    ['gives nothing', () => undefined],
    ['announces before it returns', (listener: ChangeListener) => (listener(['KEY']), () => undefined)],
  ];
  it.each(odd)(
    'given a watch that %s, when the app starts, runs and closes, then secrets are served and leases end',
    async (_, watch) => {
      const set = connect(watch, {}, ['revoke']);
      await set.start('KEY', 'LEASED');
      await set.clock.advance(10 * MINUTE);
      expect(set.client.get('KEY')).toBe('v1');
      await set.runtime.shutdown();
      await settled(30);
      expect(set.backend.left).toEqual([]);
      expect(set.backend.count('close')).toBe(1);
      expect(set.clock.pending).toBe(0);
      expect(set.lines.length).toBeLessThanOrEqual(1);
    },
  );

  it.each(odd.slice(0, 3))(
    'given a watch that %s, when it does, then the channel is lost, told once in log and events',
    async (_, watch) => {
      const set = connect(watch);
      await set.start('KEY');
      await settled(30);
      expect(set.statusOf('KEY')?.channel).toBe('lost');
      expect([set.told('channel-lost').length, set.lines.length]).toEqual([1, 1]);
    },
  );

  it.each(odd.slice(3, 6))('given a watch that %s, when the app closes, then that is told once', async (_, watch) => {
    const set = connect(watch);
    await set.start('KEY');
    await set.runtime.shutdown();
    await settled();
    expect(set.lines).toEqual([expect.stringContaining('could not be ended')]);
  });

  it('given a listener that is kept after the app has closed, when it speaks, then nobody hears', async () => {
    const { watch, announce } = channel();
    const set = connect(watch);
    await set.start('KEY');
    await set.runtime.shutdown();
    const calls = set.backend.calls.length;
    announce(['KEY']);
    announce();
    announce.lost(new Error('x'));
    announce.resumed();
    await set.clock.advance(MINUTE);
    expect(set.backend.calls).toHaveLength(calls);
    expect([set.lines.length, set.clock.pending]).toEqual([0, 0]);
  });
});

describe('switches', () => {
  it('given `refresh.enabled: false`, when a change is announced, then it is read: watching has a switch of its own', async () => {
    const { watch, announce } = channel();
    const set = connect(watch, { refresh: { enabled: false } });
    await set.start('KEY');
    set.backend.set('KEY', { value: 'v2', version: '2' });
    await set.clock.advance(120 * MINUTE);
    expect(set.backend.count('read')).toBe(1);
    announce(['KEY']);
    await set.clock.advance(SECOND);
    expect(set.client.get('KEY')).toBe('v2');
  });

  it('given `refresh.watch: false`, when the app runs, then nobody listens, and the job reads', async () => {
    const { watch, log } = channel();
    const set = connect(watch, { refresh: { watch: false } });
    await set.start('KEY');
    expect(log.begun).toBe(0);
    expect(set.statusOf('KEY')?.channel).toBe('none');
    set.backend.set('KEY', { value: 'v2', version: '2' });
    await set.clock.advance(60 * MINUTE);
    expect(set.client.get('KEY')).toBe('v2');
  });
});

describe('all that a source enumerates', () => {
  it('given `preload: all`, when something unnamed is announced, then the whole is read in bulk, twice, and new names come in', async () => {
    const { watch, announce } = channel();
    const set = connect(watch, {}, ['readAll']);
    await set.runtime.bootstrap([], 'all');
    set.runtime.start();
    set.backend.set('NEW', { value: 'n1' });
    announce();
    await set.clock.advance(MINUTE);
    expect(set.client.get('NEW')).toBe('n1');
    expect([set.backend.count('readAll'), set.backend.count('read')]).toEqual([3, 0]);
  });
});

function fail(): never {
  throw new Error('on purpose');
}
