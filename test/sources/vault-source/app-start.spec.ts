import { inspect } from 'node:util';
import {
  VaultConnectionError,
  VaultForbiddenError,
  VaultInvalidRequestError,
  VaultServerError,
} from '../../../lib/sources/vault/index.js';
import { settled } from '../../support/fake-clock.js';
import { HOUR, play } from './support/played-vault.js';

type Played = ReturnType<typeof play>;

const MINUTE = 60_000;
const SHORT = '120s';
const WHOLE = '3600s';
const asAsked = (_: number, asked: number) => asked;
const rounded = (times: readonly number[]) => times.map((at) => Math.round(at));
const denied = new VaultForbiddenError('no', { status: 403 });

describe("the token of vault() while the app starts, on a clock of the test's", () => {
  /** Milliseconds that the token is known to live. */
  const leftOf = ({ clock, sessions }: Played) => sessions.current!.endsAt - clock.now();
  const told = ({ events }: Played) => events.filter(({ type }) => type === 'token-outlives-start');

  test('given a login in a start, when its token is used first, then it has two minutes of life, and that is told', async () => {
    const vault = play({ renew: asAsked });
    vault.sessions.startUp();
    await vault.acquire();
    expect(vault.log.asked).toEqual([SHORT]);
    expect(leftOf(vault)).toBe(2 * MINUTE);
    expect(vault.events.map(({ type }) => type)).toEqual(['logged-in']);
    expect(vault.events[0]!.expiresAt).toEqual(new Date(vault.clock.wall() + 2 * MINUTE));
  });

  test('given a start of ten minutes, when it goes on, then the token is kept alive two minutes at a time, and never replaced', async () => {
    const vault = play({ renew: asAsked });
    vault.sessions.startUp();
    await vault.acquire();
    for (let seconds = 0; seconds < 600; seconds += 5) {
      await vault.clock.advance(5_000);
      expect(leftOf(vault)).toBeGreaterThan(30_000);
      expect(leftOf(vault)).toBeLessThanOrEqual(2 * MINUTE);
    }
    expect(vault.log.logins).toEqual([0]);
    expect(rounded(vault.log.renewals)).toEqual([0, 84, 168, 252, 336, 420, 504, 588].map((seconds) => seconds * 1000));
    expect(new Set(vault.log.asked)).toEqual(new Set([SHORT]));
  });

  test('given the end of a start, when it comes, once or twice, then the token has its whole life at once, and goes on as usual', async () => {
    const vault = play({ renew: asAsked });
    const started = vault.sessions.startUp();
    await vault.acquire();
    await vault.clock.advance(MINUTE);
    started();
    started();
    await settled();
    expect(vault.log.asked).toEqual([SHORT, WHOLE]);
    expect(leftOf(vault)).toBe(HOUR);
    expect(vault.events.at(-1)).toMatchObject({
      type: 'token-renewed',
      expiresAt: new Date(vault.clock.wall() + HOUR),
    });
    await vault.clock.advance(1.5 * HOUR);
    expect(vault.log.asked).toEqual([SHORT, WHOLE, WHOLE, WHOLE]);
    expect(rounded(vault.log.renewals.slice(2))).toEqual([MINUTE + 0.7 * HOUR, MINUTE + 1.4 * HOUR]);
    expect(vault.log.logins).toEqual([0]);
  });

  test("given two connections that start with one source, when one has started, then the other's start still counts", async () => {
    const vault = play({ renew: asAsked });
    const [one, two] = [vault.sessions.startUp(), vault.sessions.startUp()];
    await vault.acquire();
    one();
    one();
    await vault.clock.advance(10 * MINUTE);
    expect(new Set(vault.log.asked)).toEqual(new Set([SHORT]));
    two();
    await settled();
    expect(vault.log.asked.at(-1)).toBe(WHOLE);
  });

  test('given a token of two minutes or less, or no start, when it lives, then it is left alone', async () => {
    const short = play({ ttl: 120, renew: asAsked });
    const started = short.sessions.startUp();
    await short.acquire();
    expect(short.log.asked).toEqual([]);
    started();
    await short.clock.advance(100_000);
    expect(short.log.asked).toEqual([SHORT]);
    expect(told(short)).toEqual([]);
    const later = play({ renew: asAsked });
    later.sessions.startUp()();
    await later.acquire();
    expect(later.log.asked).toEqual([]);
  });

  test('given another login in a start, when its token comes, then that is shortened too', async () => {
    const vault = play({ renew: asAsked });
    const started = vault.sessions.startUp();
    const session = await vault.acquire();
    const invalid = new VaultForbiddenError('no', { status: 403, errors: ['invalid token'] });
    expect(await vault.sessions.refused(session, invalid, new AbortController().signal)).toBe(true);
    expect(vault.log.logins).toHaveLength(2);
    expect(vault.log.asked).toEqual([SHORT, SHORT]);
    expect(leftOf(vault)).toBe(2 * MINUTE);
    started();
    await settled();
    expect(vault.log.asked).toEqual([SHORT, SHORT, WHOLE]);
  });

  test('given a start whose renewals stop, as its process stood still, when it goes on, then there is another login, also of a short life', async () => {
    const vault = play({ renew: asAsked });
    vault.sessions.startUp();
    await vault.acquire();
    vault.clock.jump(121_000);
    await vault.acquire();
    expect(vault.log.logins).toEqual([0, 121_000]);
    expect(leftOf(vault)).toBe(2 * MINUTE);
  });

  test.each([
    ['a batch token', { type: 'batch', renewable: false }, /batch tokens/, []],
    ["a token that can't be renewed", { renewable: false }, /can't be renewed/, []],
    ['a token without an end', { ttl: 0 }, /without an end/, []],
    ['a token that was given', { given: true }, /given, and is not ours/, []],
    [
      'a periodic token',
      { renew: (): number => 3600 },
      /granted the token 3600 s where 120 s were asked for.*periodic/,
      [SHORT],
    ],
    [
      'a token that may not renew itself',
      {
        renew: () => {
          throw denied;
        },
      },
      /refuses to shorten the token \(HTTP 403\)/,
      [SHORT],
    ],
  ] as const)(
    'given %s, when it comes in a start, then that is told once, with its reason, and it goes on as it is',
    async (_, plays, reason, asked) => {
      const vault = play(plays);
      const started = vault.sessions.startUp();
      await vault.acquire();
      const ttl = 'ttl' in plays ? Number.POSITIVE_INFINITY : HOUR;
      expect(leftOf(vault)).toBe(ttl);
      expect(told(vault)).toMatchObject([{ source: 'vault', reason: expect.stringMatching(reason) as string }]);
      expect(told(vault)[0]!.reason).toMatch(/^[A-Z].*\.$/);
      if (ttl === HOUR) expect(told(vault)[0]!.expiresAt).toEqual(new Date(vault.clock.wall() + HOUR));
      expect(inspect(vault.events, { showHidden: true, depth: 9 })).not.toMatch(/t1|'given'/);
      await vault.clock.advance(10 * MINUTE);
      started();
      await settled();
      expect(vault.log).toMatchObject({ asked, logins: [0] });
      await vault.clock.advance(HOUR); // other logins would be told again, were it not done once
      expect(told(vault)).toHaveLength(1);
    },
  );

  test('given batch tokens of some minutes, when several come in one start, then that is told once; in the next start anew', async () => {
    const vault = play({ type: 'batch', renewable: false, ttl: 300 });
    vault.sessions.startUp();
    await vault.acquire();
    await vault.clock.advance(20 * MINUTE);
    expect(vault.log.logins.length).toBeGreaterThan(4);
    expect(told(vault)).toHaveLength(1);
  });

  test('given Vault away after the login, when the token is to be shortened, then the login holds, and it is tried again at once', async () => {
    const vault = play({
      renew: (times, asked) => {
        if (times < 3) throw new VaultConnectionError('away');
        return asked;
      },
    });
    vault.sessions.startUp();
    await vault.acquire();
    expect(leftOf(vault)).toBe(HOUR);
    await vault.clock.advance(3_000);
    expect(vault.log.asked).toEqual([SHORT, SHORT, SHORT]);
    expect(leftOf(vault)).toBeGreaterThan(2 * MINUTE - 3_000);
    expect(leftOf(vault)).toBeLessThanOrEqual(2 * MINUTE);
    expect(told(vault)).toEqual([]);
    await vault.clock.advance(5 * MINUTE);
    expect(vault.log).toMatchObject({ logins: [0], replaced: 1 });
    expect(new Set(vault.log.asked)).toEqual(new Set([SHORT]));
  });

  test('given a start that is over during the login, when its token comes, then it gets its whole life', async () => {
    const vault = play({ renew: asAsked });
    const started = vault.sessions.startUp();
    const acquired = vault.acquire();
    while (vault.log.asked.length === 0) await settled(1);
    started();
    await acquired;
    await settled();
    expect(vault.log.asked).toEqual([SHORT, WHOLE]);
    expect(leftOf(vault)).toBe(HOUR);
  });

  test('given a start that is over while the token is kept alive, when that is done, then the whole life comes after it, and stays', async () => {
    const gate: { opened?: Promise<void> } = {};
    const vault = play({ renew: asAsked, during: () => gate.opened });
    const started = vault.sessions.startUp();
    await vault.acquire();
    let go = (): void => undefined;
    gate.opened = new Promise((resolve) => (go = resolve));
    await vault.clock.advance(85_000);
    started();
    await settled();
    expect(vault.log.asked).toEqual([SHORT, SHORT]); // one after the other, for the later one counts
    go();
    await settled();
    expect(vault.log.asked).toEqual([SHORT, SHORT, WHOLE]);
    expect(leftOf(vault)).toBe(HOUR);
    expect(vault.log.logins).toEqual([0]);
  });

  test('given Vault away at the end of a start, when it is back, then the token has its whole life; where Vault refuses, there is another login', async () => {
    const away = play({
      renew: (times, asked) => {
        if (times > 1 && times < 4) throw new VaultConnectionError('away');
        return asked;
      },
    });
    const over = away.sessions.startUp();
    await away.acquire();
    over();
    await away.clock.advance(MINUTE);
    expect(away.log).toMatchObject({ asked: [SHORT, WHOLE, WHOLE, WHOLE], logins: [0] });
    expect(leftOf(away)).toBeGreaterThan(HOUR - MINUTE);
    const refusing = play({
      renew: (times, asked) => {
        if (times > 1) throw new VaultServerError('past the max TTL', { status: 500 });
        return asked;
      },
    });
    const started = refusing.sessions.startUp();
    await refusing.acquire();
    started();
    await settled();
    expect(refusing.log.logins).toHaveLength(2);
    expect(leftOf(refusing)).toBe(HOUR);
  });

  test('given tokens whose maximum is their life, when a start took some of that, then what is left is no reason for another login', async () => {
    const vault: Played = play({
      ttl: 600,
      renew: (_, asked) => Math.min(asked, 600 - vault.clock.now() / 1000),
    });
    const started = vault.sessions.startUp();
    await vault.acquire();
    await vault.clock.advance(4 * MINUTE);
    started();
    await settled();
    expect(vault.log).toMatchObject({ logins: [0], replaced: 1 });
    expect(leftOf(vault)).toBe(6 * MINUTE);
    await vault.clock.advance(5 * MINUTE); // 70 % of what was left
    expect(rounded(vault.log.logins)).toEqual([0, 492_000]);
  });

  test('given a maximum that nears in a start, when the short life is granted no more, then there is another login, shortened too', async () => {
    const vault: Played = play({
      ttl: 180,
      renew: (_, asked) => Math.min(asked, 180 - (vault.clock.now() - vault.log.logins.at(-1)!) / 1000),
    });
    vault.sessions.startUp();
    await vault.acquire();
    await vault.clock.advance(90_000);
    expect(rounded(vault.log.logins)).toEqual([0, 84_000]);
    expect(vault.log.asked).toEqual([SHORT, SHORT, SHORT]);
    expect(leftOf(vault)).toBeCloseTo(2 * MINUTE - 6_000);
  });

  test('given a close in a start, when it is done, then its token is revoked and no timer is left; the end of the start does nothing, and what is logged in for before it is short', async () => {
    const vault = play({ renew: asAsked });
    const started = vault.sessions.startUp();
    await vault.acquire();
    await vault.sessions.close();
    expect(vault.log.revoked).toEqual(['t1']);
    expect(vault.clock.pending).toBe(0);
    await vault.acquire();
    expect(leftOf(vault)).toBe(2 * MINUTE);
    await vault.sessions.close();
    started();
    await settled();
    expect(vault.log).toMatchObject({ revoked: ['t1', 't2'], asked: [SHORT, SHORT] });
    expect(vault.clock.pending).toBe(0);
  });

  test('given a close while the token is shortened, when that is done, then it is revoked, and not used', async () => {
    const vault = play({ renew: asAsked });
    vault.sessions.startUp();
    const acquired = vault.acquire();
    acquired.catch(() => undefined);
    while (vault.log.asked.length === 0) await settled(1);
    await vault.sessions.close();
    await expect(acquired).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await settled();
    expect(vault.log.revoked).toEqual(['t1']);
    expect(vault.clock.pending).toBe(0);
  });

  test('given a login that is refused in a start, when it is, then nothing is shortened, and no token is told', async () => {
    const vault = play({
      login: () => {
        throw new VaultInvalidRequestError('invalid secret id', { status: 400 });
      },
    });
    vault.sessions.startUp();
    await expect(vault.acquire()).rejects.toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(vault.log.asked).toEqual([]);
    expect(vault.events.map(({ type }) => type)).toEqual(['login-failed']);
  });
});
