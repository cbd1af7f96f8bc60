import type { SecretSource } from 'nestjs-hcp-vault';
import {
  SecretAccessDeniedError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
  SecretThrottledError,
  SecretVersion,
} from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { delays, fails, gives, held } from '../support/scripted-source.js';

type Options = Parameters<typeof scripted>[0];
type Operation = 'list' | 'readAll' | 'readPath' | 'renew';

/** Two static secrets and credentials. No job runs: what is read, a call has asked for. */
function ready(can: Operation[], options: Options = {}, more: Partial<SecretSource> = {}) {
  const set = scripted(options, { can, more });
  set.backend.set('A', { value: 'a1' });
  set.backend.set('B', { value: 'b1' });
  set.backend.set('DB', { lease: 10 * HOUR });
  const reads = (): string[] =>
    set.backend.calls.filter(({ operation }) => operation === 'read').map(({ names }) => names.join());
  return { ...set, reads };
}

const down = () => fails(new SecretSourceUnavailableError('down.'));
const refusing = (what: string) => ({
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: (value: unknown) => (value === what ? { issues: [{ message: 'no', path: ['x'] }] } : { value }),
  },
});

describe('all secrets of a source that lists names and reads each', () => {
  it('given slow readings, when all are fetched, then it waits for them, one request has them all, and credentials are opened once', async () => {
    const set = ready(['list']);
    set.backend.script('read', delays(set.clock, 500));
    let all: unknown;
    void set.client.fetchSecrets().then((values) => (all = values));
    await set.clock.advance(499);
    expect(all).toBeUndefined();
    await set.clock.advance(1);
    expect(all).toEqual({ A: 'a1', B: 'b1', DB: { user: 'DB-1' } });
    expect(set.reads()).toEqual(['A,B,DB']);
  });

  it.each([
    ['that are due', {}],
    ['of which none is due', { refresh: { every: '5h', jitter: 0 } }],
  ])(
    'given values past `maxAge` %s, when all are fetched again, then static ones are read anew and waited for, and credentials are left alone',
    async (_, options) => {
      const set = ready(['list'], options);
      await set.client.fetchSecrets();
      set.backend.set('A', { value: 'a2' });
      await set.clock.advance(24 * MINUTE);
      expect(await set.client.fetchSecrets()).toMatchObject({ A: 'a1' });
      expect(set.backend.count('list')).toBe(1);
      await set.clock.advance(2 * MINUTE);
      expect(await set.client.fetchSecrets()).toEqual({ A: 'a2', B: 'b1', DB: { user: 'DB-1' } });
      expect(set.reads()).toEqual(['A,B,DB', 'A,B']);
      expect([set.backend.count('list'), set.backend.opened]).toEqual([2, ['DB-1']]);
    },
  );

  it('given one that was read by itself before, when all are fetched, then it is read again with the others; one read meanwhile is not', async () => {
    const set = ready(['list']);
    await set.client.fetch('A');
    await set.clock.advance(MINUTE);
    set.backend.set('A', { value: 'a2' });
    set.backend.script('list', delays(set.clock, SECOND));
    const fetching = set.client.fetchSecrets();
    await settled();
    await set.client.fetch('B');
    await set.clock.advance(SECOND);
    expect(await fetching).toEqual({ A: 'a2', B: 'b1', DB: { user: 'DB-1' } });
    expect(set.reads()).toEqual(['A', 'B', 'DB,A']);
  });

  it('given entries that can’t be read or are refused, when all are fetched, then the others are given, and `fetch` of these says why', async () => {
    const set = ready(['list'], { schema: { C: refusing('c1') } });
    set.backend.set('B', { failure: new SecretConfigurationError('it is not a string.') });
    set.backend.set('C', { value: 'c1' });
    expect(await set.client.fetchSecrets()).toEqual({ A: 'a1', DB: { user: 'DB-1' } });
    await expect(set.client.fetch('B')).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: 'B' });
    await expect(set.client.fetch('C')).rejects.toMatchObject({
      code: 'SECRET_VALIDATION',
      secretName: 'C',
      issues: [{ path: 'x', vendor: 'test' }],
    });
  });

  it.each([
    ['of which the source gives none', new SecretSourceUnavailableError('down.')],
    ['without any answer', new SecretSourceUnavailableError('down.', { cause: { name: 'TimeoutError' } })],
    ['with an odd one', new Error('odd')],
  ])(
    'given an entry %s, when all are fetched, then the others are given, `status()` says why, and where there is no other it rejects',
    async (_, failure) => {
      const set = ready(['list']);
      set.backend.set('B', { failure });
      expect(await set.client.fetchSecrets()).toEqual({ A: 'a1', DB: { user: 'DB-1' } });
      expect(set.statusOf('B')).toMatchObject({ lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
      const alone = ready(['list']);
      alone.backend.script('list', gives(['B']));
      alone.backend.set('B', { failure });
      const rejection = { code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'B' };
      await expect(alone.client.fetchSecrets()).rejects.toMatchObject(rejection);
    },
  );

  it.each([
    ['one that is throttled', ['B'], new SecretThrottledError(), 'SECRET_THROTTLED'],
    ['most without an answer', ['A', 'B'], new Error('odd'), 'SECRET_SOURCE_UNAVAILABLE'],
  ])('given %s, which concerns all, when all are fetched, then that rejects', async (_, names, failure, code) => {
    const set = ready(['list']);
    for (const name of names) set.backend.set(name, { failure });
    await expect(set.client.fetchSecrets()).rejects.toMatchObject({ code, secretName: names[0] });
  });

  it('given a name that is gone when it is read, when all are fetched, then it is left out', async () => {
    const set = ready(['list']);
    set.backend.script('list', gives(['A', 'GONE', 'B']));
    expect(await set.client.fetchSecrets()).toEqual({ A: 'a1', B: 'b1' });
  });

  it('given a list that fails, when all are fetched again, then values stay until `maxAge` and `maxStale` are over', async () => {
    const set = ready(['list'], { cache: { maxAge: '10m', maxStale: '5m' } });
    await set.client.fetchSecrets();
    set.backend.always.list = down();
    await set.clock.advance(12 * MINUTE);
    expect(await set.client.fetchSecrets()).toEqual({ A: 'a1', B: 'b1', DB: { user: 'DB-1' } });
    expect(set.backend.count('list')).toBe(2);
    await set.clock.advance(4 * MINUTE); // single ones can still be read, but nobody knows which there are
    await expect(set.client.fetchSecrets()).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(await set.client.fetch('A')).toBe('a1');
  });

  it('given a first list that fails, when all are fetched, then that rejects, and the next call asks again', async () => {
    const set = ready(['list']);
    set.backend.script('list', down());
    await expect(set.client.fetchSecrets()).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(await set.client.fetchSecrets()).toMatchObject({ A: 'a1' });
  });

  it('given credentials that ended while the source was away, when all are fetched within `maxAge`, then they are opened anew, and nothing else is asked', async () => {
    const set = ready(['list'], { cache: { maxAge: '5h' }, retry: { max: '5s' } });
    set.backend.set('DB', { lease: 10 * MINUTE });
    await set.start();
    await set.client.fetchSecrets();
    set.backend.always.read = down();
    await set.clock.advance(11 * MINUTE);
    expect(() => set.client.get('DB')).toThrow();
    delete set.backend.always.read;
    const before = set.backend.calls.length;
    const fetching = set.client.fetchSecrets();
    await set.clock.advance(MINUTE);
    expect(await fetching).toEqual({ A: 'a1', B: 'b1', DB: { user: 'DB-2' } });
    expect(set.backend.calls.slice(before).map(({ operation, names }) => [operation, ...names])).toEqual([
      ['read', 'DB'],
    ]);
  });

  it('given credentials whose end no timer has told yet, when all are fetched, then no dead ones are given', async () => {
    const set = ready(['list'], { cache: { maxAge: '5h' } });
    set.backend.set('DB', { lease: 10 * MINUTE });
    await set.client.fetchSecrets();
    set.clock.jump(11 * MINUTE);
    expect(await set.client.fetchSecrets()).toMatchObject({ DB: { user: 'DB-2' } });
  });
});

