import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { inAttempts, throttledDelay } from '../../lib/core/source/attempts.js';
import { Pace } from '../../lib/core/source/pace.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const BROKEN = new SecretSourceUnavailableError('broken.', { cause: { name: 'HttpStatus', status: 500 } });
const GONE = new SecretSourceUnavailableError('nobody there.', { cause: { name: 'HttpStatus', status: 503 } });

/** Fails so often, with this error. */
function failing(times: number, error: unknown = BROKEN) {
  const sent: number[] = [];
  const send = (): Promise<string> => {
    sent.push(sent.length + 1);
    return sent.length <= times ? Promise.reject(error) : Promise.resolve('answer');
  };
  return { sent, send };
}

const thrice = (attempt: number): number | undefined => (attempt < 3 ? attempt * 100 : undefined);

describe('the attempts of one request', () => {
  it('given two failures, when asked, then the third attempt is the answer, with pauses in between that are told', async () => {
    const clock = new FakeClock();
    const { sent, send } = failing(2);
    const told: (number | undefined)[] = [];
    const answer = inAttempts({ clock, delayAfter: thrice, progress: (later) => told.push(later) }, send);
    await settled();
    expect(sent).toHaveLength(1);
    await clock.advance(100);
    expect(sent).toHaveLength(2);
    await clock.advance(200);
    expect(await answer).toBe('answer');
    // Before each attempt, and before each pause with its length.
    expect(told).toEqual([1_000, 1_100, 1_000, 1_200, 1_000]);
    expect(clock.pending).toBe(0);
  });

  it('given a failure that nobody heals, when asked, then it is the caller’s, after one attempt', async () => {
    const { sent, send } = failing(9);
    await expect(inAttempts({ clock: new FakeClock(), delayAfter: () => undefined }, send)).rejects.toBe(BROKEN);
    expect(sent).toHaveLength(1);
  });

  it('given a signal that says stop during a pause, when it does, then the failure is the caller’s at once', async () => {
    const { sent, send } = failing(9);
    const controller = new AbortController();
    const clock = new FakeClock();
    const asked = inAttempts({ clock, delayAfter: () => 60_000, signal: controller.signal }, send).catch(
      (e: unknown) => e,
    );
    await settled();
    controller.abort();
    expect(await asked).toBe(BROKEN);
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('given refusals that may have had an effect, when the rest is not sent, then what is told of it says that it had none', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 1, clock, random: () => 0.5 });
    const lost = new SecretSourceUnavailableError('cut off.', { cause: { name: 'Socket' }, effect: 'possible' });
    const { sent, send } = failing(9, lost);
    const asked = Array.from({ length: 6 }, () => inAttempts({ pace, clock, delayAfter: () => undefined }, send));
    const ended = Promise.allSettled(asked);
    await clock.advance(20_000);
    const effects = (await ended).map((end) => end.status === 'rejected' && (end.reason as { effect?: string }).effect);
    expect(sent).toHaveLength(4);
    expect(effects).toEqual(['possible', 'possible', 'possible', 'possible', 'none', 'none']);
  });

  it('given a backend where nobody is, when many ask, then few are sent, and the rest fails with what is made of the last refusal', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 4, clock, random: () => 0 });
    const { sent, send } = failing(Number.POSITIVE_INFINITY, GONE);
    const unsent = new Error('not sent');
    const options = { pace, clock, delayAfter: thrice, notSent: (last: unknown) => (last === GONE ? unsent : last) };
    const asked = Promise.all(Array.from({ length: 100 }, () => inAttempts(options, send).catch((e: unknown) => e)));
    await clock.advance(20_000);
    const errors = await asked;
    expect(sent.length).toBeLessThan(10);
    expect(errors.filter((error) => error === unsent).length).toBeGreaterThan(90);
    expect(errors.every((error) => error === unsent || error === GONE)).toBe(true);
  });

  it('given a pace and a signal that says stop while waiting, when it does, then the sending sees to it, in its own words', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ most: 1, clock });
    pace.immediate();
    const controller = new AbortController();
    const send = (): Promise<never> => Promise.reject(new Error(`stopped: ${controller.signal.aborted}`));
    const asked = inAttempts({ pace, clock, signal: controller.signal, delayAfter: thrice }, send).catch(
      (e: Error) => e.message,
    );
    await settled();
    controller.abort();
    expect(await asked).toBe('stopped: true');
  });

  it('given one request that is throttled again and again, when it waits, then for longer than the second of a quota, however chance has it', () => {
    for (const asked of [undefined, 0]) {
      expect(throttledDelay(1, asked, 0)! + throttledDelay(2, asked, 0)!).toBeGreaterThan(1_000);
      expect(throttledDelay(1, asked, 1)! + throttledDelay(2, asked, 1)!).toBeLessThan(2_200);
    }
    expect(throttledDelay(1, 3_000)).toBe(3_000);
    expect([throttledDelay(5), throttledDelay(1, 60_000)]).toEqual([undefined, undefined]);
  });
});
