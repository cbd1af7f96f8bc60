import { SecretSourceUnavailableError, SecretThrottledError } from 'nestjs-hcp-vault';
import type { Turn } from '../../lib/core/source/pace.js';
import { Pace } from '../../lib/core/source/pace.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const THROTTLED = new SecretThrottledError();
const UNREACHABLE = new SecretSourceUnavailableError('no answer.', { cause: { name: 'TimeoutError' } });

/** A backend with a token bucket, and workers that ask it through a pace; each attempt takes 20 ms. */
function bucket({ perSecond, burst, most }: { perSecond: number; burst: number; most: number }) {
  const clock = new FakeClock();
  const pace = new Pace({ most, clock, random: () => 0.5 });
  let tokens = burst;
  let at = 0;
  const counts = { sent: 0, good: 0, mostAtOnce: 0, givenUp: 0, forgone: 0 };
  let underWay = 0;
  const takes = (): boolean => {
    tokens = Math.min(burst, tokens + ((clock.now() - at) * perSecond) / 1000);
    at = clock.now();
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
  /** As an SDK asks: three attempts, with some time between them. */
  const ask = async (): Promise<void> => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const turn: Turn | undefined = await pace.begin(new AbortController().signal).catch(() => undefined);
      if (!turn) return void (counts.forgone += 1);
      counts.sent += 1;
      counts.mostAtOnce = Math.max(counts.mostAtOnce, (underWay += 1));
      await clock.sleep(20);
      underWay -= 1;
      const isGood = takes();
      const isOfNoUse = turn.end(isGood ? undefined : THROTTLED);
      if (isGood) return void (counts.good += 1);
      if (isOfNoUse) break;
      await clock.sleep(100);
    }
    counts.givenUp += 1;
  };
  const askAll = async (requests: number, workers: number): Promise<void> => {
    let left = requests;
    const work = async (): Promise<void> => {
      while (left-- > 0) await ask();
    };
    await Promise.all(Array.from({ length: workers }, work));
  };
  const run = async (work: Promise<void>): Promise<number> => {
    const start = clock.now();
    let end: number | undefined;
    void work.then(() => (end = clock.now()));
    while (end === undefined && clock.now() - start < 60_000) await clock.advance(10);
    return (end ?? Number.POSITIVE_INFINITY) - start;
  };
  return { clock, pace, counts, ask, askAll, run };
}