describe('all secrets of a source that enumerates', () => {
  it('given one that lists as well, when all are fetched, then static ones come with the enumeration alone, and credentials by name, opened once', async () => {
    const set = ready(['list', 'readAll']);
    const all = { A: 'a1', B: 'b1', DB: { user: 'DB-1' } };
    expect(await set.client.fetchSecrets()).toEqual(all);
    await set.clock.advance(26 * MINUTE);
    expect(await set.client.fetchSecrets()).toEqual(all);
    expect([set.backend.count('readAll'), set.backend.count('list')]).toEqual([2, 2]);
    expect(set.reads()).toEqual(['DB']);
  });

  it('given one that lists nothing, when all are fetched, then that is one request', async () => {
    const set = ready(['readAll']);
    expect(await set.client.fetchSecrets()).toEqual({ A: 'a1', B: 'b1' });
    expect(set.backend.calls.map(({ operation }) => operation)).toEqual(['readAll']);
  });

  it('given an enumeration that fails, when all are fetched, then that rejects, and names are not tried one by one', async () => {
    const set = ready(['list', 'readAll']);
    set.backend.script('readAll', down());
    await expect(set.client.fetchSecrets()).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(set.backend.calls.map(({ operation }) => operation)).toEqual(['readAll']);
  });

  it('given a secret named __proto__, when all are fetched, then it is one of them, and no prototype changes', async () => {
    const set = ready(['readAll']);
    set.backend.set('__proto__', { value: { polluted: true } });
    const all = await set.client.fetchSecrets();
    expect(Object.keys(all)).toEqual(['A', 'B', '__proto__']);
    expect(Object.getPrototypeOf(all)).toBe(Object.prototype);
    expect(all).not.toHaveProperty('polluted');
    all['A'] = 'mine'; // what is handed out is the caller's
    delete all['B'];
    expect([set.client.get('A'), set.client.get('B')]).toEqual(['a1', 'b1']);
  });
});

