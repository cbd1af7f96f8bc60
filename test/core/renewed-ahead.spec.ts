import { jest } from '@jest/globals';
import { inspect } from 'node:util';
import type { Renewal } from '../../lib/core/source/renewed-ahead.js';
import { RenewedAhead } from '../../lib/core/source/renewed-ahead.js';

interface Ticket {
  readonly text: string;
  readonly life: number;
}

/** Tickets for ten minutes that are renewed in the last; those who ask wait until `answer` is called. */
function stage(more: Partial<Renewal<Ticket, string>> = {}) {
  let time = 0;
  const asked: { wish: string; signal: AbortSignal; answer: (text: string) => void; fail: (error: Error) => void }[] =
    [];
  const ask = (signal: AbortSignal, wish: string): Promise<Ticket> =>
    new Promise((resolve, reject) => {
      asked.push({ wish, signal, answer: (text) => resolve({ text, life: 600_000 }), fail: reject });
    });
  const tickets = new RenewedAhead<Ticket, string>({
    of: 'entry ticket',
    sourceKind: 'kind',
    ask,
    ahead: () => 60_000,
    now: () => time,
    ...more,
  });
  const get = async (wish = 'w', signal?: AbortSignal): Promise<string> => (await tickets.current(wish, signal)).text;
  return { tickets, get, asked, at: (now: number) => void (time = now) };
}

/** One that has the ticket `canary-1`, asked for at 0 and given a minute later. */
async function stocked(more: Partial<Renewal<Ticket, string>> = {}) {
  const staged = stage(more);
  const first = staged.get();
  staged.at(60_000);
  staged.asked[0]!.answer('canary-1');
  await first;
  return staged;
}

describe('what is renewed ahead', () => {
  it('given many who ask at once, when it is not there, then it is asked for once, with the wish of the first, and who aborts goes alone', async () => {
    const { get, asked } = stage();
    const leaver = new AbortController();
    const all = [get('first', leaver.signal), get('second', new AbortController().signal), get('third')];
    leaver.abort(new Error('enough'));
    await expect(all[0]).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      message: expect.stringContaining('the wait for an entry ticket was aborted'),
      sourceKind: 'kind',
    });
    expect(asked.map(({ wish, signal }) => [wish, signal.aborted])).toEqual([['first', false]]);
    asked[0]!.answer('a');
    expect(await Promise.all(all.slice(1))).toEqual(['a', 'a']);
  });

  it('given its last minute, counted from when it was asked for, when asked, then the old one serves, and one request is on its way', async () => {
    const { get, asked, at } = await stocked();
    at(539_999);
    await get();
    expect(asked).toHaveLength(1);
    at(540_000);
    expect(await Promise.all([get(), get()])).toEqual(['canary-1', 'canary-1']);
    expect(asked).toHaveLength(2);
    at(600_000); // its end: who asks waits for the request that is under way
    const waiting = get();
    asked[1]!.answer('b');
    expect([await waiting, await get(), asked.length]).toEqual(['b', 'b', 2]);
  });

  it('given a renewal that fails, when the old one still serves, then nobody notices, and the next who asks tries again', async () => {
    const { get, asked, at } = await stocked();
    at(550_000);
    await get();
    asked[1]!.fail(new Error('down'));
    await new Promise(setImmediate);
    expect(await get()).toBe('canary-1');
    expect(asked).toHaveLength(3);
  });

  it('given callers that wait, when it is renewed, then they get the new one, and the old one where none is to be had', async () => {
    const { get, asked, at } = await stocked({ waits: true });
    at(550_000);
    const first = get();
    asked[1]!.fail(new Error('down'));
    expect(await first).toBe('canary-1');
    const second = get();
    asked[2]!.answer('b');
    expect(await second).toBe('b');
  });

  it('given a refusal, when told, then it is thrown away, unless it has been replaced', async () => {
    const { tickets, get, asked } = await stocked();
    expect(tickets.discard(({ text }) => text === 'older')).toBe(false);
    await get();
    expect(asked).toHaveLength(1);
    expect(tickets.discard(({ text }) => text === 'canary-1')).toBe(true);
    expect(tickets.discard()).toBe(false);
    const next = get();
    asked[1]!.answer('b');
    expect(await next).toBe('b');
  });

  it('given a request under way, when all is forgotten, then its signal ends, nobody waits for it any more, and the next asks anew', async () => {
    const { tickets, get, asked } = stage();
    const late = get();
    tickets.forget();
    expect(asked[0]!.signal.aborted).toBe(true);
    await expect(late).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    asked[0]!.answer('late');
    const next = get();
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    asked[1]!.answer('b');
    expect([await next, await get()]).toEqual(['b', 'b']);
  });

  it('given somebody who never answers, when half a minute has passed, then that is told, and the next who asks is not held up', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { get, asked } = stage();
      const hung = get();
      const second = get();
      const told = Promise.allSettled([hung, second]);
      await jest.advanceTimersByTimeAsync(30_000);
      for (const { status, reason } of (await told) as PromiseRejectedResult[]) {
        expect(status).toBe('rejected');
        expect((reason as Error).message).toContain('there is no entry ticket: none came within 30000 ms.');
      }
      expect(asked.map(({ signal }) => signal.aborted)).toEqual([true]);
      const next = get();
      asked[1]!.answer('b');
      expect(await next).toBe('b');
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('given one that lives for no time, when asked one after another, then it is asked for each time', async () => {
    let given = 0;
    const { get } = stage({ ask: () => Promise.resolve({ text: `t${(given += 1)}`, life: 0 }), ahead: () => 0 });
    expect([await get(), await get()]).toEqual(['t1', 't2']);
  });

  it('given one that is held, when printed, then it shows nothing', async () => {
    const { tickets } = await stocked();
    const shown = `${inspect(tickets, { depth: 9, showHidden: true })} ${JSON.stringify(tickets)} ${String(tickets)}`;
    expect(shown).not.toContain('canary');
    expect(shown).toContain('[secrets entry ticket]');
  });
});
