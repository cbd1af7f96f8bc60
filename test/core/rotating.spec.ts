import { inspect } from 'node:util';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import type { RotatingOptions } from '../../lib/core/rotation/rotating.options.js';
import { ResourceLife } from '../../lib/core/rotation/resource-life.js';
import { RotatingResource } from '../../lib/core/rotation/rotating.js';
import type { LiveSecret } from '../../lib/core/store/live-secret.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { recordingSource } from '../support/recording-source.js';

interface Pool {
  readonly password: string;
  closed: boolean;
}

class Refused extends Error {}

/** A server that takes one password, and pools that are made from a secret. */
async function setUp(options: Partial<RotatingOptions<Pool>> = {}, validates = true) {
  const backend = recordingSource({ DB: 'p1' });
  const clock = new FakeClock();
  const runtime = new SecretRuntime({ source: backend.source, clock, random: () => 0.5 });
  const client = new HcpVaultClient(runtime);
  await client.fetch('DB');
  const server = { password: 'p1' };
  const pools: Pool[] = [];
  const warnings: string[] = [];
  const secret = runtime.pin('DB');
  const query = async (pool: Pool): Promise<string> => {
    if (pool.closed) throw new Error('closed pool');
    if (pool.password !== server.password) throw new Refused('28P01');
    return pool.password;
  };
  let alive = 0;
  let most = 0;
  const opening = RotatingResource.open<Pool>(
    'POOL',
    {
      create: (password) => {
        const pool = { password: password as string, closed: false };
        pools.push(pool);
        most = Math.max(most, (alive += 1));
        return pool;
      },
      ...(validates && { validate: query }),
      dispose: (pool) => {
        pool.closed = true;
        alive -= 1;
      },
      drain: 30_000,
      retryFor: 30_000,
      rejects: (error) => error instanceof Refused,
      ...options,
    },
    {
      secret: secret.live,
      clock,
      random: () => 0.5,
      retry: { base: 1000, factor: 2, max: 60_000 },
      provide: () => runtime.provide(secret),
      report: () => runtime.rejections.report(secret),
      warn: (message) => warnings.push(message),
    },
  );
  const rotateSource = async (password: string): Promise<void> => {
    backend.memory.rotate('DB', password);
    await client.refresh('DB');
    await settled();
  };
  return {
    ...backend,
    clock,
    client,
    runtime,
    server,
    pools,
    warnings,
    query,
    opening,
    rotateSource,
    most: () => most,
    alive: () => alive,
  };
}