describe('all secrets below a path', () => {
  it('given a source that lists alone, when read by path, then it is asked for that path, each name once, and values are kept', async () => {
    const asked: unknown[] = [];
    const set = ready(
      [],
      {},
      {
        list: (prefix) => {
          asked.push(prefix);
          return Promise.resolve(['A', 'DB']);
        },
      },
    );
    expect(await set.client.getByPath('app/')).toEqual({ A: 'a1', DB: { user: 'DB-1' } });
    expect(await set.client.getByPath('app/')).toEqual({ A: 'a1', DB: { user: 'DB-1' } });
    expect([asked, set.reads()]).toEqual([['app/', 'app/'], ['A,DB']]);
  });

  it('given a source that enumerates alone, when read by path, then names that begin so are read', async () => {
    const set = ready(['readAll']);
    for (const name of ['app/X', 'app/Y', 'other/app/']) set.backend.set(name, { value: name });
    expect(await set.client.getByPath('app/')).toEqual({ 'app/X': 'app/X', 'app/Y': 'app/Y' });
    expect(set.reads()).toEqual(['app/X,app/Y']);
  });

  it('given one that failed in the answer, when read by path, then it is tried again with back-off, as after any reading', async () => {
    const set = ready(['readPath']);
    set.backend.set('app/X', { value: 'x1' });
    await set.start('app/X');
    set.backend.set('app/X', { failure: new SecretSourceUnavailableError('busy.') });
    await set.client.getByPath('app/');
    set.backend.set('app/X', { value: 'x2' });
    expect(set.statusOf('app/X')).toMatchObject({ lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    const before = set.backend.count('read');
    await set.clock.advance(2 * SECOND);
    expect(set.backend.count('read')).toBe(before + 1);
    expect(set.client.get('app/X')).toBe('x2');
  });

  it('given one that failed in the answer and that nobody asked for, when read by path, then it is not kept', async () => {
    const set = ready(['readPath']);
    set.backend.set('app/X', { failure: new SecretSourceUnavailableError('busy.') });
    set.backend.set('app/Y', { value: 'y1' });
    expect(await set.client.getByPath('app/')).toEqual({ 'app/Y': 'y1' });
    expect(set.client.status().map(({ name }) => name)).toEqual(['app/Y']);
  });

  it('given a path that fails, when read, then that rejects with the source’s error, and what is there stays', async () => {
    const set = ready(['readPath']);
    set.backend.set('app/X', { value: 'x1' });
    await set.client.getByPath('app/');
    set.backend.script('readPath', down());
    await expect(set.client.getByPath('app/')).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(set.client.get('app/X')).toBe('x1');
    expect(set.statusOf('app/X')).not.toHaveProperty('lastError');
  });
});

describe('an enumeration under way', () => {
  it('given a forced fetch during it, when both have answered, then a reading of its own has brought what changed meanwhile', async () => {
    const set = ready(['readAll']);
    await set.runtime.bootstrap([], 'all');
    set.runtime.start();
    const slow = held();
    set.backend.script('readAll', slow.behaviour);
    const refreshing = set.client.refresh();
    await settled();
    set.backend.set('A', { value: 'a2' });
    const forced = set.client.fetch('A', { forceRefresh: true });
    await settled();
    expect(set.reads()).toEqual([]);
    slow.release();
    expect(await forced).toBe('a2');
    await refreshing;
    expect(set.reads()).toEqual(['A']);
  });

  it('given a fetch of what it will bring, when asked during the first one, then it joins', async () => {
    const set = ready(['readAll']);
    const slow = held();
    set.backend.script('readAll', slow.behaviour);
    const starting = set.runtime.bootstrap([{ name: 'A', need: 'required' }], 'all');
    await settled();
    const fetching = set.client.fetch('A');
    await settled();
    slow.release();
    await starting;
    expect(await fetching).toBe('a1');
    expect(set.reads()).toEqual([]);
  });

  it('given it is denied, when all are refreshed, then each is read by name', async () => {
    const set = ready(['readAll']);
    await set.runtime.bootstrap([], 'all');
    set.backend.set('A', { value: 'a2' });
    set.backend.always.readAll = fails(new SecretAccessDeniedError());
    expect(await set.client.refresh()).toEqual({ changed: ['A'], unchanged: ['B'], failed: [] });
    expect(set.reads()).toEqual(['A,B']);
  });

  it('given it fails otherwise, when all are refreshed, then that is the answer to each, and none is read by name', async () => {
    const set = ready(['readAll']);
    await set.runtime.bootstrap([], 'all');
    set.backend.always.readAll = down();
    const { failed } = await set.client.refresh();
    expect(failed.map(({ name, error }) => [name, error.code, error.secretName])).toEqual([
      ['A', 'SECRET_SOURCE_UNAVAILABLE', 'A'],
      ['B', 'SECRET_SOURCE_UNAVAILABLE', 'B'],
    ]);
    expect(set.reads()).toEqual([]);
  });

  it('given it leaves one out, when all are refreshed, then that is read by name', async () => {
    const set = ready(['readAll']);
    await set.runtime.bootstrap([], 'all');
    set.backend.set('A', { value: 'a2' });
    set.backend.script('readAll', gives(new Map([['B', SecretVersion.of('b2')]])));
    expect(await set.client.refresh()).toMatchObject({ changed: ['A', 'B'], failed: [] });
    expect(set.reads()).toEqual(['A']);
  });

  it('given it is under way, when the app closes, then nothing is told as a failure', async () => {
    const set = ready(['readAll']);
    await set.runtime.bootstrap([], 'all');
    set.backend.script('readAll', held().behaviour);
    const refreshing = set.client.refresh();
    await settled();
    await set.runtime.shutdown();
    expect((await refreshing).failed.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(set.told('failed')).toEqual([]);
    expect(set.reads()).toEqual([]);
  });
});

describe('what a source can', () => {
  it.each([
    ['lists', ['list']],
    ['enumerates', ['readAll']],
  ] as [string, Operation[]][])(
    'given one that %s, when asked whether a name exists, then nothing is opened or kept',
    async (_, can) => {
      const set = ready(can);
      expect(await Promise.all(['A', 'NOPE'].map((name) => set.client.exists(name)))).toEqual([true, false]);
      expect(set.backend.opened).toEqual([]);
    },
  );

  it('given one that only reads, when asked what exists and what there is, then static ones are read, and open credentials are not opened again', async () => {
    const set = ready([]);
    expect(await set.client.list()).toEqual([]);
    expect([await set.client.exists('A'), await set.client.exists('NOPE')]).toEqual([true, false]);
    await set.client.fetch('DB');
    expect(await set.client.exists('DB')).toBe(true);
    expect(set.backend.opened).toEqual(['DB-1']);
    expect(await set.client.list()).toEqual(['A', 'DB']);
    expect(await set.client.list('D')).toEqual(['DB']);
    set.backend.stored.delete('A');
    expect(await set.client.exists('A')).toBe(false);
    expect(await set.client.list()).toEqual(['DB']);
    expect(set.client.get('A')).toBe('a1');
  });

  it('given one that only reads, and is down, when asked whether a name exists, then that rejects with why', async () => {
    const set = ready([]);
    set.backend.always.read = down();
    await expect(set.client.exists('A')).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'A' });
  });

  it('given one that can’t be written to, when written to, then the error names secret, connection and source', async () => {
    const set = ready([], { connection: 'own' });
    await expect(set.client.update('A', 'x')).rejects.toMatchObject({
      code: 'SECRET_SOURCE_READ_ONLY',
      secretName: 'A',
      connection: 'own',
      sourceKind: 'scripted',
    });
  });
});

describe('a job that reads all, where that fails', () => {
  it('given secrets that came due at different times, when hours pass, then all are read by their names, and reading all is tried with back-off', async () => {
    const set = ready(['readAll'], { refresh: { every: '1m', jitter: 0 } });
    const names = Array.from({ length: 20 }, (_, n) => `K${n}`);
    for (const name of names) set.backend.set(name, { value: 'v1' });
    await set.runtime.bootstrap([], 'all');
    set.runtime.start();
    set.backend.always.readAll = down();
    for (const [n, name] of names.entries()) {
      await set.clock.advance(SECOND + n);
      await set.client.refresh(name);
    }
    const before = set.backend.count('readAll');
    for (const name of names) set.backend.set(name, { value: 'v2' });
    await set.clock.advance(2 * HOUR);
    expect(names.map((name) => set.client.get(name))).toEqual(names.map(() => 'v2'));
    // One a minute at most, and not one for each of those that came due.
    expect(set.backend.count('readAll') - before).toBeLessThanOrEqual(130);
    delete set.backend.always.readAll;
    set.backend.set('NEW', { value: 'n1' });
    await set.clock.advance(5 * MINUTE);
    expect(set.client.get('NEW')).toBe('n1');
  });
});
