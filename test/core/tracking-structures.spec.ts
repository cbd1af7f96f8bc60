import fc from 'fast-check';
import { Line, type LineNode } from '../../lib/core/tracking/line.js';
import type { Evictable } from '../../lib/core/tracking/second-chance.js';
import { SecondChance } from '../../lib/core/tracking/second-chance.js';
import type { Timed } from '../../lib/core/tracking/timetable.js';
import { Timetable } from '../../lib/core/tracking/timetable.js';

const NEVER = Infinity;
const entries = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

describe('a timetable', () => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(fc.constant('plan' as const), fc.nat(19), fc.oneof(fc.nat(50), fc.constant(NEVER))),
    },
    { weight: 2, arbitrary: fc.tuple(fc.constant('remove' as const), fc.nat(19), fc.constant(0)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('due' as const), fc.nat(19), fc.nat(60)) },
  );

  it('given any plans, removals and questions, when compared with a plain map, then the next time and who is due are the same', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const timetable = new Timetable<Timed & { id: number }>();
        const all = entries(20, (id) => ({ id, nextAt: NEVER, place: -1 }));
        const model = new Map<number, number>();
        for (const [what, id, at] of steps) {
          if (what === 'plan') {
            timetable.plan(all[id]!, at);
            if (at === NEVER) model.delete(id);
            else model.set(id, at);
          } else if (what === 'remove') {
            timetable.remove(all[id]!);
            model.delete(id);
          } else {
            const due = timetable.takeDue(at).map((entry) => entry.id);
            const expected = [...model].filter(([, time]) => time <= at).map(([one]) => one);
            expect(due.sort()).toEqual(expected.sort());
            for (const one of expected) model.delete(one);
          }
          expect(timetable.nextAt).toBe(Math.min(NEVER, ...model.values()));
          expect(timetable.size).toBe(model.size);
          expect(all.filter(({ place }) => place >= 0).map((entry) => entry.id)).toEqual(
            [...model.keys()].sort((a, b) => a - b),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it('given an entry that was removed, when it is planned for the same time again, then it is in the timetable', () => {
    const timetable = new Timetable<Timed>();
    const entry = { nextAt: NEVER, place: -1 };
    timetable.plan(entry, 5);
    timetable.remove(entry);
    timetable.remove(entry);
    expect([timetable.size, timetable.nextAt]).toEqual([0, NEVER]);
    timetable.plan(entry, 5);
    expect([timetable.size, timetable.nextAt]).toEqual([1, 5]);
  });

  it('given 100,000 entries of which three are due, when asked, then few are looked at', () => {
    const timetable = new Timetable<Timed>();
    let looks = 0;
    for (let n = 0; n < 100_000; n += 1) {
      let at = NEVER;
      const entry = {
        place: -1,
        get nextAt() {
          looks += 1;
          return at;
        },
        set nextAt(to: number) {
          at = to;
        },
      };
      timetable.plan(entry, (n * 7919) % 100_000);
    }
    looks = 0;
    expect(timetable.takeDue(2)).toHaveLength(3);
    expect(looks).toBeLessThan(400);
    expect(timetable.size).toBe(99_997);
  });
});

describe('a line', () => {
  it('given any comings and goings, when compared with a list, then the order is that of arrival', () => {
    const steps = fc.array(fc.oneof(fc.constant(-1), fc.nat(30)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (given) => {
        const line = new Line<number>();
        let nodes: LineNode<number>[] = [];
        given.forEach((which, index) => {
          if (which < 0) nodes.push(line.add(index));
          else if (which < nodes.length) {
            line.remove(nodes[which]!);
            nodes = nodes.filter((_, at) => at !== which);
          }
          const forwards: number[] = [];
          for (let node = line.first; node; node = node.after) forwards.push(node.entry);
          expect(forwards).toEqual(nodes.map(({ entry }) => entry));
          expect(line.size).toBe(nodes.length);
          expect(nodes.at(-1)?.after).toBeUndefined();
          expect(nodes.map(({ before }) => before?.entry)).toEqual(
            [undefined, ...forwards.slice(0, -1)].slice(0, forwards.length),
          );
        });
      }),
    );
  });
});

describe('a second chance', () => {
  class Entry implements Evictable {
    used = false;
    isBusy = false;
    constructor(readonly id: number) {}
  }

  it('given any uses, when one is to go, then it is the first in line that is neither busy nor was used since its last chance', () => {
    const step = fc.record({
      what: fc.constantFrom('add', 'delete', 'use', 'busy', 'free', 'take'),
      id: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const queue = new SecondChance<Entry>();
        const all = entries(10, (id) => new Entry(id));
        let model: number[] = [];
        for (const { what, id } of steps) {
          const entry = all[id]!;
          if (what === 'add') {
            queue.add(entry);
            if (!model.includes(id)) model.push(id);
          } else if (what === 'delete') {
            queue.delete(entry);
            model = model.filter((one) => one !== id);
          } else if (what === 'use') entry.used = true;
          else if (what === 'busy') entry.isBusy = true;
          else if (what === 'free') entry.isBusy = false;
          else {
            const free = model.filter((one) => !all[one]!.isBusy);
            const expected = free.find((one) => !all[one]!.used) ?? free[0];
            const taken = queue.takeNext();
            expect(taken?.id).toBe(expected);
            if (taken)
              model = [...model.slice(model.indexOf(taken.id) + 1), ...model.slice(0, model.indexOf(taken.id))];
            // whoever was passed over has used up its chance
            for (const one of all) if (taken === undefined && model.includes(one.id)) expect(one.used).toBe(false);
          }
          expect(queue.size).toBe(model.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('given all in use by readers, when one is to go, then the longest there goes, and the others keep their marks off', () => {
    const queue = new SecondChance<Entry>();
    const all = entries(3, (id) => new Entry(id));
    for (const entry of all) {
      queue.add(entry);
      entry.used = true;
    }
    expect(queue.takeNext()?.id).toBe(0);
    expect(all.map(({ used }) => used)).toEqual([false, false, false]);
    expect([queue.takeNext()?.id, queue.takeNext()?.id, queue.takeNext()]).toEqual([1, 2, undefined]);
  });

  it('given 10,000 busy ones, when one is to go, then none does, and the question ends', () => {
    const queue = new SecondChance<Entry>();
    for (const entry of entries(10_000, (id) => new Entry(id))) {
      entry.isBusy = true;
      queue.add(entry);
    }
    expect(queue.takeNext()).toBeUndefined();
    expect(queue.size).toBe(10_000);
  });
});
