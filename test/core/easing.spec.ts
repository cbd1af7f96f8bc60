import type { PushChannel } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { channel, fails, held } from '../support/scripted-source.js';

type Options = Parameters<typeof scripted>[0];

function pushed(kind = 'pushed') {
  const { watch, announce } = channel();
  return { push: { kind, open: watch } satisfies PushChannel, announce };
}

async function connect(push: PushChannel | PushChannel[] | undefined, options: Options = {}, more: object = {}) {
  const set = scripted({ refresh: { jitter: 0 }, push, ...options }, { more });
  set.backend.set('KEY', { value: 'v1', version: '1' });
  set.backend.set('OTHER', { value: 'o1', version: '1' });
  set.backend.set('LEASED', { lease: 30 * MINUTE });
  await set.start('KEY', 'OTHER');
  /** Minutes from now until it is read next. */
  const next = (name = 'KEY') => (set.statusOf(name)!.nextRefreshAt!.getTime() - set.clock.wall()) / MINUTE;
  const count = (name = 'KEY') => set.backend.calls.filter(({ names }) => names.includes(name)).length;
  return { ...set, next, count };
}

describe('while a push channel is live', () => {
  it('given nothing else, when hours pass, then a secret is read each six hours, and readers start no reading before', async () => {
    const set = await connect(pushed().push);
    expect(set.next()).toBe(360);
    await set.clock.advance(5 * HOUR);
    expect([set.client.get('KEY'), await set.client.fetch('KEY')]).toEqual(['v1', 'v1']);
    await settled();
    expect(set.count()).toBe(1);
    await set.clock.advance(HOUR);
    expect(set.count()).toBe(2);
    expect(set.next()).toBe(360);
  });

  it.each<[string, Options, number]>([
    ['`refresh.every`', { refresh: { jitter: 0, every: '10m' } }, 10],
    ['a longer `refresh.every`', { refresh: { jitter: 0, every: '12h' } }, 720],
    ['`cache.maxAge`', { cache: { maxAge: '10m' } }, 360],
    ['a longer `cache.maxAge`', { cache: { maxAge: '12h' } }, 720],
    ['a `perSecret.maxAge`', { perSecret: { KEY: { maxAge: '5m' } } }, 5],
    ['a `perSecret.maxStale` alone', { perSecret: { KEY: { maxStale: '5m' } } }, 360],
    ['jitter', { refresh: { jitter: 0.5 } }, 270],
  ])('given %s, when planned, then that counts', async (_, options, minutes) => {
    const set = await connect(pushed().push, options);
    expect(set.next()).toBe(minutes);
  });

  it.each<[string, Options, boolean]>([
    ['nothing', {}, false],
    ['`cache.maxAge`', { cache: { maxAge: '10m' } }, true],
    ['a `perSecret.maxAge`', { perSecret: { KEY: { maxAge: '10m' } } }, true],
    ['`refresh.every`, which the age follows', { refresh: { jitter: 0, every: '2h' } }, false],
  ])('given %s, when somebody reads after 30 minutes, then a reading begins: %s', async (_, options, isRead) => {
    const set = await connect(pushed().push, options);
    await set.clock.advance(30 * MINUTE);
    const before = set.count();
    if (isRead && !options?.perSecret) expect(before).toBe(1);
    set.client.get('KEY');
    await settled();
    expect(set.count() > 1).toBe(isRead);
  });

  it('given a cron expression, when planned, then it says when, as without a channel', async () => {
    const set = await connect(pushed().push, { refresh: { cron: '0 * * * *' } });
    expect(set.statusOf('KEY')).not.toHaveProperty('nextRefreshAt');
    await set.clock.advance(26 * MINUTE);
    set.client.get('KEY');
    await settled();
    expect(set.count()).toBe(2);
  });

  it('given a lease, when planned, then it counts as ever', async () => {
    const set = await connect(pushed().push);
    await set.client.fetch('LEASED');
    expect(set.next('LEASED')).toBeLessThan(30);
  });

  it('given a secret that is gone, which nobody announces to be back, when the old interval is over, then it is looked for', async () => {
    const { push, announce } = pushed();
    const set = await connect(push);
    set.backend.stored.delete('KEY');
    announce(['KEY']);
    await settled();
    set.backend.set('KEY', { value: 'v2', version: '2' });
    expect(set.statusOf('KEY')?.lastError?.code).toBe('SECRET_NOT_FOUND');
    expect(set.next()).toBe(25);
    await set.clock.advance(25 * MINUTE);
    expect(set.statusOf('KEY')?.lastError).toBeUndefined();
    expect(set.next()).toBe(360);
  });

  it('given a source that tells of changes itself, and no channel, when planned, then nothing is eased', async () => {
    const set = await connect(undefined, {}, { watch: channel().watch });
    expect(set.statusOf('KEY')?.channel).toBe('live');
    expect(set.next()).toBe(25);
  });
});

