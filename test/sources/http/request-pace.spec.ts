import { RequestPace } from '../../../lib/sources/http/index.js';
import type { PacedRequest } from '../../../lib/sources/http/request.pace.js';
import { printed } from '../../../lib/testing/contract/checks.js';
import { FakeClock, settled } from '../../support/fake-clock.js';

/** A backend with a bucket that is filled once a second, and answers at once. */
function bucket(clock: FakeClock, size: number, retryAfter?: number) {
  let [window, taken] = [0, 0];
  const seen = { accepted: 0, refused: 0, perSecond: new Map<number, number>() };
  const take = (): boolean => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== window) [window, taken] = [now, 0];
    seen.perSecond.set(now, (seen.perSecond.get(now) ?? 0) + 1);
    if (taken >= size) {
      seen.refused += 1;
      return false;
    }
    taken += 1;
    seen.accepted += 1;
    return true;
  };
  const ask = async (pace: RequestPace): Promise<void> => {
    for (;;) {
      const request = (await pace.turn())!;
      await settled(1);
      if (take()) return request.done();
      request.refused(retryAfter);
    }
  };
  return { seen, ask };
}

/** Several at a time, until all are done. */
async function askAll(pace: RequestPace, ask: (pace: RequestPace) => Promise<void>, count: number, parallel = 16) {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await ask(pace);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

describe('the pace of requests', () => {
  test('given neither a limit nor a refusal, when asked, then each goes at once', async () => {
    const clock = new FakeClock();
    const pace = new RequestPace({ clock });
    for (let count = 0; count < 5_000; count += 1) (await pace.turn())!.done();
    expect(clock.now()).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('given a limit, when many ask, then no second has more than it, in the order of asking, and who waits is told', async () => {
    const clock = new FakeClock();
    const pace = new RequestPace({ clock, limit: 5 });
    const went: { readonly index: number; readonly at: number }[] = [];
    let told = 0;
    const tell = () => (told += 1);
    for (let index = 0; index < 12; index += 1) {
      void Promise.resolve(pace.turn(undefined, tell)).then((request) => {
        went.push({ index, at: clock.now() });
        request!.done();
      });
    }
    await clock.advance(3_000);
    expect(went.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(went.map(({ at }) => at)).toEqual([0, 0, 0, 0, 0, 1000, 1000, 1000, 1000, 1000, 2000, 2000]);
    expect(told).toBeGreaterThan(10);
    expect(clock.pending).toBe(0);
  });

  test('given those under way that are not answered, when others ask, then they wait for an answer', async () => {
    const clock = new FakeClock();
    const pace = new RequestPace({ clock, limit: 1 });
    const first = (await pace.turn())!;
    let second: PacedRequest | undefined;
    void Promise.resolve(pace.turn()).then((request) => (second = request));
    await clock.advance(60_000);
    expect(second).toBeUndefined();
    first.done();
    await clock.advance(1_000);
    expect(second).toBeDefined();
  });

  test.each([
    ['that names no pause', undefined],
    ['that names one', 1_000],
  ])(
    'given a quota of 20 a second %s, when 120 are read, then all come in about six seconds, and few are refused',
    async (_, retryAfter) => {
      const clock = new FakeClock();
      const { seen, ask } = bucket(clock, 20, retryAfter);
      const pace = new RequestPace({ clock, random: () => 0.5 });
      let isOver = false;
      void askAll(pace, ask, 120).then(() => (isOver = true));
      await clock.advance(7_500);
      expect(isOver).toBe(true);
      expect(seen.accepted).toBe(120);
      expect(seen.refused).toBeLessThan(40);
    },
  );

  test('given a refusal, when a minute has gone well, then there is no limit any more', async () => {
    const clock = new FakeClock();
    const pace = new RequestPace({ clock, random: () => 1 });
    (await pace.turn())!.refused();
    await clock.advance(500);
    (await pace.turn())!.done();
    let isSecond = false;
    void Promise.resolve(pace.turn()).then(() => (isSecond = true));
    await settled();
    expect(isSecond).toBe(false);
    await clock.advance(61_000);
    for (let count = 0; count < 100; count += 1) await pace.turn();
    expect(isSecond).toBe(true);
  });

  test('given refusals one after another, when asked, then the pauses grow up to five seconds; those refused together count once', async () => {
    const clock = new FakeClock();
    const growing = new RequestPace({ clock, random: () => 1 });
    const pauses: number[] = [];
    let refusedAt = 0;
    for (let round = 0; round < 6; round += 1) {
      const turn = Promise.resolve(growing.turn()).then((request) => {
        pauses.push(clock.now() - refusedAt);
        refusedAt = clock.now();
        request!.refused();
      });
      while (pauses.length === round) await clock.advance(100);
      await turn;
    }
    expect(pauses).toEqual([0, 500, 1_000, 2_000, 4_000, 5_000]);
    const together = new RequestPace({ clock, random: () => 1 });
    const requests = await Promise.all(Array.from({ length: 9 }, async () => together.turn()));
    const at = clock.now();
    for (const request of requests) request!.refused();
    let wentAt: number | undefined;
    void Promise.resolve(together.turn()).then(() => (wentAt = clock.now()));
    await clock.advance(500);
    expect(wentAt! - at).toBe(500);
  });

  test('given refusals one after another, when others wait, then they are told that it is of no use; the next one finds out', async () => {
    const clock = new FakeClock();
    const pace = new RequestPace({ clock, random: () => 1 });
    const next = async () => {
      const turn = Promise.resolve(pace.turn());
      await clock.advance(5_000);
      return (await turn)!;
    };
    expect((await next()).refused()).toBe(true);
    expect((await next()).refused()).toBe(true);
    const last = await next();
    const others = Array.from({ length: 30 }, async () => pace.turn());
    expect(last.refused()).toBe(false);
    const [first, waiting] = [await others[0], await others.at(-1)];
    expect(waiting).toBeUndefined();
    first?.done();
    (await next()).done();
    expect((await next()).refused()).toBe(true);
  });

  test('given a pause beyond all patience, when asked, then it goes after five seconds', async () => {
    const clock = new FakeClock();
    const pace = new RequestPace({ clock });
    (await pace.turn())!.refused(3_600_000);
    let hasGone = false;
    void Promise.resolve(pace.turn()).then(() => (hasGone = true));
    await clock.advance(4_999);
    expect(hasGone).toBe(false);
    await clock.advance(1);
    expect(hasGone).toBe(true);
  });

  test('given a signal that says stop, when waiting, then it goes on at once, and its place is free', async () => {
    const clock = new FakeClock();
    const pace = new RequestPace({ clock, limit: 1 });
    (await pace.turn())!.done();
    const stop = new AbortController();
    const waiting = pace.turn(stop.signal);
    stop.abort();
    (await waiting)!.done();
    expect(clock.now()).toBe(0);
    expect(printed(pace)).toContain('[pace]');
  });
});
