import { RotatingResource } from '../../lib/core/rotation/rotating.js';
import { HOUR, scripted, SECOND } from '../support/scripted-connection.js';
import { delays } from '../support/scripted-source.js';

class Refused extends Error {}
const rejects = (error: unknown): boolean => error instanceof Refused;

/** What is made of the secret, and made again when that is rotated or refused. */
function poolOf<T>(
  set: ReturnType<typeof scripted>,
  create: (value: unknown) => T | Promise<T>,
): Promise<RotatingResource<T>> {
  const secret = set.runtime.pin('DB');
  return RotatingResource.open<T>(
    'POOL',
    { create, dispose: () => undefined, drain: 30 * SECOND, retryFor: 30 * SECOND, rejects },
    {
      secret: secret.live,
      clock: set.clock,
      random: () => 0.5,
      retry: { base: 1000, factor: 2, max: 60_000 },
      provide: () => set.runtime.provide(secret),
      report: (haste) => set.runtime.rejections.report(secret, haste),
      warn: () => undefined,
    },
  );
}

/** A rotation that changes the database first, and the source `gap` milliseconds later; with all logins at the database. */
async function setUp() {
  const set = scripted();
  set.backend.set('DB', { value: 'old' });
  await set.start('DB');
  const database = { password: 'old' };
  const logins: { readonly at: number; readonly password: string }[] = [];
  const login = async (password: string): Promise<string> => {
    logins.push({ at: set.clock.now(), password });
    if (password !== database.password) throw new Refused();
    return password;
  };
  const builds = { hang: false };
  const resource = await poolOf<{ readonly password: string }>(set, (password) =>
    builds.hang ? new Promise(() => undefined) : { password: password as string },
  );
  const ways = {
    withSecret: (work = login, retryFor = 30 * SECOND) =>
      set.client.withSecret<string, string>('DB', work, { rejects, retryFor }),
    use: (work = login) => resource.use(({ password }) => work(password)),
  };
  const before = set.backend.count('read');
  const readAt = (): number[] => set.backend.timesOf('read').slice(before);
  /** Seconds between readings. */
  const pauses = (): number[] => readAt().map((at, index, all) => (at - (all[index - 1] ?? at)) / SECOND);
  return { ...set, database, logins, login, ways, readAt, pauses, resource, builds };
}

/** Outcomes of works, in their order, as far as they are there. */
function outcomes(works: readonly Promise<unknown>[]): unknown[] {
  const ended: unknown[] = [];
  works.forEach((work, index) => {
    work.then(
      (value) => (ended[index] = value),
      (error: Error) => (ended[index] = error.constructor.name),
    );
  });
  return ended;
}

