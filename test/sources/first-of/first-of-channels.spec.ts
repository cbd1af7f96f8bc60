import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { statusOf } from '../../../lib/core/client/status.js';
import { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import type { ChangeListener } from '../../../lib/core/source/change-listener.js';
import type { SecretSource, Unsubscribe } from '../../../lib/core/source/secret-source.js';
import type { SourceEvent } from '../../../lib/core/source/source-event.js';
import { firstOf } from '../../../lib/sources/first-of/index.js';
import { recordingListener } from '../../contract/support/changes.js';

/** A source with a channel, in the test's hands. */
function channel(begin: (end: Unsubscribe) => Unsubscribe | Promise<Unsubscribe> = (end) => end) {
  const listeners = new Set<ChangeListener>();
  const source: SecretSource = {
    kind: 'channel',
    read: async () => new Map(),
    watch(onChange) {
      listeners.add(onChange);
      return begin(() => void listeners.delete(onChange));
    },
  };
  return {
    source,
    listeners,
    tell: (...of: Parameters<ChangeListener>) => listeners.forEach((listener) => listener(...of)),
    lose: (cause: unknown) => listeners.forEach((listener) => listener.lost(cause)),
    resume: () => listeners.forEach((listener) => listener.resumed()),
  };
}

const deaf: SecretSource = { kind: 'deaf', read: async () => new Map() };

const valuesOf = (names: readonly string[]) => new Map(names.map((name) => [name, SecretVersion.of(`canary-${name}`)]));

function listening() {
  const told: unknown[] = [];
  const { listener, channel: losses } = recordingListener((names) => told.push(names));
  return { listener, told, losses };
}

describe('firstOf: watching', () => {
  test('given sources that watch, when one tells, then it is told, until all are left', async () => {
    const [a, b] = [channel(), channel()];
    const { listener, told } = listening();
    const end = firstOf(a.source, deaf, b.source).watch!(listener);
    expect(typeof end).toBe('function');
    a.tell(['A', { name: 'B', version: '2' }]);
    b.tell();
    const [late] = a.listeners;
    (await end)();
    late!(['LATE']);
    late!.lost(new Error('late'));
    expect(told).toEqual([['A', 'B'], undefined]);
    expect([a.listeners.size, b.listeners.size]).toEqual([0, 0]);
  });

  test('given several channels, when some are lost and resume, then the loss is told once, and resuming when all are live', () => {
    const [a, b] = [channel(), channel()];
    const { listener, losses } = listening();
    void firstOf(a.source, b.source).watch!(listener);
    const [first, second] = [new Error('a'), new Error('b')];
    a.lose(first);
    b.lose(second);
    a.lose(first);
    a.resume();
    a.resume();
    expect(losses).toEqual([first]);
    b.resume();
    expect(losses).toEqual([first, 'resumed']);
    b.lose(second);
    expect(losses).toEqual([first, 'resumed', second]);
  });

  test('given a source that is watched before one that is not, when each has given names, then those of the first alone are covered', async () => {
    const a = channel();
    const watched = {
      ...a.source,
      read: async (names: readonly string[]) => valuesOf(names.filter((name) => name === 'A')),
    };
    const unwatched = { ...deaf, read: async (names: readonly string[]) => valuesOf(names) };
    const both = firstOf(watched, unwatched);
    expect([both.covers('A'), both.covers('B')]).toEqual([false, false]); // nobody knows yet who has them
    await both.read(['A', 'B'], { signal: new AbortController().signal });
    expect([both.covers('A'), both.covers('B'), both.covers('C')]).toEqual([true, false, false]);
    expect(firstOf(a.source, both).covers('C')).toBe(false);
    expect(firstOf(a.source, channel().source).covers('C')).toBe(true);
  });

  test('given a connection of both, when its status is asked for, then a secret that nobody tells of has no channel', async () => {
    const a = channel();
    const watched = {
      ...a.source,
      read: async (names: readonly string[]) => valuesOf(names.filter((name) => name === 'A')),
    };
    const unwatched = { ...deaf, read: async (names: readonly string[]) => valuesOf(names) };
    const runtime = new SecretRuntime({ source: firstOf(watched, unwatched) });
    const required = ['A', 'B'].map((name) => ({ name, need: 'required' as const }));
    await runtime.bootstrap(required, 'decorated');
    const channels = () => [...runtime.secrets].map((state) => `${state.name} ${statusOf(state, runtime).channel}`);
    expect(channels()).toEqual(['A live', 'B none']);
    a.lose(new Error('cut'));
    expect(channels()).toEqual(['A lost', 'B none']);
    await runtime.shutdown();
  });

  test.each([
    ['throws', () => { throw new Error('no'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('given a source whose watch %s, when watched, then its channel is lost, and the others tell', async (_, begin) => {
    const [bad, good] = [channel(begin), channel()];
    const { listener, told, losses } = listening();
    const end = await firstOf(bad.source, good.source).watch!(listener);
    expect(losses).toEqual([expect.objectContaining({ message: 'no' })]);
    good.tell(['A']);
    good.lose(new Error('other'));
    good.resume();
    expect(told).toEqual([['A']]);
    expect(losses).toHaveLength(1);
    end();
    expect(good.listeners.size).toBe(0);
  });

  test('given a source that begins later, when watched, then the watch has begun when both have, and both are left', async () => {
    let ready = (): void => undefined;
    const slow = channel((end) => new Promise((resolve) => (ready = () => resolve(end))));
    const quick = channel();
    const { listener, told } = listening();
    const begun = Promise.resolve(firstOf(slow.source, quick.source).watch!(listener));
    let isBegun = false;
    void begun.then(() => (isBegun = true));
    quick.tell(['A']);
    await new Promise((resolve) => setImmediate(resolve));
    expect([told, isBegun]).toEqual([[['A']], false]);
    ready();
    (await begun)();
    expect([slow.listeners.size, quick.listeners.size]).toEqual([0, 0]);
  });

  test('given a channel that throws when it is left, when all are left, then the others are, and its error comes, once', async () => {
    const bad = channel(() => () => {
      throw new Error('no');
    });
    const good = channel();
    const end = await firstOf(bad.source, good.source).watch!(listening().listener);
    expect(end).toThrow('no');
    expect(good.listeners.size).toBe(0);
    expect(end).not.toThrow();
  });
});

describe('firstOf: starts, events and announced names', () => {
  test('given sources that know starts, when the app starts, then each begins and ends its own, also where one fails to end', () => {
    const log: string[] = [];
    const starting = (kind: string, fails = false): SecretSource => ({
      ...deaf,
      kind,
      startUp: () => {
        log.push(`${kind} begins`);
        return () => {
          log.push(`${kind} ends`);
          if (fails) throw new Error('no');
        };
      },
    });
    const end = firstOf(starting('a', true), deaf, starting('b')).startUp!();
    expect(log).toEqual(['a begins', 'b begins']);
    expect(end).toThrow('no');
    expect(log.slice(2)).toEqual(['a ends', 'b ends']);
    expect(firstOf(deaf).startUp).toBeUndefined();
  });

  test('given leases that end with a token, when its source tells, then the event comes through', () => {
    const told: SourceEvent[] = [];
    const event: SourceEvent = { type: 'leases-ending', source: 'vault', names: ['DB'] };
    let left = 0;
    const source: SecretSource = {
      ...deaf,
      observe: (listener) => {
        listener(event);
        return () => void (left += 1);
      },
    };
    firstOf(deaf, source).observe!((given) => void told.push(given))();
    expect([told, left]).toEqual([[event], 1]);
  });

  test('given sources that translate what is announced, when asked, then all their names come, each once; to others it is a name', () => {
    const arns: SecretSource = { ...deaf, namesOf: (announced) => (announced === 'arn:db' ? ['DB', 'USER'] : []) };
    const paths: SecretSource = { ...deaf, namesOf: (announced) => (announced === 'arn:db' ? ['DB', 'PASSWORD'] : []) };
    expect(firstOf(arns, paths).namesOf!('arn:db')).toEqual(['DB', 'USER', 'PASSWORD']);
    expect(firstOf(arns, paths).namesOf!('KEY')).toEqual([]);
    expect(firstOf(arns, deaf).namesOf!('KEY')).toEqual(['KEY']);
    expect(firstOf(deaf).namesOf).toBeUndefined();
  });
});