describe('a rotating resource', () => {
  it('given a rotation, when the new resource works, then new work goes there, running work ends on the old one, which is then disposed of', async () => {
    const { opening, rotateSource, server, pools } = await setUp();
    const rotating = await opening;
    let finish!: () => void;
    const running = rotating.use(async (pool) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return pool.password;
    });
    await settled();
    server.password = 'p2';
    await rotateSource('p2');
    expect(await rotating.use(async (pool) => pool.password)).toBe('p2');
    expect(rotating.current.password).toBe('p2');
    expect(pools[0]!.closed).toBe(false);
    finish();
    expect(await running).toBe('p1');
    await settled();
    expect(pools.map(({ closed }) => closed)).toEqual([true, false]);
  });

  it('given work that never ends, when it drains, then the old resource is disposed of after `drain`', async () => {
    const { opening, rotateSource, server, pools, clock } = await setUp();
    const rotating = await opening;
    void rotating.use(() => new Promise(() => undefined));
    await settled();
    server.password = 'p2';
    await rotateSource('p2');
    await clock.advance(29_000);
    expect(pools[0]!.closed).toBe(false);
    await clock.advance(1_000);
    expect(pools[0]!.closed).toBe(true);
  });

  it('given one that is two rotations behind, when its own credentials have ended and those between have not, then it has ended', () => {
    const clock = new FakeClock();
    const from = (revision: number) => ({ revision, version: `v${revision}` });
    const secret = {
      connection: 'default',
      name: 'DB',
      current: from(1),
      previousEndsAt: undefined as number | undefined,
    };
    const life = new ResourceLife({ name: 'POOL', secret: secret as unknown as LiveSecret, clock });
    const rotate = (previousEndsAt: number): void => {
      Object.assign(secret, { current: from(secret.current.revision + 1), previousEndsAt });
      life.rotated();
    };
    life.serving(from(1));
    rotate(clock.now() + 1_000);
    rotate(clock.now() + 9_000);
    expect(life.hasEnded).toBe(false);
    clock.jump(1_000);
    expect([life.hasEnded, life.status.isAlive]).toEqual([true, false]);
    life.serving(from(2));
    expect(life.hasEnded).toBe(false);
    clock.jump(8_000);
    expect(life.hasEnded).toBe(true);
  });

  it('given many rotations while one drains, when they come, then at most two resources live, and the last value wins', async () => {
    const { opening, rotateSource, server, most, alive, clock } = await setUp();
    const rotating = await opening;
    void rotating.use(() => new Promise(() => undefined));
    for (const password of ['p2', 'p3', 'p4']) {
      server.password = password;
      await rotateSource(password);
    }
    await clock.advance(31_000);
    expect(rotating.current.password).toBe('p4');
    expect(most()).toBe(2);
    expect(alive()).toBe(1);
  });

  it('given credentials that have ended and a `create` that hangs, when work comes, then that is waited for once, for as long as `retryFor`, and no timer is left', async () => {
    let builds = 0;
    const create = (password: unknown): Pool | Promise<Pool> => {
      builds += 1;
      return builds > 1 ? new Promise(() => undefined) : { password: String(password), closed: false };
    };
    const { opening, rotateSource, runtime, server, clock, query } = await setUp({ create }, false);
    const rotating = await opening;
    server.password = 'p2';
    await rotateSource('p2');
    runtime.pin('DB').live.previousEndsAt = clock.now();
    const before = clock.pending;
    const outcome = rotating.use(query).catch((error: unknown) => error);
    let isOver = false;
    void outcome.then(() => (isOver = true));
    await clock.advance(29_000);
    expect([isOver, builds]).toEqual([false, 2]);
    // The old one is refused, as it has ended, and what that waits for is bounded as well.
    await clock.advance(33_000);
    expect(await outcome).toBeInstanceOf(Refused);
    expect([builds, clock.pending]).toEqual([2, before]);
  });

  it('given a password that the source publishes before the server takes it, when work runs, then the old one serves, and the swap follows', async () => {
    const { opening, rotateSource, server, clock, query, warnings } = await setUp();
    const rotating = await opening;
    await rotateSource('p2');
    expect(await rotating.use(query)).toBe('p1');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^The resource ".+" of secret ".+" \(connection ".+"\) could not be rebuilt/);
    await clock.advance(1_000);
    server.password = 'p2';
    const work = rotating.use(query);
    await clock.advance(2_000);
    expect(await work).toBe('p2');
  });

  it('given a password that the server takes before the source publishes it, when work is refused, then it waits and succeeds', async () => {
    const { opening, server, memory, clock, query, reads } = await setUp();
    const rotating = await opening;
    server.password = 'p2';
    const before = reads.length;
    const work = Promise.all(Array.from({ length: 50 }, () => rotating.use(query)));
    await clock.advance(2_000);
    memory.rotate('DB', 'p2');
    await clock.advance(4_000);
    expect(new Set(await work)).toEqual(new Set(['p2']));
    expect(reads.length - before).toBeLessThan(5);
  });

  it('given credentials that stay refused, when the time is over, then the refusal is thrown, and other errors at once', async () => {
    const { opening, server, clock, query } = await setUp();
    const rotating = await opening;
    server.password = 'other';
    const work = rotating.use(query).catch((error: unknown) => error);
    await clock.advance(31_000);
    expect(await work).toBeInstanceOf(Refused);
    await expect(rotating.use(async () => Promise.reject(new Error('syntax')))).rejects.toThrow('syntax');
  });

  it('given a first build that fails, when the app starts, then it fails with that error, and leaves nothing', async () => {
    const { opening, alive, runtime } = await setUp({
      rejects: () => false,
      validate: () => {
        throw new Error('no server');
      },
    });
    await expect(opening).rejects.toThrow('no server');
    expect(alive()).toBe(0);
    expect(runtime.pin('DB').live.listenerCount).toBe(0);
  });

  it('given a resource, when it is closed, then running work is waited for, it is disposed of, and further use says why it fails', async () => {
    const { opening, pools } = await setUp();
    const rotating = await opening;
    let finish!: () => void;
    const running = rotating.use(() => new Promise<void>((resolve) => (finish = resolve)));
    await settled();
    const closing = rotating.close();
    await settled();
    expect(pools[0]!.closed).toBe(false);
    finish();
    await Promise.all([running, closing]);
    expect(pools[0]!.closed).toBe(true);
    await expect(rotating.use(async () => 1)).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(inspect(rotating, { showHidden: true, depth: 9 })).toBe('[secret DB]');
  });

  it('given refused work that waits, when the swap is done, then it goes on at once, with the new resource', async () => {
    const { opening, server, memory, clock, query, pools, reads } = await setUp();
    const rotating = await opening;
    server.password = 'p2';
    memory.rotate('DB', 'p2');
    const before = reads.length;
    let result: unknown;
    void rotating.use(query).then((password) => (result = password));
    await settled(20);
    expect([result, clock.now(), reads.length - before]).toEqual(['p2', 0, 1]);
    expect(pools.map(({ closed }) => closed)).toEqual([true, false]);
    expect(clock.pending).toBe(0);
  });

  it('given refused work that waits, when it is closed, then it ends at once, and leaves no timer', async () => {
    const { opening, server, clock, query } = await setUp();
    const rotating = await opening;
    server.password = 'other';
    let outcome: unknown;
    void rotating.use(query).catch((error: unknown) => (outcome = error));
    await clock.advance(3_000);
    expect(outcome).toBeUndefined();
    await rotating.close();
    await settled();
    expect(outcome).toBeInstanceOf(Error);
    await clock.advance(1_000); // a report waits for its turn: that is the connection's
    expect(clock.pending).toBe(0);
  });

  it('given a swap that fails and waits for its next try, when somebody is refused, then it is tried at once', async () => {
    const { opening, rotateSource, server, clock, query, pools } = await setUp();
    const rotating = await opening;
    await rotateSource('p2'); // the server does not take it yet
    for (let n = 0; n < 5; n += 1) await clock.advance(8_000);
    const tries = pools.length;
    server.password = 'p2';
    let result: unknown;
    void rotating.use(query).then((password) => (result = password));
    await clock.advance(100);
    expect([result, pools.length - tries]).toEqual(['p2', 1]);
  });

  it('given a rotation during the first build, when that is done, then the swap follows', async () => {
    const built: string[] = [];
    let release!: () => void;
    const { opening, rotateSource, server } = await setUp({
      create: async (password) => {
        built.push(password as string);
        if (built.length === 1) await new Promise<void>((resolve) => (release = resolve));
        return { password: password as string, closed: false };
      },
    });
    await settled();
    server.password = 'p2';
    await rotateSource('p2');
    server.password = 'p1'; // the first still works
    release();
    const rotating = await opening;
    server.password = 'p2';
    await settled(12);
    expect([built, rotating.current.password]).toEqual([['p1', 'p2'], 'p2']);
  });
});

