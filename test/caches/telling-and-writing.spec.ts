import type { SharedNews } from '../../lib/core/shared/shared-cache.js';
import type { SharedEntry } from '../../lib/core/shared/shared-entry.js';
import type { Slot } from '../../lib/core/shared/slot.js';
import { PutQueue } from '../../lib/core/shared/put-queue.js';
import { TierHealth } from '../../lib/core/shared/tier-health.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { HOUR, MINUTE } from '../support/scripted-connection.js';
import { slotOf, valueEntry } from './support/describe-shared-cache.js';

describe('what waits to be written into a shared cache', () => {
  const writtenOf = async (...entries: SharedEntry[]): Promise<unknown[]> => {
    const written: unknown[] = [];
    const queue = new PutQueue(new FakeClock(), async (some: ReadonlyMap<Slot, SharedEntry>) => {
      for (const entry of some.values()) written.push(entry.kind === 'value' ? entry.given.value : entry.kind);
      return true;
    });
    for (const entry of entries) void queue.add([[slotOf(), entry]]);
    await settled(10);
    return written;
  };

  it('is the last that came, whatever the clock says: it may have been put back meanwhile', async () => {
    const before = valueEntry('canary-1', { at: 9_000 });
    expect(await writtenOf(before, valueEntry('canary-2', { at: 1_000 }))).toEqual(['canary-2']);
    expect(await writtenOf(before, { kind: 'denied', at: 1_000, reason: 'refused.' })).toEqual(['denied']);
  });

  it('is not what was read in an earlier turn, or out of turn', async () => {
    const before = valueEntry('canary-2', { at: 1_000, fence: 5 });
    expect(await writtenOf(before, valueEntry('canary-1', { at: 9_000, fence: 4 }))).toEqual(['canary-2']);
    expect(await writtenOf(before, valueEntry('canary-1', { at: 9_000 }))).toEqual(['canary-2']);
    expect(await writtenOf(before, valueEntry('canary-3', { at: 500, fence: 6 }))).toEqual(['canary-3']);
  });
});

describe('what a shared cache refuses', () => {
  it('is told once however much there is, and again when it begins anew a day later', () => {
    const clock = new FakeClock();
    const news: SharedNews[] = [];
    const health = new TierHealth({ clock, random: () => 0.5 }, (told) => void news.push(told));
    const refuse = (reason = 'an entry is damaged.'): void => health.tell({ type: 'refused', reason });
    for (let minute = 0; minute < 180; minute += 1) {
      refuse();
      clock.jump(MINUTE);
    }
    expect(news).toHaveLength(1);
    refuse('a message is not of those who have the key.');
    expect(news).toHaveLength(2);
    clock.jump(24 * HOUR);
    refuse();
    refuse();
    expect(news).toHaveLength(3);
  });
});