describe('how fast a backend is asked', () => {
  it('given a backend that answers, when many are asked for, then as many are under way as there may be', async () => {
    const { counts, askAll, run } = bucket({ perSecond: 1e6, burst: 1e6, most: 10 });
    expect(await run(askAll(100, 50))).toBeLessThanOrEqual(220);
    expect(counts).toMatchObject({ sent: 100, good: 100, mostAtOnce: 10 });
  });

  it('given 40 requests a second and 100 to ask, when they are asked for, then all come, in little more than the backend’s own time and requests', async () => {
    const { counts, askAll, run } = bucket({ perSecond: 40, burst: 40, most: 10 });
    expect(await run(askAll(100, 10))).toBeLessThan(2_500);
    expect(counts).toMatchObject({ good: 100, givenUp: 0, forgone: 0 });
    expect(counts.sent).toBeLessThan(125);
  });

  it('given a backend that refuses everything, when many are asked for, then one round and a few probes are sent, and later ones one each', async () => {
    const { clock, counts, askAll, ask, run } = bucket({ perSecond: 0, burst: 0, most: 10 });
    await run(askAll(10, 10));
    expect(counts.good).toBe(0);
    expect(counts.sent).toBeLessThanOrEqual(13);
    const before = counts.sent;
    await clock.advance(5_000);
    await run(Promise.all([ask(), ask(), ask()]).then(() => undefined));
    expect(counts.sent - before).toBe(1);
  });

  it('given a lone refusal among answers, when more is asked for, then nobody pauses, and soon all goes as before', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 8, clock, random: () => 0.5 });
    const { signal } = new AbortController();
    const turns = await Promise.all(Array.from({ length: 8 }, () => pace.begin(signal)));
    turns.forEach((turn, index) => turn.end(index === 1 ? THROTTLED : undefined));
    let begun = 0;
    for (let index = 0; index < 8; index += 1) void pace.begin(signal).then(() => (begun += 1));
    await settled();
    expect(begun).toBe(4);
  });

  it('given one attempt that hangs while others are answered, when it ends, then the others are asked as before', async () => {
    const pace = new Pace({ most: 4, clock: new FakeClock(), random: () => 0.5 });
    const { signal } = new AbortController();
    const sick = await pace.begin(signal);
    for (let index = 0; index < 5; index += 1) (await pace.begin(signal)).end();
    sick.end(UNREACHABLE);
    const again = await Promise.all(Array.from({ length: 4 }, () => pace.begin(signal)));
    expect(again).toHaveLength(4);
  });

  it('given a long pause that the backend asks for, when others wait or come, then they are told at once that it is of no use', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 1, clock, random: () => 0.5 });
    const { signal } = new AbortController();
    const first = await pace.begin(signal);
    const waiting = pace.begin(signal);
    const asked = new SecretThrottledError(undefined, { retryAfter: 60_000 });
    expect(first.end(asked)).toBe(true);
    await expect(waiting).rejects.toBe(asked);
    await expect(pace.begin(signal)).rejects.toBe(asked);
    await clock.advance(60_000);
    expect((await pace.begin(signal)).end()).toBe(false);
  });

  it('given a pause of an hour that the backend asks for, when others come after a minute, then one of them finds out, once a minute', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 8, clock, random: () => 0.5 });
    const asked = new SecretThrottledError(undefined, { retryAfter: 3_600_000 });
    pace.immediate()!.end(asked);
    let sent = 0;
    for (let second = 0; second < 600; second += 1) {
      await clock.advance(1_000);
      for (let caller = 0; caller < 3; caller += 1) {
        const turn = pace.immediate();
        if (turn) sent += 1;
        turn?.end(asked);
      }
    }
    expect(sent).toBe(10);
  });

  it('given somebody who waits, when the call is aborted, then it rejects, and the next has its turn', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 1, clock, random: () => 0.5 });
    const controller = new AbortController();
    const first = await pace.begin(controller.signal);
    const leaving = pace.begin(controller.signal);
    const staying = pace.begin(new AbortController().signal);
    controller.abort(new Error('over'));
    await expect(leaving).rejects.toThrow('over');
    await expect(pace.begin(controller.signal)).rejects.toThrow('over');
    first.end();
    expect(await staying).toBeDefined();
    expect(clock.pending).toBe(0);
  });

  it('given a clock that moves on with each look, when a pause ends between two looks, then who waits has its turn all the same', async () => {
    for (let step = 1; step < 40; step += 1) {
      const clock = new FakeClock();
      const pace = new Pace({ most: 1, clock, random: () => 0 });
      const { signal } = new AbortController();
      for (let refusal = 0; refusal < 2; refusal += 1) (await pace.begin(signal)).end(THROTTLED);
      // The pause is 350 ms: looks at the clock lie around its end.
      await clock.advance(350 - step / 10);
      const { now } = clock;
      clock.now = () => {
        clock.jump(0.1);
        return now();
      };
      let hasBegun = false;
      void pace.begin(signal).then(() => (hasBegun = true));
      await clock.advance(50);
      expect(hasBegun).toBe(true);
    }
  });

  it('given a limit, when many are asked for, then no second has more than it, in their order, and who waits is told', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 100, limit: { requests: 5, within: 1_000 }, clock });
    const went: { readonly index: number; readonly at: number }[] = [];
    let told = 0;
    for (let index = 0; index < 12; index += 1) {
      void pace
        .begin(undefined, () => (told += 1))
        .then((turn) => {
          went.push({ index, at: clock.now() });
          turn.end();
        });
    }
    await clock.advance(3_000);
    expect(went.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(went.map(({ at }) => at)).toEqual([0, 0, 0, 0, 0, 1000, 1000, 1000, 1000, 1000, 2000, 2000]);
    expect(told).toBeGreaterThan(10);
    expect(clock.pending).toBe(0);
  });

  it('given a limit and those under way that are not answered, when another is asked for, then it waits for an answer and the span after it', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 100, limit: { requests: 1, within: 2_000 }, clock });
    const first = pace.immediate()!;
    expect(pace.immediate()).toBeUndefined();
    let second: Turn | undefined;
    void pace.begin(undefined).then((turn) => (second = turn));
    await clock.advance(60_000);
    expect(second).toBeUndefined();
    first.end();
    await clock.advance(1_999);
    expect(second).toBeUndefined();
    await clock.advance(1);
    expect(second).toBeDefined();
  });

  it('given a limit that nobody meets, when thousands are asked for one after another, then none waits, and no time is kept of them for ever', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 8, limit: { requests: 10, within: 1_000 }, clock });
    for (let count = 0; count < 5_000; count += 1) {
      pace.immediate()!.end();
      clock.jump(101);
    }
    expect(clock.pending).toBe(0);
  });

  it('given errors of another kind, when they are told, then what they mean is asked of whoever knows', async () => {
    const clock = new FakeClock();
    const refusalOf = (error: unknown) => (error === 'busy' ? { isThrottled: true, pause: 700 } : undefined);
    const pace = new Pace({ most: 8, clock, refusalOf });
    pace.immediate()!.end('of this one alone');
    expect(pace.immediate()!.end('busy')).toBe(false);
    expect(pace.immediate()).toBeUndefined();
    await clock.advance(700);
    expect(pace.immediate()).toBeDefined();
  });

  it('given a refusal, when the window is halved, then by what was under way, and not by what might have been', async () => {
    const pace = new Pace({ most: 1_000, clock: new FakeClock(), random: () => 0.5 });
    const turns = Array.from({ length: 8 }, () => pace.immediate()!);
    turns.forEach((turn, index) => turn.end(index === 7 ? THROTTLED : undefined));
    const again = Array.from({ length: 8 }, () => pace.immediate());
    expect(again.filter(Boolean)).toHaveLength(4);
  });

  it('given many that are refused together with a pause, when it is over, then all may go on: that was one refusal', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 16, clock });
    const asked = new SecretThrottledError(undefined, { retryAfter: 1_000 });
    const turns = Array.from({ length: 16 }, () => pace.immediate()!);
    expect(turns.map((turn) => turn.end(asked))).not.toContain(true);
    const waiting = Array.from({ length: 16 }, () => pace.begin(undefined).then((turn) => turn.end()));
    await clock.advance(1_000);
    expect(await Promise.all(waiting)).toHaveLength(16);
  });
});
