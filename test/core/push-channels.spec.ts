import type { ChangeListener, PushChannel } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { channel } from '../support/scripted-source.js';

// A rejection that nobody handles fails a test of jest's by itself.

/** A push channel that the test speaks through. */
export function pushed(kind = 'pushed') {
  const { watch, announce, log } = channel();
  return { push: { kind, open: watch } satisfies PushChannel, announce, log };
}

function connect(push: unknown, options: Parameters<typeof scripted>[0] = {}, more: object = {}) {
  const set = scripted({ refresh: { jitter: 0 }, push: push as PushChannel, ...options }, { can: ['revoke'], more });
  set.backend.set('KEY', { value: 'v1', version: '1' });
  set.backend.set('LEASED', { lease: 30 * MINUTE });
  return set;
}

describe('a push channel', () => {
  it('given a source that tells nothing, when the channel announces a change, then it is read, and status() says live', async () => {
    const { push, announce, log } = pushed();
    const set = connect(push);
    await set.start('KEY', 'LEASED');
    expect(log).toEqual({ begun: 1, ended: 0 });
    expect([set.statusOf('KEY')?.channel, set.statusOf('LEASED')?.channel]).toEqual(['live', 'none']);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    announce([{ name: 'KEY', version: '2' }]);
    await settled();
    expect(set.client.get('KEY')).toBe('v2');
    await set.runtime.shutdown();
    expect(log.ended).toBe(1);
    expect(set.statusOf('KEY')?.channel).toBe('none');
  });

  it('given a source that watches and two channels, when one after the other is lost, then each is told by its kind, and status() says live when all hear again', async () => {
    const own = channel();
    const [first, second] = [pushed('first'), pushed('second')];
    const set = connect([first.push, second.push], {}, { watch: own.watch });
    await set.start('KEY');
    own.announce.lost(new Error('x'));
    second.announce.lost(new Error('y'));
    second.announce.lost(new Error('again'));
    expect(set.statusOf('KEY')?.channel).toBe('lost');
    own.announce.resumed();
    expect(set.statusOf('KEY')?.channel).toBe('lost');
    second.announce.resumed();
    expect(set.statusOf('KEY')?.channel).toBe('live');
    const told = set.events.filter(({ type }) => type.startsWith('channel'));
    expect(told.map(({ type, source }) => `${type} ${source}`)).toEqual([
      'channel-lost scripted',
      'channel-lost second',
      'channel-resumed scripted',
      'channel-resumed second',
    ]);
    expect(set.lines).toHaveLength(4);
    expect(set.lines[1]).toContain('second');
  });

  it('given `refresh.watch: false`, when the app runs, then the source is not listened to, and the channel is', async () => {
    const own = channel();
    const { push, log } = pushed();
    const set = connect(push, { refresh: { watch: false } }, { watch: own.watch });
    await set.start('KEY');
    expect([own.log.begun, log.begun]).toEqual([0, 1]);
  });

  it('given one channel in a list twice, when the app runs, then it is opened once', async () => {
    const { push, log } = pushed();
    const set = connect([push, push]);
    await set.start('KEY');
    expect(log.begun).toBe(1);
  });

  it('given a source that knows what an ARN stands for, when the channel announces one, then its names are read', async () => {
    const { push, announce } = pushed();
    const set = connect(push, {}, { namesOf: (announced: string) => (announced === 'arn:key' ? ['KEY'] : []) });
    await set.start('KEY');
    set.backend.set('KEY', { value: 'v2', version: '2' });
    announce(['KEY']);
    await settled();
    expect(set.client.get('KEY')).toBe('v1');
    announce(['arn:key']);
    await settled();
    expect(set.client.get('KEY')).toBe('v2');
  });
});

describe('an announcement from outside', () => {
  it('given a webhook that is called, when it hands on what changed, then that is read, whatever else it is given', async () => {
    const set = connect(undefined);
    await set.start('KEY');
    set.backend.set('KEY', { value: 'v2', version: '2' });
    const broken = new Proxy([], { get: fail });
    for (const junk of [null, 7, 'KEY', {}, broken, [null, { name: 7 }]]) {
      expect(() => set.runtime.announce(junk as never)).not.toThrow();
    }
    await settled();
    expect(set.client.get('KEY')).toBe('v1');
    set.runtime.announce(['KEY']);
    await settled();
    expect(set.client.get('KEY')).toBe('v2');
    expect(set.statusOf('KEY')?.channel).toBe('none'); // nobody knows whether it would be called
    set.backend.set('KEY', { value: 'v3', version: '3' });
    set.runtime.announce();
    await set.clock.advance(SECOND);
    expect(set.client.get('KEY')).toBe('v3');
    await set.runtime.shutdown();
    const calls = set.backend.calls.length;
    set.runtime.announce(['KEY']);
    set.runtime.announce();
    await set.clock.advance(MINUTE);
    expect(set.backend.calls).toHaveLength(calls);
  });
});

