import { inspect } from 'node:util';
import { renewalDelay, retryDelay } from '../../../lib/sources/vault/auth/session.plan.js';
import {
  VaultConnectionError,
  VaultForbiddenError,
  VaultInvalidRequestError,
  VaultServerError,
} from '../../../lib/sources/vault/index.js';
import { settled } from '../../support/fake-clock.js';
import { HOUR, hours, play } from './support/played-vault.js';

describe('the token of vault(), on a clock of the test’s', () => {
  test('given a token that can be renewed, when time passes, then it is renewed at 67 % of its life plus jitter, and never replaced', async () => {
    const { clock, log, acquire } = play();
    await acquire();
    await clock.advance(5 * HOUR);
    expect(hours(log.renewals)).toEqual([0.7, 1.4, 2.1, 2.8, 3.5, 4.2, 4.9]);
    expect(log.logins).toEqual([0]);
  });

  test('given a process that stands still during a login, for longer than the token lives, when it goes on, then there is one event, of a token that lives', async () => {
    const set = play({ ttl: 60, login: (times) => void (times === 1 && set.clock.jump(120_000)) });
    await set.acquire();
    expect(set.log.logins).toEqual([0, 120_000]);
    const loggedIn = set.events.filter(({ type }) => type === 'logged-in');
    expect(loggedIn).toHaveLength(1);
    expect(loggedIn[0]!.expiresAt!.getTime()).toBe(set.clock.wall() + 60_000);
    await set.clock.advance(2_000);
    expect(set.log.logins).toHaveLength(2);
    expect(set.log.revoked).toEqual(['t1']);
    await set.sessions.close();
  });

  test('given a token that can’t be renewed, when its end is near, then another takes its place, and the old one runs to its own end', async () => {
    const { clock, log, acquire, sessions } = play({ renewable: false });
    await acquire();
    await clock.advance(1.6 * HOUR);
    expect(hours(log.logins)).toEqual([0, 0.7, 1.4]);
    expect(log).toMatchObject({ replaced: 3, revoked: [] });
    await sessions.close();
    expect(log.revoked).toEqual(['t2', 't3']); // t1 has ended
    expect(clock.pending).toBe(0);
  });

  test('given `revokeOld`, when a token is replaced, then the old one is revoked as soon as no call and no lease holds it', async () => {
    const { clock, log, acquire, sessions } = play({ renewable: false, revokeOld: true });
    const session = await acquire();
    const [call, lease] = [session.hold(), session.hold()];
    await clock.advance(0.71 * HOUR);
    call();
    await settled();
    expect(hours(log.logins)).toEqual([0, 0.7]);
    expect(log.revoked).toEqual([]);
    lease();
    await settled();
    expect(log.revoked).toEqual(['t1']);
    await sessions.close();
    expect(log.revoked).toEqual(['t1', 't2']);
    expect(clock.pending).toBe(0);
  });

  test('given `revokeOld`, when a token that is in use is replaced, then it runs to its own end at the latest', async () => {
    const { clock, log, acquire, sessions } = play({ renewable: false, revokeOld: true });
    const release = (await acquire()).hold();
    await clock.advance(1.1 * HOUR);
    release();
    await settled();
    expect(log.revoked).toEqual([]);
    await sessions.close();
    expect(log.revoked).toEqual(['t2']);
  });

  test('given observers, when tokens come, live and go, then each step is told, with its end or its error, and no token', async () => {
    const refusal = new VaultForbiddenError('no', { status: 403 });
    const { clock, events, acquire, sessions } = play({
      renew: (times) => {
        if (times === 2) throw refusal;
        return 3600;
      },
      login: (times) => {
        if (times === 1) throw new VaultConnectionError('away');
      },
    });
    await expect(acquire()).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await acquire();
    await clock.advance(1.5 * HOUR);
    await sessions.close();
    expect(events.map(({ type }) => type)).toEqual([
      'login-failed',
      'logged-in',
      'token-renewed',
      'token-renewal-failed',
      'logged-in',
      'token-revoked', // the one that was replaced, and lives
      'token-revoked',
    ]);
    expect(events[1]?.expiresAt).toEqual(new Date(clock.wall() - 1.5 * HOUR + HOUR));
    expect(events[3]?.error).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    expect(inspect(events, { depth: 9 })).not.toMatch(/\bt[123]\b/);
  });

  test('given a maximum that nears, when a renewal grants less than asked, then there is another login at once', async () => {
    const { clock, log, acquire } = play({ renew: (times) => (times < 3 ? 3600 : 1800) });
    await acquire();
    await clock.advance(2.2 * HOUR);
    expect(hours(log.renewals)).toEqual([0.7, 1.4, 2.1]);
    expect(hours(log.logins)).toEqual([0, 2.1]);
  });

  test('given a maximum that is less than a second away, when a renewal grants 0 seconds, then that is not for ever', async () => {
    const { clock, log, acquire } = play({ ttl: 3, renew: () => 0 });
    await acquire();
    await clock.advance(2_200);
    expect(log.logins).toEqual([0, 2_100]);
  });

  test('given a renewal at a cluster without a leader, when it is back, then the token goes on, and there is no other login', async () => {
    const [text, status] = ['local node not active but active cluster node not found', 500];
    const { clock, log, acquire } = play({
      renew: (times) => {
        if (times < 3) throw new VaultServerError('no leader', { status, errors: [text] });
        return 3600;
      },
    });
    await acquire();
    await clock.advance(HOUR);
    expect(log.logins).toEqual([0]);
    expect(log.renewals).toHaveLength(3);
  });

  test.each([
    ['that is refused', new VaultForbiddenError('no', { status: 403 })],
    ['past the maximum, which Vault answers with 500', new VaultServerError('past the max TTL', { status: 500 })],
  ])('given a renewal %s, when it is, then there is another login at once', async (_, error) => {
    const { clock, log, acquire } = play({
      renew: () => {
        throw error;
      },
    });
    await acquire();
    await clock.advance(0.71 * HOUR);
    expect(hours(log.logins)).toEqual([0, 0.7]);
  });

  test('given Vault away, when the token is to be renewed, then it is tried with back-off, past its end too, and nothing loops hot', async () => {
    let away = false;
    const fail = () => {
      if (away) throw new VaultConnectionError('away');
      return 3600;
    };
    const { clock, log, acquire } = play({ renew: fail, login: () => void fail() });
    await acquire();
    away = true;
    await clock.advance(3 * HOUR);
    const attempts = log.renewals.length + log.logins.length;
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(2_000); // of 2.3 hours
    away = false;
    await clock.advance(31_000);
    expect(log.replaced).toBe(2);
    expect(await acquire()).toBeDefined();
  });

  test('given nothing that a token holds up, when it ends while Vault is away, then the next use logs in, and no timer is left', async () => {
    let away = false;
    const { clock, log, acquire } = play({
      renewable: false,
      needed: false,
      login: () => {
        if (away) throw new VaultConnectionError('away');
      },
    });
    await acquire();
    away = true;
    await clock.advance(2 * HOUR);
    expect(clock.pending).toBe(0);
    away = false;
    const before = log.logins.length;
    await acquire();
    expect(log.logins.length).toBe(before + 1);
  });

  test('given a token of the user’s that can’t be extended, when it nears its end, then it is looked at again, no oftener than once a second, and never revoked', async () => {
    const { clock, log, acquire, sessions } = play({ given: true, renewable: false });
    await acquire();
    await clock.advance(HOUR);
    expect(log.logins.length).toBeLessThan(30);
    expect(log.replaced).toBe(1);
    await sessions.close();
    expect(log.revoked).toEqual([]);
  });

  test('given a life of more than 2^31 ms, or without end, when it runs, then nothing loops', async () => {
    const long = play({ ttl: 100 * 24 * 3600 });
    await long.acquire();
    await long.clock.advance(60 * 24 * HOUR);
    expect(long.log.renewals).toEqual([]);
    await long.clock.advance(11 * 24 * HOUR);
    expect(long.log.renewals).toHaveLength(1);
    const endless = play({ ttl: 0 });
    await endless.acquire();
    expect(endless.clock.pending).toBe(0);
  });

  test('given a machine that was suspended past the token’s end, when used, then it logs in first', async () => {
    const { clock, log, acquire } = play();
    await acquire();
    clock.jump(2 * HOUR);
    await acquire();
    expect(hours(log.logins)).toEqual([0, 2]);
  });

  test('given credentials that Vault refuses, when used often, then it is asked once a second', async () => {
    const { clock, log, acquire } = play({
      login: () => {
        throw new VaultInvalidRequestError('invalid secret id', { status: 400 });
      },
    });
    for (let times = 0; times < 50; times += 1) {
      await expect(acquire()).rejects.toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    }
    expect(log.logins).toHaveLength(1);
    await clock.advance(1_000);
    await expect(acquire()).rejects.toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(log.logins).toHaveLength(2);
  });

  test('given a Vault that hangs, when the source is closed, then one event tells which tokens live on, and until when; what is cut off later is told no more', async () => {
    let cut!: (error: Error) => void;
    const { clock, log, events, acquire, sessions } = play({
      renewable: false,
      revoke: () => new Promise((_, reject) => (cut = reject)),
    });
    await acquire();
    await clock.advance(0.8 * HOUR); // another takes its place
    const closing = sessions.close();
    await clock.advance(1_900);
    expect(events.map(({ type }) => type)).toEqual(['logged-in', 'logged-in']);
    await clock.advance(200);
    await closing;
    cut(new VaultConnectionError('the source was closed while it talked.'));
    await settled(3);
    expect(log.revoked).toEqual(['t1', 't2']);
    expect(events.slice(2)).toEqual([
      {
        type: 'token-revocation-failed',
        source: 'vault',
        expiresAt: events[1]!.expiresAt,
        error: expect.objectContaining({
          message: 'Source vault: 2 tokens of its own could not be revoked within 2 s.',
        }) as unknown,
      },
    ]);
  });

  test('given a renewal under way, when the source is closed, then what it cuts off is not a failure', async () => {
    let cut!: (error: Error) => void;
    const { clock, events, acquire, sessions } = play({
      during: () => new Promise<void>((_, reject) => (cut = reject)),
    });
    await acquire();
    await clock.advance(0.8 * HOUR);
    await sessions.close();
    cut(new VaultConnectionError('the source was closed while it talked.'));
    await settled(3);
    expect(events.map(({ type }) => type)).toEqual(['logged-in', 'token-revoked']);
  });

  test('given a source that is closed during a login, when the token comes, then it is revoked, and not used', async () => {
    const { log, acquire, sessions } = play();
    const acquired = acquire();
    await sessions.close();
    await expect(acquired).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await settled();
    expect(log.revoked).toEqual(['t1']);
    expect(sessions.current).toBeUndefined();
  });
});

describe('when a token is renewed, and tried again', () => {
  test('given any chance, when planned, then within 67 to 77 % of what is left; the rest of a life no sooner than a second', () => {
    expect(renewalDelay(1000, { ttl: 1000 }, 0)).toBe(670);
    expect(renewalDelay(1000, { ttl: 1000 }, 1)).toBe(770);
    expect(renewalDelay(100, { ttl: 1000 }, 0)).toBe(1000);
  });

  test('given failures in a row, when planned, then later and later, up to half a minute, and not past the token’s end', () => {
    expect(retryDelay(1, 0, 0)).toBe(250);
    expect(retryDelay(100, 0, 1)).toBe(30_000);
    expect(retryDelay(100, 4_000, 1)).toBe(4_000);
  });
});
