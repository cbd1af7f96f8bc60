import { SecretAccessDeniedError, SecretAuthenticationError, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { z } from 'zod';
import { FakeClock, settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, SECOND } from '../support/scripted-connection.js';
import { delays, fails, hangs, ScriptedSource } from '../support/scripted-source.js';
import type { MemorySharedOptions } from './support/memory-shared-cache.js';
import { memorySharedCache, MemoryStorage } from './support/memory-shared-cache.js';
import type { Replica } from './support/replica.js';
import { replica } from './support/replica.js';

const KEY = Buffer.alloc(32, 7);
const away = fails(new SecretSourceUnavailableError('away.', { cause: { code: 'ECONNREFUSED' } }));

describe('shared caches between memory and source', () => {
  let clock: FakeClock;
  let backend: ScriptedSource;
  let storage: MemoryStorage;
  let replicas: Replica[];
  const cache = (options: Partial<MemorySharedOptions> = {}) => memorySharedCache(storage, { key: KEY, ...options });
  const make = (options: Parameters<typeof replica>[3] = {}, shared: Partial<MemorySharedOptions> = {}): Replica => {
    const made = replica(cache(shared), backend, clock, options);
    replicas.push(made);
    return made;
  };
  const started = async (...given: Parameters<typeof make>): Promise<Replica> => {
    const made = make(...given);
    await made.start(['DB']);
    return made;
  };
  const reads = (): number => backend.count('read');

  beforeEach(() => {
    clock = new FakeClock();
    backend = new ScriptedSource(clock, { can: ['write', 'readAll', 'list'] });
    storage = new MemoryStorage();
    replicas = [];
    backend.set('DB', { value: 'canary-1' });
  });
  afterEach(async () => {
    for (const one of replicas) await one.close();
  });

  describe('at a start', () => {
    it('a fresh value is used without asking the source, with the age that it has', async () => {
      await started();
      const readAt = clock.wall();
      await clock.advance(4 * MINUTE);
      const second = await started();
      expect(reads()).toBe(1);
      expect(second.client.get('DB')).toBe('canary-1');
      expect(second.statusOf('DB')).toMatchObject({ from: 'memory', stale: false });
      expect(second.statusOf('DB')!.loadedAt!.getTime()).toBe(readAt);
      expect(second.statusOf('DB')!.nextRefreshAt!.getTime()).toBeLessThanOrEqual(readAt + 25 * MINUTE);
      expect(second.told('loaded')).toEqual([expect.objectContaining({ name: 'DB', from: 'memory' })]);
    });

    it('an old value is not: the source is asked', async () => {
      const first = await started();
      await first.close();
      await clock.advance(26 * MINUTE);
      backend.set('DB', { value: 'canary-2' });
      const second = await started();
      expect(second.client.get('DB')).toBe('canary-2');
      expect(second.statusOf('DB')!.from).toBe('source');
    });

    it('an old value is good enough where the source is away: stale, told, tried again, and caught up', async () => {
      await (await started()).close();
      await clock.advance(3 * HOUR);
      backend.always.read = away;
      backend.set('DB', { value: 'canary-2' });
      const second = make();
      const began = clock.now();
      await second.start(['DB']);
      expect(clock.now() - began).toBeLessThan(SECOND);
      expect(second.client.get('DB')).toBe('canary-1');
      const lastError = { code: 'SECRET_SOURCE_UNAVAILABLE' };
      expect(second.statusOf('DB')).toMatchObject({ from: 'memory', stale: true, lastError });
      await clock.advance(5 * MINUTE);
      expect(reads()).toBeGreaterThan(4);
      expect(second.client.get('DB')).toBe('canary-1');
      delete backend.always.read;
      await clock.advance(MINUTE);
      expect(second.client.get('DB')).toBe('canary-2');
      expect(second.statusOf('DB')).toMatchObject({ from: 'source', stale: false });
      expect(second.statusOf('DB')).not.toHaveProperty('lastError');
      expect(second.lines.join('\n')).not.toContain('canary');
    });

    it('the same where our credentials are refused, or the source does not answer', async () => {
      await (await started()).close();
      await clock.advance(3 * HOUR);
      backend.always.read = fails(new SecretAuthenticationError());
      expect((await started()).client.get('DB')).toBe('canary-1');
      backend.always.read = hangs;
      expect((await started()).client.get('DB')).toBe('canary-1');
    });

    it('not where it is older than `maxStale` of the connection, or of the cache', async () => {
      await (await started()).close();
      await clock.advance(3 * HOUR);
      backend.always.read = away;
      const options = { bootstrapTimeout: '2s' };
      await expect(started({ ...options, cache: { maxStale: '2h' } })).rejects.toMatchObject({
        code: 'SECRET_BOOTSTRAP',
      });
      await expect(started(options, { maxStale: 2 * HOUR })).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
      expect((await started(options, { maxStale: 4 * HOUR })).client.get('DB')).toBe('canary-1');
    });

    it('72 hours without the source: `maxStale` is kept to the minute', async () => {
      await (await started()).close();
      await clock.advance(HOUR);
      backend.always.read = away;
      const second = await started({ retry: { base: '1m', max: '20m' } }, { maxStale: 48 * HOUR });
      await clock.advance(47 * HOUR + 24 * MINUTE);
      expect(second.client.get('DB')).toBe('canary-1');
      await clock.advance(2 * MINUTE);
      expect(() => second.client.get<string>('DB')).toThrow(
        expect.objectContaining({ code: 'SECRET_SOURCE_UNAVAILABLE' }),
      );
      await clock.advance(24 * HOUR);
      expect(() => second.client.get<string>('DB')).toThrow();
      delete backend.always.read;
      await clock.advance(20 * MINUTE);
      expect(second.client.get('DB')).toBe('canary-1');
    });

    it.each([
      ['set back by a day', -24 * HOUR],
      ['set back by an hour', -HOUR],
    ])('a clock that was %s makes it old, and never fresh', async (_, step) => {
      await (await started()).close();
      const real = clock.wall;
      clock.wall = () => real() + step;
      await started();
      expect(reads()).toBe(2);
      await replicas.at(-1)!.close();
      storage.entries.clear();
      clock.wall = real;
      await (await started()).close();
      clock.wall = () => real() + step;
      backend.always.read = away;
      expect((await started()).statusOf('DB')).toMatchObject({ from: 'memory', stale: true });
      await expect(started({ bootstrapTimeout: '2s', cache: { maxStale: '9h' } })).rejects.toThrow();
    });

    it('a slow cache keeps nobody waiting: the source is asked', async () => {
      await (await started()).close();
      storage.gate = new Promise(() => undefined);
      const second = make();
      const began = clock.now();
      await second.start(['DB']);
      expect(clock.now() - began).toBeLessThanOrEqual(SECOND);
      expect(reads()).toBe(2);
      storage.gate = undefined;
    });

    it('a broken cache is told once, costs nothing, and is used again when it works', async () => {
      storage.failure = Object.assign(new Error('canary-error'), { code: 'EIO' });
      const first = await started();
      expect(first.client.get('DB')).toBe('canary-1');
      await clock.advance(2 * HOUR);
      const trouble = first.lines.filter((line) => line.includes('memory cache'));
      expect(trouble).toHaveLength(1);
      expect(trouble[0]).toMatch(/EIO/);
      expect(first.told('cache-failed')).toHaveLength(1);
      storage.failure = undefined;
      await clock.advance(30 * MINUTE);
      expect(first.told('cache-restored')).toHaveLength(1);
      expect(storage.entries.size).toBe(1);
      expect([...first.lines, JSON.stringify(first.events)].join()).not.toContain('canary');
    });

    it('a cache that can not be opened is done without, and opened later', async () => {
      let isUp = false;
      const key = (): Promise<Buffer> => (isUp ? Promise.resolve(KEY) : Promise.reject(new Error('canary-kms')));
      const first = await started({}, { key });
      expect(first.client.get('DB')).toBe('canary-1');
      isUp = true;
      await clock.advance(2 * MINUTE);
      expect(storage.entries.size).toBe(1);
    });

    it('of several caches the newest counts, and a refusal in one wins over a value in another', async () => {
      const other = new MemoryStorage();
      const both = (): Replica => {
        const made = replica([cache(), memorySharedCache(other, { key: KEY })], backend, clock);
        replicas.push(made);
        return made;
      };
      const first = both();
      await first.start(['DB']);
      await first.close();
      expect([storage.entries.size, other.entries.size]).toEqual([1, 1]);
      const kept = new Map(other.entries);
      await clock.advance(30 * MINUTE);
      backend.set('DB', { failure: new SecretAccessDeniedError() });
      await expect(started()).rejects.toThrow();
      expect([...other.entries]).toEqual([...kept]);
      backend.always.read = away;
      const third = replica([cache(), memorySharedCache(other, { key: KEY })], backend, clock, {
        bootstrapTimeout: '2s',
      });
      replicas.push(third);
      await expect(third.start(['DB'])).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    });

    it('all that the source enumerates: fresh, unasked; old, where it is away', async () => {
      for (const name of ['A', 'B']) backend.set(name, { value: `canary-${name}` });
      const first = make();
      await first.start(['DB'], 'all');
      expect(backend.count('readAll')).toBe(1);
      await first.close();
      const second = make();
      await second.start(['DB'], 'all');
      expect(backend.count('readAll')).toBe(1);
      expect(reads()).toBe(0);
      expect(second.client.get('A')).toBe('canary-A');
      await second.close();
      await clock.advance(2 * HOUR);
      backend.always.read = backend.always.readAll = away;
      const third = make();
      await third.start(['DB'], 'all');
      expect(third.client.get('B')).toBe('canary-B');
      expect(third.statusOf('B')).toMatchObject({ from: 'memory', stale: true });
      expect(await third.client.fetchSecrets()).toEqual({ DB: 'canary-1', A: 'canary-A', B: 'canary-B' });
      backend.set('C', { value: 'canary-C' });
      delete backend.always.read;
      delete backend.always.readAll;
      await clock.advance(30 * MINUTE);
      expect(third.client.get('C')).toBe('canary-C');
      expect(third.statusOf('B')).toMatchObject({ from: 'source', stale: false });
    });
  });

  describe('while it runs', () => {
    it('what is due is taken from another process that has read it since', async () => {
      const first = await started({ refresh: { jitter: 0 } });
      await clock.advance(10 * MINUTE);
      const second = await started({ refresh: { jitter: 0 } });
      backend.set('DB', { value: 'canary-2' });
      await clock.advance(14 * MINUTE); // neither is due
      await second.client.refresh('DB');
      const before = reads();
      await clock.advance(2 * MINUTE);
      expect(first.client.get('DB')).toBe('canary-2');
      expect(reads()).toBe(before);
      expect(first.statusOf('DB')!.from).toBe('memory');
    });

    it('what is forced goes to the source', async () => {
      const first = await started();
      await started();
      backend.set('DB', { value: 'canary-2' });
      await first.client.refresh('DB');
      expect(first.client.get('DB')).toBe('canary-2');
      expect(await replicas[1]!.client.fetch('DB', { forceRefresh: true })).toBe('canary-2');
      expect(await replicas[1]!.client.fetch('DB', { maxAge: 0 })).toBe('canary-2');
      expect(reads()).toBe(4);
    });

    it('an older value never takes the place of a newer one', async () => {
      const first = await started();
      const old = new Map([...storage.entries].map(([id, bytes]) => [id, Buffer.from(bytes)]));
      await clock.advance(MINUTE);
      backend.set('DB', { value: 'canary-2' });
      await first.client.refresh('DB');
      await settled(20);
      for (const [id, bytes] of old) storage.entries.set(id, bytes); // as a replayed file would be
      backend.always.read = away;
      await clock.advance(2 * HOUR);
      expect(first.client.get('DB')).toBe('canary-2');
    });

    it('a deletion or a denial that one has seen takes the value from all that start', async () => {
      const first = await started();
      backend.stored.delete('DB');
      await first.client.refresh('DB');
      await settled(20);
      backend.always.read = away;
      await expect(started({ bootstrapTimeout: '2s' })).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
      expect(first.client.get('DB')).toBe('canary-1'); // as without a cache: in use it stays, and status() tells
    });

    it('a refusal is healed at the next start, and names that nobody has are not written', async () => {
      const first = await started();
      backend.set('DB', { failure: new SecretAccessDeniedError() });
      await first.client.refresh('DB');
      await first.client.fetch('NOBODY').catch(() => undefined);
      await settled(20);
      expect(storage.entries.size).toBe(1);
      backend.set('DB', { value: 'canary-3' });
      expect((await started()).client.get('DB')).toBe('canary-3');
    });

    it('each applies its own schema to what its source gave: what it rejects is read anew', async () => {
      await started();
      backend.set('DB', { value: 'canary-22' });
      const schema = { DB: z.string().min(9) };
      const second = await started({ schema });
      expect(second.client.get('DB')).toBe('canary-22');
      expect(reads()).toBe(2);
      expect(second.events.filter(({ error }) => error)).toEqual([]);
    });

    it('keeps the raw value, and no hook of one shows in another', async () => {
      const hook = { put: () => 'hooked', get: () => 'hooked' };
      await started({ cache: { hook } });
      expect((await started()).client.get('DB')).toBe('canary-1');
    });

    it('reads of one turn are one look into the cache, and one at the source', async () => {
      const first = await started();
      for (const name of ['A', 'B', 'C']) backend.set(name, { value: name });
      storage.calls.length = 0;
      const before = reads();
      await Promise.all(['A', 'B', 'C', 'A'].map((name) => first.client.fetch(name)));
      await settled(20);
      expect(storage.calls).toEqual([
        { operation: 'get', names: ['A', 'B', 'C'] },
        { operation: 'put', names: ['A', 'B', 'C'] },
      ]);
      expect(reads()).toBe(before + 1);
    });

    it('the writing keeps nobody waiting, and is done when it closes', async () => {
      let open: () => void = () => undefined;
      storage.gate = new Promise<void>((resolve) => (open = resolve));
      const first = make();
      await first.start(['DB']);
      expect(first.client.get('DB')).toBe('canary-1');
      expect(storage.entries.size).toBe(0);
      open();
      storage.gate = undefined;
      await first.close();
      expect(storage.entries.size).toBe(1);
    });

    it('other versions have places of their own', async () => {
      const first = await started();
      backend.always.read = (answer, { version }) =>
        version === undefined ? answer() : new Map([...(answer() as Map<string, unknown>)]);
      await first.client.fetch('DB', { version: 'AWSPREVIOUS' });
      await settled(20);
      expect(storage.entries.size).toBe(2);
    });
  });

  describe('dynamic secrets', () => {
    beforeEach(() => {
      backend = new ScriptedSource(clock, { can: ['revoke', 'renew'] });
      backend.set('DB', { lease: HOUR, renewable: true });
    });

    it('are each process’s own', async () => {
      await started();
      await started();
      expect(backend.opened).toEqual(['DB-1', 'DB-2']);
      expect(storage.entries.size).toBe(0);
    });

    it('with `dynamic` are used by who starts after a crash, until they are due, and never past their lease', async () => {
      const first = await started({}, { dynamic: true });
      first.runtime.refresher.stop(); // as one that is killed: it neither renews nor closes
      await clock.advance(20 * MINUTE);
      const second = await started({}, { dynamic: true });
      const status = second.statusOf('DB')!;
      expect(status).toMatchObject({ from: 'memory', lease: { renewable: false } });
      expect(second.client.get('DB')).toEqual({ user: 'DB-1' });
      const ends = status.lease!.expiresAt.getTime() - clock.wall();
      expect(ends).toBeLessThanOrEqual(HOUR);
      await clock.advance(HOUR);
      expect(second.client.get<{ user: string }>('DB').user).not.toBe('DB-1');
    });

    it('are forgotten when the process that opened them ends them', async () => {
      const first = await started({}, { dynamic: true });
      await settled(20);
      expect(storage.entries.size).toBe(1);
      await first.close();
      expect(storage.entries.size).toBe(0);
      expect(backend.ended).toEqual(['DB-1']);
    });

    it('who found them ends nothing', async () => {
      await started({}, { dynamic: true });
      const second = await started({}, { dynamic: true });
      await second.close();
      expect(backend.opened).toEqual(['DB-1']);
      expect(backend.ended).toEqual([]);
      expect(storage.entries.size).toBe(1);
    });

    it('after their lease they stand in for nothing', async () => {
      await started({ refresh: { enabled: false } }, { dynamic: true });
      const kept = new Map(storage.entries);
      await clock.advance(2 * HOUR);
      for (const [id, bytes] of kept) storage.entries.set(id, bytes);
      backend.always.read = away;
      await expect(started({ bootstrapTimeout: '2s' }, { dynamic: true })).rejects.toThrow();
    });
  });

  describe('a fleet that tells each other', () => {
    const fleet = async (size: number): Promise<Replica[]> => {
      for (let made = 0; made < size; made += 1) await started({}, { tells: true });
      return replicas;
    };

    it('what one reads reaches all at once, and the source is asked once', async () => {
      const all = await fleet(3);
      await clock.advance(MINUTE);
      backend.set('DB', { value: 'canary-2' });
      const before = reads();
      await all[0]!.client.refresh('DB');
      await settled(40);
      expect(all.map(({ client }) => client.get('DB'))).toEqual(['canary-2', 'canary-2', 'canary-2']);
      expect(reads()).toBe(before + 1);
      await clock.advance(40 * SECOND);
    });

    it('what one writes reaches all', async () => {
      const all = await fleet(3);
      await clock.advance(MINUTE);
      await all[1]!.client.update('DB', 'canary-3');
      await settled(40);
      expect(all.map(({ client }) => client.get('DB'))).toEqual(['canary-3', 'canary-3', 'canary-3']);
    });

    it('what one is told is refused reaches all', async () => {
      const all = await fleet(3);
      await clock.advance(MINUTE);
      backend.set('DB', { value: 'canary-4' });
      await all[2]!.client.reportRejected('DB');
      await settled(40);
      expect(all.map(({ client }) => client.get('DB'))).toEqual(['canary-4', 'canary-4', 'canary-4']);
    });

    it('what was missed is looked for when it is heard again', async () => {
      const all = await fleet(2);
      const [deaf] = [...storage.listeners];
      storage.listeners.delete(deaf!);
      await clock.advance(MINUTE);
      deaf!.lost(new Error('gone'));
      backend.set('DB', { value: 'canary-5' });
      await all[1]!.client.refresh('DB');
      await settled(40);
      expect(all[0]!.client.get('DB')).toBe('canary-1');
      const before = reads();
      deaf!.resumed();
      await settled(40);
      expect(all[0]!.client.get('DB')).toBe('canary-5');
      expect(reads()).toBe(before);
      expect(all[0]!.told('cache-failed')).toHaveLength(1);
      expect(all[0]!.told('cache-restored')).toHaveLength(1);
    });
  });

  describe('taking turns', () => {
    it('one asks the source, the others take what it has read', async () => {
      let holder = 0;
      let fence = 0;
      const takeTurn = async () => {
        if (holder > 0) return { asks: false as const, lookAgainIn: 20 };
        holder += 1;
        fence += 1;
        return { asks: true as const, fence, done: () => void (holder -= 1) };
      };
      backend.always.read = delays(clock, 300);
      const all = Array.from({ length: 5 }, () => make({}, { takeTurn }));
      await Promise.all(all.map((one) => one.start(['DB'])));
      expect(all.map(({ client }) => client.get('DB'))).toEqual(Array(5).fill('canary-1'));
      expect(reads()).toBe(1);
      expect(holder).toBe(0);
    });

    it('who waits for another one looks as soon as that one has put it', async () => {
      let isHeld = false;
      const asks = async () => ({ asks: true as const, fence: clock.now() + 1 });
      const waits = async () => (isHeld ? { asks: false as const, lookAgainIn: 2_000 } : asks());
      const reader = await started({}, { tells: true, takeTurn: asks });
      const other = await started({}, { tells: true, takeTurn: waits });
      await clock.advance(MINUTE);
      isHeld = true;
      const before = reads();
      backend.always.read = delays(clock, 300);
      backend.set('DB', { value: 'canary-2' });
      other.runtime.announce([{ name: 'DB' }]); // both read: one asks, the other waits
      await clock.advance(250);
      expect(other.client.get('DB')).toBe('canary-1');
      await clock.advance(50);
      await settled(20);
      expect([reader, other].map(({ client }) => client.get('DB'))).toEqual(['canary-2', 'canary-2']);
      expect(reads()).toBe(before + 1);
    });

    it('who waits longer than a request may take asks for itself', async () => {
      const takeTurn = async () => ({ asks: false as const, lookAgainIn: 100 });
      const one = make({ timeout: '3s' }, { takeTurn });
      const began = clock.now();
      await one.start(['DB']);
      expect(one.client.get('DB')).toBe('canary-1');
      expect(clock.now() - began).toBeLessThan(5 * SECOND);
    });
  });
});