describe('when a push channel is lost', () => {
  it('given three hours without a reading, when it is lost, then the old interval counts from then on, at random within it, and no reading comes at once', async () => {
    const { push, announce } = pushed();
    const set = await connect(push, { refresh: { jitter: 0.5 } });
    await set.clock.advance(3 * HOUR);
    announce.lost(new Error('cut'));
    expect([set.next(), set.next('OTHER')]).toEqual([18.75, 18.75]);
    set.client.get('KEY');
    await settled();
    expect(set.count()).toBe(1);
    await set.clock.advance(18.75 * MINUTE);
    expect([set.count(), set.count('OTHER')]).toEqual([2, 2]);
    expect(set.backend.calls.at(-1)?.names).toHaveLength(2); // together
    expect(set.next()).toBe(18.75);
  });

  it('given a secret that was read ten minutes ago, when it is lost, then what had not aged counts from the loss too', async () => {
    const { push, announce } = pushed();
    const set = await connect(push);
    await set.clock.advance(10 * MINUTE);
    announce.lost(undefined);
    expect(set.next()).toBe(25);
    await set.clock.advance(24 * MINUTE);
    set.client.get('KEY');
    await settled();
    expect(set.count()).toBe(1);
  });

  it('given `maxStale`, when it is lost and the source fails, then a value is served for as long after the loss as after a reading', async () => {
    const { push, announce } = pushed();
    const set = await connect(push, { cache: { maxStale: '5m' } });
    await set.clock.advance(3 * HOUR);
    announce.lost(undefined);
    set.backend.always.read = fails(new Error('down'));
    await set.clock.advance(29 * MINUTE);
    expect(set.client.get('KEY')).toBe('v1');
    expect(set.statusOf('KEY')?.stale).toBe(true);
    await set.clock.advance(2 * MINUTE);
    expect(() => set.client.get('KEY')).toThrow();
  });

  it('given a `maxAge` of the app’s, when it is lost, then the age counts from the reading, as ever', async () => {
    const { push, announce } = pushed();
    const set = await connect(push, { cache: { maxAge: '1h', maxStale: '1h' } });
    await set.clock.advance(50 * MINUTE);
    set.backend.always.read = fails(new Error('down'));
    announce.lost(undefined);
    expect(set.next()).toBe(60);
    await set.clock.advance(71 * MINUTE);
    expect(() => set.client.get('KEY')).toThrow();
  });

  it('given one that hears again, when one reading has caught up, and not before, then six hours count again', async () => {
    const { push, announce } = pushed();
    const set = await connect(push);
    announce.lost(undefined);
    await set.clock.advance(5 * MINUTE);
    const late = held();
    set.backend.script('read', late.behaviour);
    announce.resumed();
    await set.clock.advance(SECOND);
    expect(set.statusOf('KEY')?.channel).toBe('live');
    expect(set.runtime.options.policies.isEased).toBe(false);
    late.release();
    await settled();
    expect(set.runtime.options.policies.isEased).toBe(true);
    expect(set.count()).toBe(2);
    expect(set.next()).toBeCloseTo(360, 0);
  });

  it('given one that is lost while it catches up, when that reading is over, then nothing is eased; when the next one is, then it is', async () => {
    const { push, announce } = pushed();
    const set = await connect(push);
    announce.lost(undefined);
    const late = held();
    set.backend.script('read', late.behaviour);
    announce.resumed();
    await settled();
    announce.lost(undefined);
    late.release();
    await set.clock.advance(SECOND);
    expect(set.runtime.options.policies.isEased).toBe(false);
    expect(set.next()).toBeLessThanOrEqual(25);
    announce.resumed();
    await set.clock.advance(3 * SECOND);
    expect(set.runtime.options.policies.isEased).toBe(true);
  });

  it('given a catching up that fails, when the source is back, then what failed is tried again as ever', async () => {
    const { push, announce } = pushed();
    const set = await connect(push);
    announce.lost(undefined);
    set.backend.script('read', fails(new Error('down')));
    set.backend.set('KEY', { value: 'v2', version: '2' });
    announce.resumed();
    await set.clock.advance(5 * SECOND);
    expect(set.client.get('KEY')).toBe('v2');
    expect(set.next()).toBeGreaterThan(350);
  });

  it('given two channels, when one of them is lost, then nothing is eased until both hear again', async () => {
    const [first, second] = [pushed('first'), pushed('second')];
    const set = await connect([first.push, second.push]);
    expect(set.next()).toBe(360);
    first.announce.lost(undefined);
    expect(set.next()).toBe(25);
    second.announce.lost(undefined);
    second.announce.resumed();
    await set.clock.advance(5 * SECOND);
    expect(set.runtime.options.policies.isEased).toBe(false);
    first.announce.resumed();
    await set.clock.advance(5 * SECOND);
    expect(set.runtime.options.policies.isEased).toBe(true);
  });

  it('given a source whose own watch is lost, when a channel is live, then it counts', async () => {
    const own = channel();
    const set = await connect(pushed().push, {}, { watch: own.watch });
    own.announce.lost(undefined);
    expect(set.statusOf('KEY')?.channel).toBe('lost');
    expect(set.next()).toBe(360);
  });
});

