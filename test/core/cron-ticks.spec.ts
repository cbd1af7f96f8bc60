import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';

describe('ticks of a cron expression', () => {
  async function ticking() {
    const set = scripted({ refresh: { cron: '0 * * * *' } });
    set.backend.set('KEY', { value: 'v1' });
    set.backend.set('DB', { lease: 10 * HOUR });
    await set.start('KEY', 'DB');
    return { ...set, reads: () => set.backend.timesOf('read').slice(1) };
  }

  it('given a tick, when its random delay is over, then static secrets are read once; the next tick reads them again', async () => {
    const set = await ticking();
    set.runtime.refresher.refreshWithin(MINUTE);
    await set.clock.advance(30 * SECOND - 1);
    expect(set.reads()).toEqual([]);
    await set.clock.advance(1);
    expect(set.reads()).toEqual([30 * SECOND]);
    set.runtime.refresher.refreshWithin(MINUTE);
    await set.clock.advance(MINUTE);
    expect(set.reads()).toEqual([30 * SECOND, MINUTE]);
    expect(set.backend.opened).toEqual(['DB-1']);
  });

  it('given a second tick before the first has read, when both are over, then that is one reading', async () => {
    const set = await ticking();
    set.runtime.refresher.refreshWithin(MINUTE);
    await set.clock.advance(10 * SECOND);
    set.runtime.refresher.refreshWithin(MINUTE);
    await set.clock.advance(MINUTE);
    expect(set.reads()).toHaveLength(1);
  });

  it.each(['stop', 'shutdown'] as const)(
    'given a tick that waits, when %s is called, then it reads nothing, and a later one neither',
    async (what) => {
      const set = await ticking();
      set.runtime.refresher.refreshWithin(MINUTE);
      await set.runtime[what]();
      set.runtime.refresher.refreshWithin(MINUTE);
      await set.clock.advance(2 * MINUTE);
      expect(set.reads()).toEqual([]);
      if (what === 'shutdown') expect(set.clock.pending).toBe(0);
    },
  );

  it('given no job yet, when it ticks, then nothing is read', async () => {
    const set = scripted({ refresh: { cron: '0 * * * *' } });
    set.backend.set('KEY', { value: 'v1' });
    await set.client.fetch('KEY');
    set.runtime.refresher.refreshWithin(MINUTE);
    await set.clock.advance(2 * MINUTE);
    expect(set.backend.count('read')).toBe(1);
  });
});
