import { getEventListeners } from 'node:events';
import { SecretThrottledError } from 'nestjs-hcp-vault';
import { keepListening } from '../../lib/core/source/channel-loop.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const DAY = 86_400_000;

/** A channel whose connections do what the test says. */
async function looped(listen: (signal: AbortSignal, isLive: () => void, clock: FakeClock) => Promise<void>) {
  const clock = new FakeClock();
  const told: string[] = [];
  const attempts: number[] = [];
  const signals = new Set<AbortSignal>();
  const listener = Object.assign(() => undefined, {
    lost: () => void told.push('lost'),
    resumed: () => void told.push('resumed'),
  });
  const opening = keepListening({
    kind: 'made-up',
    listener,
    clock,
    random: () => 0.5,
    listen: (signal, isLive) => {
      attempts.push(clock.now());
      signals.add(signal);
      return listen(signal, isLive, clock);
    },
  });
  return { clock, told, attempts, signals, end: await opening };
}

const after = (clock: FakeClock, delay: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimer(() => resolve(), delay));

describe('a channel that is kept listening', () => {
  it('given a server that closes each connection after a second, when a day passes, then it is asked twice a minute and not each second, and nothing is left behind', async () => {
    const { clock, told, attempts, signals, end } = await looped(async (_, isLive, time) => {
      isLive();
      await after(time, 1_000);
      throw new Error('closed');
    });
    for (let at = 0; at < DAY / 24; at += 10_000) await clock.advance(10_000);
    expect(attempts.length).toBeLessThan(150); // of an hour; one each second before
    expect(attempts.length).toBeGreaterThan(50);
    expect(told.length).toBeLessThanOrEqual(2 * attempts.length);
    const [signal] = signals;
    expect(getEventListeners(signal!, 'abort').length).toBeLessThanOrEqual(1);
    const ended = end();
    await clock.advance(1_000); // the connection of this test does not listen to the signal
    await ended;
    expect(clock.pending).toBe(0);
  });

  it('given one that was steady for a minute, when it is cut, then it is tried again at once, as the first time', async () => {
    const { clock, attempts, end } = await looped(async (signal, isLive, time) => {
      isLive();
      await after(time, 61_000);
      if (!signal.aborted) throw new Error('cut');
    });
    for (let n = 0; n < 600; n += 1) await clock.advance(1_000);
    expect(attempts.length).toBeGreaterThanOrEqual(9);
    const ended = end();
    await clock.advance(61_000);
    await ended;
  });

  it('given a service that asks for a day of quiet, when minutes have passed, then it is tried again', async () => {
    const { clock, attempts, end } = await looped(() =>
      Promise.reject(new SecretThrottledError('too many.', { retryAfter: DAY })),
    );
    await settled();
    await clock.advance(300_000);
    expect(attempts).toHaveLength(2);
    await end();
  });
});