describe('when a push channel opens', () => {
  it('given one that takes its time, when it is there, and all was read once more, then six hours count', async () => {
    let ready!: (unsubscribe: () => void) => void;
    const open = () => new Promise<() => void>((resolve) => (ready = resolve));
    const set = await connect({ kind: 'slow', open });
    expect(set.next()).toBe(25);
    ready(() => undefined);
    await set.clock.advance(SECOND);
    expect([set.count(), set.count('OTHER')]).toEqual([2, 2]);
    expect(set.next()).toBeGreaterThan(359);
  });

  it.each<[string, () => never | Promise<never>]>([
    ['never opens', () => new Promise<never>(() => undefined)],
    ['refuses', () => Promise.reject(new Error('no'))],
  ])('given one that %s beside a live one, when planned, then nothing is eased', async (_, open) => {
    const set = await connect([{ kind: 'odd', open }, pushed().push]);
    await settled();
    expect(set.next()).toBe(25);
  });
});

describe('when the process has stood still', () => {
  it('given a channel that may have lost messages meanwhile, when it goes on after an hour, then `fetch` reads first, as without a channel, and it is eased again', async () => {
    const set = await connect(pushed().push);
    await set.clock.advance(HOUR);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    set.clock.freeze(HOUR);
    expect(await set.client.fetch('KEY')).toBe('v2');
    await set.clock.advance(5 * SECOND);
    expect(set.count('OTHER')).toBeLessThanOrEqual(3); // as it is overdue, and to catch up
    expect(set.runtime.options.policies.isEased).toBe(true);
    expect(set.next('OTHER')).toBeGreaterThan(359);
  });

  it('given two minutes of it, when it goes on, then all is read once, in the background', async () => {
    const set = await connect(pushed().push);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    set.clock.freeze(2 * MINUTE);
    await set.clock.advance(5 * SECOND);
    expect([set.client.get('KEY'), set.count()]).toEqual(['v2', 2]);
    expect(set.runtime.options.policies.isEased).toBe(true);
  });

  it('given a turn that takes seconds, when it is over, then nothing is read', async () => {
    const set = await connect(pushed().push);
    set.clock.freeze(5 * SECOND);
    await set.clock.advance(5 * SECOND);
    expect(set.count()).toBe(1);
  });
});
