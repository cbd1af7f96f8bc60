import { jest } from '@jest/globals';

const machine = { uptime: 100, now: 0, wall: 1_800_000_000_000 };
jest.unstable_mockModule('node:os', () => ({ uptime: () => machine.uptime }));
const { displayed, SystemClock } = await import('../../lib/core/clock.js');

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAYS_30 = 30 * 24 * 60 * MINUTE;

/** Time passes; while a Linux machine is suspended, `performance.now()` does not see it. */
function passes(milliseconds: number, isSuspended = false): void {
  machine.uptime += milliseconds / 1_000;
  machine.wall += milliseconds;
  if (!isSuspended) machine.now += milliseconds;
}

describe('the clock of the machine', () => {
  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(performance, 'now').mockImplementation(() => machine.now);
    jest.spyOn(Date, 'now').mockImplementation(() => machine.wall);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('given a machine that was suspended, several times, when asked, then that time counts as well, once', () => {
    const clock = new SystemClock();
    const begun = clock.now();
    passes(5 * MINUTE);
    expect(clock.now() - begun).toBe(5 * MINUTE);
    passes(60 * MINUTE, true);
    expect(clock.now() - begun).toBe(65 * MINUTE);
    passes(10 * SECOND);
    expect(clock.now() - begun).toBe(65 * MINUTE + 10 * SECOND);
    passes(31 * SECOND, true);
    passes(MINUTE);
    expect(clock.now() - begun).toBe(66 * MINUTE + 41 * SECOND);
    expect(clock.now() - begun).toBe(66 * MINUTE + 41 * SECOND);
  });

  it.each([
    ['noise between the two clocks', () => passes(29 * SECOND, true), 0],
    ['an operator who sets the time by a day', () => void (machine.wall += 24 * 60 * MINUTE), 0],
    ['an operator who sets it back', () => void (machine.wall -= 24 * 60 * MINUTE), 0],
    ['half a second', () => passes(500), 500],
    ['a minute', () => passes(MINUTE), MINUTE],
  ])('given %s, when asked, then no suspension is seen', (_, happens, passed) => {
    const clock = new SystemClock();
    const begun = clock.now();
    happens();
    expect(clock.now() - begun).toBe(passed);
  });

  it('given a delay past 2^31 ms, when it is over, and not before, then the timer fires once', () => {
    const clock = new SystemClock();
    const fired = jest.fn();
    clock.setTimer(fired, DAYS_30);
    jest.advanceTimersByTime(DAYS_30 - 1);
    expect(fired).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([1_000, DAYS_30])(
    'given a timer of %d ms that is cancelled before or after it fired, when time passes, then it does no more',
    (delay) => {
      const clock = new SystemClock();
      const fired = jest.fn();
      const cancel = clock.setTimer(fired, delay);
      jest.advanceTimersByTime(delay - 1);
      cancel();
      expect(jest.getTimerCount()).toBe(0);
      jest.advanceTimersByTime(delay);
      expect(fired).not.toHaveBeenCalled();
      const late = clock.setTimer(fired, -1);
      jest.advanceTimersByTime(1);
      late();
      expect(fired).toHaveBeenCalledTimes(1);
    },
  );

  it('given plain timers and awaited ones, when the process has nothing else to do, then only the latter keep it alive', async () => {
    const handles: NodeJS.Timeout[] = [];
    const real = globalThis.setTimeout;
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, delay: number) => {
      const handle = real(callback, delay);
      handles.push(handle);
      return handle;
    }) as never);
    const clock = new SystemClock();
    clock.setTimer(() => undefined, 1_000);
    clock.setTimer(() => undefined, 1_000, true);
    const slept = clock.sleep(1_000);
    expect(handles.map((handle) => handle.hasRef())).toEqual([false, true, true]);
    jest.advanceTimersByTime(1_000);
    await slept;
  });

  it('given a monotonic time, when displayed, then it is as far from the wall’s now as it is from the clock’s; never has no date', () => {
    const clock = new SystemClock();
    expect(displayed(clock.now() + MINUTE, clock)).toEqual(new Date(machine.wall + MINUTE));
    expect(displayed(clock.now() - MINUTE, clock)).toEqual(new Date(machine.wall - MINUTE));
    expect(displayed(Infinity, clock)).toBeUndefined();
    expect(displayed(-Infinity, clock)).toBeUndefined();
  });
});
