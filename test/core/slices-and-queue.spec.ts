import fc from 'fast-check';
import { TransitionQueue } from '../../lib/core/refresh/transition-queue.js';
import { Waits } from '../../lib/core/refresh/waits.js';
import type { SecretState } from '../../lib/core/tracking/secret-state.js';
import { inSlices } from '../../lib/core/turn-slices.js';
import { FakeClock, settled } from '../support/fake-clock.js';

/** Holds the event loop. */
function spin(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('work in slices', () => {
  it('given a few quick items, when worked through, then all are done when it returns, in order', () => {
    const done: number[] = [];
    expect(inSlices([1, 2, 3], (item) => void done.push(item))).toBeUndefined();
    expect(done).toEqual([1, 2, 3]);
    expect(inSlices([], () => undefined)).toBeUndefined();
  });

  it('given many slow items, when worked through, then others run in between, each is done once and in order, and the promise comes after the last', async () => {
    const items = Array.from({ length: 640 }, (_, n) => n);
    const done: number[] = [];
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      if (isOver) return;
      turns += 1;
      setImmediate(count);
    };
    const working = inSlices(items, (item) => {
      spin(0.1);
      done.push(item);
    });
    expect(working).toBeInstanceOf(Promise);
    expect(done.length).toBeLessThan(items.length);
    setImmediate(count);
    await working;
    isOver = true;
    expect(done).toEqual(items);
    expect(turns).toBeGreaterThan(5);
  });

  it('given items that are made as they are asked for, when worked through, then none is made twice', async () => {
    let made = 0;
    const items = function* (): Generator<number> {
      while (made < 200) {
        spin(0.1);
        yield (made += 1);
      }
    };
    const seen = new Set<number>();
    await inSlices(items(), (item) => void seen.add(item));
    expect([made, seen.size]).toEqual([200, 200]);
  });
});

describe('waits with an end', () => {
  it('given waits of several lengths, when their end comes, then those left end at once, and leave no timer', async () => {
    const clock = new FakeClock();
    const waits = new Waits(clock);
    const over: string[] = [];
    const wait = (name: string, delay: number): void => void waits.for(delay).then(() => over.push(name));
    wait('none', 0);
    wait('less', -5);
    await settled();
    expect([over, clock.pending]).toEqual([['none', 'less'], 0]);
    wait('short', 1_000);
    wait('long', 60_000);
    await clock.advance(1_000);
    expect(over.slice(2)).toEqual(['short']);
    expect(waits.areOver).toBe(false);
    waits.end();
    await settled();
    expect([over.slice(2), clock.pending, waits.areOver]).toEqual([['short', 'long'], 0, true]);
    wait('late', 60_000);
    await settled();
    expect([over.slice(4), clock.pending]).toEqual([['late'], 0]);
  });

  it('given callbacks, when the end comes twice, then each that was not taken back is called, once', () => {
    const waits = new Waits(new FakeClock());
    const called: string[] = [];
    waits.onEnd(() => called.push('stays'));
    waits.onEnd(() => called.push('taken back'))();
    waits.end();
    waits.end();
    expect(called).toEqual(['stays']);
  });
});

describe('a queue of transitions', () => {
  const state = (name: string) => ({ name }) as SecretState;

  function setUp(slow = 0) {
    const heard: string[] = [];
    let during = false;
    let onTold: (name: string) => void = () => undefined;
    const queue = new TransitionQueue({
      told: ({ name }) => {
        heard.push(during ? `${name} DURING` : name);
        if (slow > 0) spin(slow);
        onTold(name);
      },
      settled: () => void heard.push('settled'),
    });
    const tell = (name: string): void => queue.told(state(name), 'loaded', {});
    const publish = (...names: string[]): void =>
      queue.during(() => {
        during = true;
        names.forEach(tell);
        during = false;
      });
    return { queue, heard, tell, publish, onTold: (callback: typeof onTold) => (onTold = callback) };
  }

  it('given nothing held, when told, then it is passed on at once', () => {
    const { tell, heard, queue } = setUp();
    tell('a');
    queue.settled();
    expect(heard).toEqual(['a', 'settled']);
  });

  it('given a publication, when told during it, then nothing is passed on before its end, and then all in order', () => {
    const { publish, heard, queue, tell } = setUp();
    tell('before');
    publish('a', 'b');
    queue.settled();
    expect(heard).toEqual(['before', 'a', 'b', 'settled']);
  });

  it('given a publication that throws, when it has, then what was told is told, and the next is not held', () => {
    const { queue, heard, tell } = setUp();
    const broken = (): void =>
      queue.during(() => {
        tell('a');
        throw new Error('on purpose');
      });
    expect(broken).toThrow('on purpose');
    tell('b');
    expect(heard).toEqual(['a', 'b']);
  });

  it('given a listener that has something published while it is told, when all is passed on, then the order is that of telling', () => {
    const { publish, heard, tell, queue, onTold } = setUp();
    onTold((name) => {
      if (name === 'a0') publish('b', 'c');
      if (name === 'b') queue.settled();
    });
    publish('a0', 'a1');
    tell('d');
    expect(heard).toEqual(['a0', 'a1', 'b', 'c', 'settled', 'd']);
  });

  it('given a listener that brings about more, when it is told, then that comes after what was told before', () => {
    const { publish, heard, tell, onTold } = setUp();
    onTold((name) => {
      if (name === 'a') tell('of a');
    });
    publish('a', 'b', 'c');
    expect(heard).toEqual(['a', 'b', 'c', 'of a']);
  });

  it('given any mix of telling and publishing, when all is passed on, then each is there once, in order, and none during a publication', async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('tell' as const), count: fc.constant(1) }),
      fc.record({ what: fc.constant('publish' as const), count: fc.nat(60) }),
      fc.record({ what: fc.constant('turn' as const), count: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { publish, heard, tell } = setUp(0.02);
        const told: string[] = [];
        const next = (): string => {
          told.push(String(told.length));
          return told.at(-1)!;
        };
        for (const { what, count } of steps) {
          if (what === 'tell') tell(next());
          else if (what === 'turn') await settled(1);
          else publish(...Array.from({ length: count }, next));
        }
        expect(heard).toEqual(told);
      }),
      { numRuns: 60 },
    );
  });
});