describe('a name of a hundred thousand characters', () => {
  it('given one that is announced, when the source would look for it with a pattern, then it is not asked, nothing is read, and one line says so', async () => {
    const { push, announce } = pushed();
    const asked: string[] = [];
    const set = connect(push, {}, { namesOf: (name: string) => (asked.push(name), [name]) });
    await set.start('KEY');
    const [calls, long] = [set.backend.calls.length, `a${'/'.repeat(100_000)}x`];
    for (let n = 0; n < 50; n += 1) announce([long, { name: long }, { name: 'KEY', version: long }]);
    await set.clock.advance(MINUTE);
    expect([asked, set.backend.calls.length - calls, set.lines.length]).toEqual([[], 0, 1]);
    expect(set.lines.join()).not.toContain('///');
  });
});

const never = new Promise<never>(() => undefined);

describe('what a push channel does stops nothing else', () => {
  const odd: [string, (listener: ChangeListener) => unknown][] = [
    ['throws', () => fail()],
    ['rejects', () => Promise.reject(new Error('no channel'))],
    ['never settles', () => never],
    ['throws at its end', () => () => fail()],
    ['rejects at its end', () => () => Promise.reject(new Error('no end'))],
    ['gives nothing', () => undefined],
    ['gives junk', () => ({ then: 7 })],
    ['gives a thenable that throws', () => ({ then: fail })],
    ['is lost before it returns', (listener) => (listener.lost(undefined), () => undefined)],
    ['is lost twice, and resumes thrice', (listener) => {
      for (const cause of [1, 2]) listener.lost(cause);
      for (let n = 0; n < 3; n += 1) listener.resumed();
      return () => undefined;
    }], // prettier-ignore
    ['announces junk', (listener) => {
      for (const junk of [null, 7, 'KEY', {}, [[]], [Symbol('x')], new Proxy([], { get: fail })]) listener(junk as never);
      return () => undefined;
    }], // prettier-ignore
  ];
  it.each(odd)(
    'given a channel that %s, when another announces, then that is read, and the app closes in order',
    async (_, open) => {
      const other = pushed('other');
      const set = connect([{ kind: 'odd', open }, other.push]);
      await set.start('KEY', 'LEASED');
      await settled(30);
      set.backend.set('KEY', { value: 'v2', version: '2' });
      other.announce([{ name: 'KEY', version: '2' }]);
      await set.clock.advance(2 * SECOND);
      expect(set.client.get('KEY')).toBe('v2');
      await set.runtime.shutdown();
      await settled(30);
      expect(other.log.ended).toBe(1);
      expect(set.backend.left).toEqual([]);
      expect(set.backend.count('close')).toBe(1);
      expect(set.clock.pending).toBe(0);
      expect(set.lines.length).toBeLessThanOrEqual(2);
    },
  );

  it('given a channel that takes long to end, when the app closes, then it is waited for, and one that never ends within the bound', async () => {
    let end!: () => void;
    const set = connect({
      kind: 'slow',
      open: (): unknown => () => new Promise<void>((resolve) => void (end = resolve)),
    });
    await set.start('KEY');
    let isClosed = false;
    const closing = set.runtime.shutdown().then(() => (isClosed = true));
    await settled(30);
    expect(isClosed).toBe(false);
    end();
    await closing;
    expect(set.clock.pending).toBe(0);

    const hanging = connect({ kind: 'hanging', open: (): unknown => () => never });
    await hanging.start('KEY');
    const closed = hanging.runtime.shutdown();
    await hanging.clock.advance(2_500);
    await closed;
    expect([hanging.backend.count('close'), hanging.clock.pending]).toEqual([1, 0]);
  });

  it('given a listener that is kept after the app has closed, when it speaks, then nobody hears', async () => {
    const { push, announce } = pushed();
    const set = connect(push);
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

describe('what is not a channel', () => {
  it.each([
    ['null', null, '"push"'],
    ['text', 'sqs', '"push"'],
    ['a function', fail, '"push"'],
    ['a Promise', Promise.resolve({ kind: 'x', open: fail }), '"push"'],
    ['one without a kind', { open: fail }, '"push"'],
    ['one with an empty kind', { kind: '', open: fail }, '"push"'],
    ['one that can not be opened', { kind: 'x', open: true }, '"push"'],
    ['a list with one that is none', [pushed().push, { kind: 'x' }], '"push[1]"'],
    ['a list with a hole', [, pushed().push], '"push[0]"'], // eslint-disable-line no-sparse-arrays
  ])('given %s as `push`, when connecting, then it is refused by name', (_, push, named) => {
    expect(() => connect(push)).toThrow(
      expect.objectContaining({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(named) }),
    );
  });
});

function fail(): never {
  throw new Error('on purpose');
}