describe('the gap between the database and the source', () => {
  it.each(['withSecret', 'use'] as const)(
    'given 18 s of it and six works of `%s` that wait, when the source follows, then none has failed, readings were 5 s apart at most, and one at a time tried to log in',
    async (way) => {
      const { ways, database, backend, clock, pauses, logins } = await setUp();
      database.password = 'new';
      const ended = outcomes(Array.from({ length: 6 }, () => ways[way]()));
      await clock.advance(18 * SECOND);
      expect(ended).toEqual([]);
      backend.set('DB', { value: 'new' });
      await clock.advance(5 * SECOND);
      expect(ended).toEqual(Array.from({ length: 6 }, () => 'new'));
      expect(Math.max(...pauses())).toBeLessThanOrEqual(5);
      const refused = logins.filter(({ password }) => password === 'old');
      expect(refused.length).toBeLessThanOrEqual(6 + 16);
      const together = new Map<number, number>();
      for (const { at } of refused.slice(6)) together.set(at, (together.get(at) ?? 0) + 1);
      expect(Math.max(...together.values())).toBe(1);
      await clock.advance(60 * SECOND);
      expect(logins.filter(({ password }) => password === 'new')).toHaveLength(6);
    },
  );

  it.each(['withSecret', 'use'] as const)(
    'given six works of `%s` that are refused for 10 s, and again an hour later, when they wait, then the log tells it once each time',
    async (way) => {
      const { ways, database, backend, clock, lines } = await setUp();
      const told = () =>
        lines.filter((line) => line.includes('The other side refused secret "DB" (connection "default")'));
      for (const [turn, password] of ['first', 'second'].entries()) {
        await clock.advance(HOUR);
        database.password = password;
        const works = Array.from({ length: 6 }, () => ways[way]());
        await clock.advance(10 * SECOND);
        expect(told()).toHaveLength(turn + 1);
        backend.set('DB', { value: password });
        await clock.advance(5 * SECOND);
        await Promise.all(works);
        expect(told()).toHaveLength(turn + 1);
      }
    },
  );

  it.each([1, 6, 40])(
    'given %i works that wait, when the time goes by, then as many logins are tried beside their first',
    async (works) => {
      const { ways, database, clock, logins } = await setUp();
      database.password = 'new';
      const ended = outcomes(Array.from({ length: works }, () => ways.withSecret()));
      await clock.advance(29 * SECOND);
      expect(ended).toEqual([]);
      expect(logins.length - works).toBeGreaterThan(10);
      expect(logins.length - works).toBeLessThan(22);
      await clock.advance(2 * SECOND);
      expect(ended).toEqual(Array.from({ length: works }, () => 'Refused'));
    },
  );

  it.each(['withSecret', 'use'] as const)(
    'given a source that follows shortly before the deadline, when that comes, then it is read once more, and the works of `%s` are done',
    async (way) => {
      const { ways, database, backend, clock, readAt } = await setUp();
      database.password = 'new';
      const ended = outcomes(Array.from({ length: 6 }, () => ways[way]()));
      await clock.advance(29.9 * SECOND);
      expect(ended).toEqual([]);
      backend.set('DB', { value: 'new' });
      await clock.advance(100);
      expect([ended, readAt().at(-1)]).toEqual([Array.from({ length: 6 }, () => 'new'), 30 * SECOND]);
      expect(readAt().filter((at) => at === 30 * SECOND)).toHaveLength(1);
    },
  );

  it('given a database that takes the password later than the source has it, when it does, then the one that tries finds it, and all go on', async () => {
    const { ways, database, backend, clock, logins } = await setUp();
    backend.set('DB', { value: 'new' });
    await clock.advance(30 * 60 * SECOND);
    database.password = 'elsewhere';
    const ended = outcomes(Array.from({ length: 6 }, () => ways.withSecret()));
    await clock.advance(8 * SECOND);
    database.password = 'new';
    const before = logins.length;
    await clock.advance(2 * SECOND);
    expect(ended).toEqual(Array.from({ length: 6 }, () => 'new'));
    expect(logins.length - before).toBe(6);
  });

  it.each(['withSecret', 'use'] as const)(
    'given a login that is refused after a long while, when the new password came meanwhile, then work of `%s` tries it, also past the deadline',
    async (way) => {
      const { ways, database, backend, clock, login, client } = await setUp();
      const slowly = async (password: string): Promise<string> => {
        await clock.sleep(29.98 * SECOND);
        return login(password);
      };
      database.password = 'new';
      const ended = outcomes([ways[way](slowly)]);
      // Refused for the first time, with half a minute left; the next try is on its way until after that.
      await clock.advance(40 * SECOND);
      backend.set('DB', { value: 'new' });
      await client.refresh('DB');
      await clock.advance(60 * SECOND);
      expect(ended).toEqual(['new']);
    },
  );

  it('given a resource that can not be built anew, when the deadline of work that waits comes, then it is not held up for ever', async () => {
    const { ways, database, backend, clock, builds } = await setUp();
    database.password = 'new';
    builds.hang = true;
    const ended = outcomes([ways.use()]);
    await clock.advance(10 * SECOND);
    backend.set('DB', { value: 'new' });
    await clock.advance(60 * SECOND);
    expect(ended).toEqual(['Refused']);
  });

  it('given one whose work is always refused, when the others could go on, then it holds none of them up', async () => {
    const { ways, database, clock } = await setUp();
    database.password = 'elsewhere';
    const broken = outcomes([ways.withSecret(() => Promise.reject(new Refused()))]);
    const ended = outcomes(Array.from({ length: 3 }, () => ways.withSecret()));
    await clock.advance(8 * SECOND);
    database.password = 'old';
    await clock.advance(4 * SECOND);
    expect(ended).toEqual(['old', 'old', 'old']);
    await clock.advance(30 * SECOND);
    expect(broken).toEqual(['Refused']);
  });

  it('given a report that waits for a minute, when work begins to wait, then the reading comes within 5 s', async () => {
    const { ways, client, database, clock, readAt } = await setUp();
    for (let report = 0; report < 8; report += 1) {
      const reported = client.reportRejected('DB');
      await clock.advance(64 * SECOND);
      await reported;
    }
    const reported = client.reportRejected('DB');
    await clock.advance(SECOND);
    const before = readAt().length;
    database.password = 'new';
    const ended = outcomes([ways.withSecret()]);
    await clock.advance(5 * SECOND);
    expect(readAt().length).toBeGreaterThan(before);
    await clock.advance(60 * SECOND);
    await reported;
    expect(ended).toEqual(['Refused']);
    expect(clock.pending).toBe(1);
  });
});

describe('credentials that an operator revokes', () => {
  it('given twenty works that are refused one after the other while the next resource is made, when they go on, then one more login was opened, and none has failed', async () => {
    const set = scripted({}, { can: ['revoke'] });
    set.backend.set('DB', { lease: HOUR });
    set.backend.always.read = delays(set.clock, 30);
    const starting = set.start('DB');
    await set.clock.advance(SECOND);
    await starting;
    const revoked = new Set<string>();
    const opening = poolOf<{ readonly user: string }>(set, async (value) => {
      await set.clock.sleep(100);
      return value as { user: string };
    });
    await set.clock.advance(SECOND);
    const resource = await opening;
    const work = (took: number) => async (pool: { readonly user: string }) => {
      await set.clock.sleep(took);
      if (revoked.has(pool.user)) throw new Refused();
      return pool.user;
    };
    revoked.add('DB-1');
    const ended = outcomes(Array.from({ length: 20 }, (_, n) => resource.use(work(5 + 15 * n))));
    await set.clock.advance(10 * SECOND);
    expect(ended).toEqual(Array.from({ length: 20 }, () => 'DB-2'));
    expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
    // What comes next may be revoked as well: that is another incident, and is answered as the first.
    revoked.add('DB-2');
    const again = outcomes([resource.use(work(5))]);
    await set.clock.advance(10 * SECOND);
    expect([again, set.backend.opened]).toEqual([['DB-3'], ['DB-1', 'DB-2', 'DB-3']]);
  });
});