describe('refused secrets', () => {
  it('given refused work, when the secret is read anew, then the work is done again with the new value', async () => {
    const { client, memory } = await setUp();
    memory.rotate('DB', 'p2');
    const seen: string[] = [];
    const result = await client.withSecret<string, string>(
      'DB',
      async (value) => {
        seen.push(value);
        if (value === 'p1') throw new Refused();
        return `with ${value}`;
      },
      { rejects: (error) => error instanceof Refused },
    );
    expect([result, seen]).toEqual(['with p2', ['p1', 'p2']]);
  });

  it('given work without `rejects`, when it fails, then it is done once', async () => {
    const { client } = await setUp();
    let calls = 0;
    const work = client.withSecret('DB', async () => {
      calls += 1;
      throw new Refused();
    });
    await expect(work).rejects.toBeInstanceOf(Refused);
    expect(calls).toBe(1);
  });

  it('given reports that bring nothing new, when they are repeated, then readings are 1 s, 2 s, 4 s … apart, and shared', async () => {
    const { client, clock, reads } = await setUp();
    const times: number[] = [];
    const start = reads.length;
    for (let index = 0; index < 5; index += 1) {
      const reports = Promise.all([client.reportRejected('DB'), client.reportRejected('DB')]);
      while (reads.length - start <= index) await clock.advance(100);
      times.push(clock.now());
      await reports;
    }
    expect(times.map((time, index) => (index === 0 ? 0 : Math.round((time - times[index - 1]!) / 1000)))).toEqual([
      0, 1, 2, 4, 8,
    ]);
  });
});
