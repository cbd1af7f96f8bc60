import { SecretAccessDeniedError, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import type { ChangeListener } from 'nestjs-hcp-vault';
import { MINUTE, scripted as connected, SECOND } from '../support/scripted-connection.js';

type Set = ReturnType<typeof connected>;
const scripted: typeof connected = (options, about) => connected(options, { isHeard: false, ...about });
/** By default a refresh is due each 18.75 minutes here: chance is always one half. */
const TURN = 19 * MINUTE;

/** Times at which a name was read. */
const readsOf = (set: Set, name = 'KEY'): number[] =>
  set.backend.calls.filter(({ operation, names }) => operation === 'read' && names.includes(name)).map(({ at }) => at);

async function fetched(options: Parameters<typeof scripted>[0] = {}, about: Parameters<typeof scripted>[1] = {}) {
  const set = scripted(options, about);
  set.backend.set('KEY', { value: 'v1' });
  set.runtime.start();
  await set.client.fetch('KEY');
  return set;
}

describe('a secret that was fetched on demand', () => {
  it('given nobody who asks for it again, when days pass, then it is read twice more, and then left alone, with its value', async () => {
    const set = await fetched();
    await set.clock.advance(3 * 24 * 60 * MINUTE);
    expect(readsOf(set)).toHaveLength(3);
    expect(set.clock.pending).toBe(1); // the job looks at the clock, to notice a pause
    expect(set.statusOf('KEY')).toMatchObject({ stale: false });
    expect(set.statusOf('KEY')).not.toHaveProperty('nextRefreshAt');
  });

  it.each<[string, (set: Set) => unknown]>([
    ['get', (set) => set.client.get('KEY')],
    ['fetch', (set) => set.client.fetch('KEY')],
  ])('given somebody who asks by `%s` once in three turns, when days pass, then each turn reads it', async (_, ask) => {
    const set = await fetched();
    for (let turn = 0; turn < 60; turn += 1) {
      if (turn % 3 === 0) await ask(set);
      await set.clock.advance(TURN);
    }
    expect(readsOf(set).length).toBeGreaterThan(58);
  });

  it('given one that was left alone and has changed, when it is fetched, then it is read first, and its turns begin anew', async () => {
    const set = await fetched();
    await set.clock.advance(24 * 60 * MINUTE);
    set.backend.set('KEY', { value: 'v2' });
    const before = readsOf(set).length;
    expect(await set.client.fetch('KEY')).toBe('v2');
    expect(readsOf(set)).toHaveLength(before + 1);
    await set.clock.advance(24 * 60 * MINUTE);
    // The first turn after counts the fetch itself.
    expect(readsOf(set)).toHaveLength(before + 4);
  });

  it('given one that was left alone and has changed, when it is got from memory, then the last value answers at once, and the new one is read behind', async () => {
    const set = await fetched();
    await set.clock.advance(24 * 60 * MINUTE);
    set.backend.set('KEY', { value: 'v2' });
    expect(set.client.get('KEY')).toBe('v1');
    await set.clock.advance(0);
    expect(set.client.get('KEY')).toBe('v2');
  });

  it('given one that was left alone, when the source fails, then the last value answers, and the source is asked once, then with back-off', async () => {
    const set = await fetched();
    await set.clock.advance(24 * 60 * MINUTE);
    set.backend.set('KEY', { failure: new SecretSourceUnavailableError('down.') });
    const before = readsOf(set).length;
    for (let call = 0; call < 20; call += 1) expect(await set.client.fetch('KEY')).toBe('v1');
    expect(readsOf(set)).toHaveLength(before + 1);
    set.backend.set('KEY', { value: 'v2' });
    await set.clock.advance(2 * SECOND);
    expect(set.client.get('KEY')).toBe('v2');
  });

  it('given one that was left alone, when somebody holds on to it, then it is read at once, and in each turn from then on', async () => {
    const set = await fetched();
    await set.clock.advance(24 * 60 * MINUTE);
    set.backend.set('KEY', { value: 'v2' });
    const ref = set.client.ref('KEY');
    await set.clock.advance(0);
    expect(ref.value).toBe('v2');
    const before = readsOf(set).length;
    await set.clock.advance(100 * TURN);
    expect(readsOf(set).length).toBeGreaterThan(before + 99);
  });

  it('given refreshes that come more often than values age, when somebody asks each minute, then each refresh is made', async () => {
    const set = await fetched({ refresh: { every: '10s' }, cache: { maxAge: '25m' } });
    for (let minute = 0; minute < 100; minute += 1) {
      await set.clock.advance(MINUTE);
      set.backend.set('KEY', { value: `v${minute}` });
      await set.clock.advance(10 * SECOND);
      expect(await set.client.fetch('KEY')).toBe(`v${minute}`);
    }
  });

  it('given one that was left alone and is not past its age, when somebody asks, then memory answers, and it is read behind', async () => {
    const set = await fetched({ refresh: { every: '10s' }, cache: { maxAge: '25m' } });
    await set.clock.advance(30 * MINUTE);
    expect(set.statusOf('KEY')).not.toHaveProperty('nextRefreshAt');
    set.backend.set('KEY', { value: 'v2' });
    const before = readsOf(set).length;
    expect(await set.client.fetch('KEY')).toBe('v1');
    await set.clock.advance(0);
    expect(set.client.get('KEY')).toBe('v2');
    expect(readsOf(set)).toHaveLength(before + 1);
  });

  it('given a version beside the current one that somebody fetches each minute, when days pass, then nobody waits for the source', async () => {
    const set = await fetched();
    await set.client.fetch('KEY', { version: 'v1' });
    for (let minute = 0; minute < 2_000; minute += 1) {
      await set.clock.advance(MINUTE);
      const before = set.backend.count('read');
      await set.client.fetch('KEY', { version: 'v1' });
      expect(set.backend.count('read')).toBe(before);
    }
  });

  it('given somebody who listens to all rotations, when days pass, then it is read on, and a rotation is told', async () => {
    const set = await fetched();
    const seen: unknown[] = [];
    set.client.rotations$.subscribe(({ current }) => seen.push(current));
    await set.clock.advance(24 * 60 * MINUTE);
    set.backend.set('KEY', { value: 'v2' });
    await set.clock.advance(TURN);
    expect(seen).toEqual(['v2']);
  });

  it.each([
    ['runs out', 50],
    ['is over', 70],
  ])(
    'given credentials that nobody asked for again, when their lease %s and somebody holds on to them, then new ones are opened, and more after these',
    async (_, minutes) => {
      const set = scripted();
      set.backend.set('DB', { lease: 60 * MINUTE });
      set.runtime.start();
      await set.client.fetch('DB');
      await set.clock.advance(minutes * MINUTE);
      expect(set.backend.opened).toHaveLength(1);
      const ref = set.client.ref('DB');
      await set.clock.advance(0);
      expect(ref.value).toEqual({ user: 'DB-2' });
      await set.clock.advance(70 * MINUTE);
      expect(ref.value).toEqual({ user: 'DB-3' });
    },
  );

  it('given a first reading that fails, when nobody asks again, then it is tried with back-off for as long as a value may be old, and then when somebody asks', async () => {
    const set = scripted();
    set.backend.set('KEY', { failure: new SecretSourceUnavailableError('down.') });
    set.runtime.start();
    await expect(set.client.fetch('KEY')).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await set.clock.advance(3 * 24 * 60 * MINUTE);
    const reads = readsOf(set);
    expect(reads.length).toBeGreaterThan(20);
    expect(reads.length).toBeLessThan(70);
    expect(reads.at(-1)).toBeLessThan(30 * MINUTE);
    expect(set.statusOf('KEY')).toMatchObject({ lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    await expect(set.client.fetch('KEY')).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(readsOf(set)).toHaveLength(reads.length + 1);
    set.backend.set('KEY', { value: 'v1' });
    await set.clock.advance(MINUTE);
    expect(set.client.get('KEY')).toBe('v1');
  });

  it('given a first reading that fails, when somebody holds on to it, or asks now and then, then it is tried on', async () => {
    const set = scripted();
    for (const name of ['HELD', 'ASKED']) set.backend.set(name, { failure: new SecretSourceUnavailableError('down.') });
    set.runtime.start();
    set.runtime.pin('HELD');
    void set.client.fetch('HELD').catch(() => undefined);
    for (let turn = 0; turn < 12; turn += 1) {
      void set.client.fetch('ASKED').catch(() => undefined);
      await set.clock.advance(10 * MINUTE);
    }
    for (const name of ['HELD', 'ASKED']) expect(readsOf(set, name).length).toBeGreaterThan(110);
  });

  it('given others that are read by the clock, when these have their turns, then one that was left alone does not come along', async () => {
    const set = await fetched();
    set.backend.set('HELD', { value: 'h1' });
    await set.start('HELD');
    await set.clock.advance(24 * 60 * MINUTE);
    expect(readsOf(set, 'HELD').length).toBeGreaterThan(70);
    expect(readsOf(set).length).toBeLessThan(6);
  });

  it('given a value that would end, when nobody asks for it, then it is read on, and memory goes on answering', async () => {
    const set = await fetched({ cache: { maxStale: '10m' } });
    await set.clock.advance(100 * TURN);
    expect(readsOf(set).length).toBeGreaterThan(99);
    expect(set.client.get('KEY')).toBe('v1');
  });

  it('given a cron expression that says when, when days pass, then the same', async () => {
    const set = await fetched({ refresh: { cron: '0 * * * *' } });
    for (let tick = 0; tick < 50; tick += 1) {
      set.runtime.refresher.refreshWithin(SECOND);
      await set.clock.advance(60 * MINUTE);
    }
    expect(readsOf(set)).toHaveLength(3);
    expect(set.client.get('KEY')).toBe('v1');
  });

  it('given one that was left alone, when a change without a name is announced, or all is refreshed, then it is read, and left alone again', async () => {
    let announce!: ChangeListener;
    const watch = (listener: ChangeListener) => {
      announce = listener;
      return () => undefined;
    };
    const set = await fetched({}, { more: { watch } });
    await set.clock.advance(24 * 60 * MINUTE);
    set.backend.set('KEY', { value: 'v2' });
    announce();
    await set.clock.advance(MINUTE);
    expect(set.client.get('KEY')).toBe('v2');
    await set.clock.advance(24 * 60 * MINUTE);
    set.backend.set('KEY', { value: 'v3' });
    expect(await set.client.refresh()).toMatchObject({ changed: ['KEY'] });
    const before = readsOf(set).length;
    await set.clock.advance(24 * 60 * MINUTE);
    expect(readsOf(set).length).toBeLessThan(before + 5);
  });

  it('given one that is denied by now, when nobody asks, then it is left alone too', async () => {
    const set = await fetched();
    set.backend.set('KEY', { failure: new SecretAccessDeniedError() });
    await set.clock.advance(24 * 60 * MINUTE);
    expect(readsOf(set).length).toBeLessThan(6);
    expect(set.client.get('KEY')).toBe('v1');
  });

  it('given all of a source that was fetched once, when days pass, then its names are not read for ever, and none is forgotten', async () => {
    const set = scripted({ cache: { maxEntries: 2 } }, { can: ['list'] });
    for (const name of ['A', 'B', 'C', 'D']) set.backend.set(name, { value: name });
    set.runtime.start();
    await set.client.fetchSecrets();
    await set.clock.advance(24 * 60 * MINUTE);
    expect(set.backend.count('read')).toBe(3);
    expect(set.client.get('A')).toBe('A');
    set.backend.set('B', { value: 'b2' });
    expect(await set.client.fetchSecrets()).toEqual({ A: 'A', B: 'b2', C: 'C', D: 'D' });
  });

  it('given what lies below a path of a source that lists, when it was read so, then it is neither kept nor read for ever', async () => {
    const set = scripted({ cache: { maxEntries: 2 } }, { can: ['list'] });
    for (const name of ['A', 'B', 'C', 'D']) set.backend.set(name, { value: name });
    set.runtime.start();
    expect(Object.keys(await set.client.getByPath('app'))).toHaveLength(4);
    expect(set.client.status()).toHaveLength(2);
    await set.clock.advance(24 * 60 * MINUTE);
    expect(set.backend.count('read')).toBe(3);
  });
});

describe('`fetch` with a `maxAge` of its own', () => {
  it('given a value that is younger, when fetched, then memory answers; given one that is as old, then it is read first, once for all', async () => {
    const set = await fetched();
    await set.clock.advance(4_999);
    set.backend.set('KEY', { value: 'v2' });
    expect(await set.client.fetch('KEY', { maxAge: '5s' })).toBe('v1');
    await set.clock.advance(1);
    const calls = Array.from({ length: 100 }, () => set.client.fetch('KEY', { maxAge: '5s' }));
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['v2']));
    expect(readsOf(set)).toHaveLength(2);
  });

  it('given a source that fails, when a younger value is asked for, then it rejects, keeps the back-off, and others have the last value', async () => {
    const set = await fetched();
    await set.clock.advance(10 * SECOND);
    set.backend.set('KEY', { failure: new SecretSourceUnavailableError('down.') });
    for (let call = 0; call < 5; call += 1) {
      const asked = set.client.fetch('KEY', { maxAge: '5s' });
      await expect(asked).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    }
    expect(readsOf(set)).toHaveLength(2);
    expect(await set.client.fetch('KEY')).toBe('v1');
  });

  it('given credentials with a lease, when a younger value is asked for, then nothing is opened', async () => {
    const set = scripted();
    set.backend.set('DB', { lease: 60 * MINUTE });
    await set.client.fetch('DB');
    await set.clock.advance(MINUTE);
    await set.client.fetch('DB', { maxAge: '5s' });
    expect(set.backend.opened).toHaveLength(1);
  });

  it('given one that was never read, when it is asked for, then it is read once', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    expect(await set.client.fetch('KEY', { maxAge: 0 })).toBe('v1');
    expect(readsOf(set)).toHaveLength(1);
  });
});

describe('`getByPath` with options', () => {
  const values = { 'app/A': 'a', 'app/db/B': 'b', 'app/db/deep/C': 'c' };
  function set(can: 'readPath' | 'list' = 'readPath') {
    const made = scripted({}, { can: [can] });
    for (const [name, value] of Object.entries(values)) made.backend.set(name, { value });
    return made;
  }

  it.each([
    ['app', ['app/A']],
    ['app/', ['app/A']],
    ['app/db', ['app/db/B']],
    ['', []],
  ])('given folders below %j, when `recursive` is false, then what lies in them is left out', async (path, names) => {
    const { client, backend } = set();
    backend.always.readPath = (answer) => answer();
    const found = Object.keys(await client.getByPath(path, { recursive: false }));
    expect(found).toEqual(names);
    expect(client.status().map(({ name }) => name)).toEqual(found);
  });

  it('given a source of one’s own, when asked so, then its context says it', async () => {
    const { client, backend } = set();
    const asked: unknown[] = [];
    backend.always.readPath = (answer, context) => {
      asked.push((context as { recursive?: boolean }).recursive);
      return answer();
    };
    await client.getByPath('app');
    await client.getByPath('app', { recursive: false });
    expect(asked).toEqual([true, false]);
  });

  it('given one that is denied, when read by path, then it is left out, told in status and once in the log, and fails nothing else', async () => {
    const { client, backend, lines, statusOf } = set();
    backend.set('app/db/B', { failure: new SecretAccessDeniedError() });
    for (let call = 0; call < 3; call += 1) {
      expect(await client.getByPath('app')).toEqual({ 'app/A': 'a', 'app/db/deep/C': 'c' });
    }
    expect(statusOf('app/db/B')).toMatchObject({ lastError: { code: 'SECRET_ACCESS_DENIED' } });
    expect(lines).toEqual([
      expect.stringMatching(/^What lies below "app" was read without app\/db\/B\. .+ said once\.$/),
    ]);
  });

  it.each([
    ['denied', new SecretAccessDeniedError(), 'SECRET_ACCESS_DENIED'],
    ['sick', new SecretSourceUnavailableError('busy.'), 'SECRET_SOURCE_UNAVAILABLE'],
  ])(
    'given one that is %s, when `failOnError`, then it rejects with that error, which names it',
    async (_, failure, code) => {
      const { client, backend } = set();
      backend.set('app/db/B', { failure });
      await expect(client.getByPath('app', { failOnError: true })).rejects.toMatchObject({
        code,
        secretName: 'app/db/B',
      });
      expect(await client.getByPath('app')).toEqual({ 'app/A': 'a', 'app/db/deep/C': 'c' });
    },
  );

  it('given a value of before that can’t be read by now, when read by path, then it is the last one; when `failOnError`, then it rejects', async () => {
    const { client, backend } = set();
    await client.getByPath('app');
    backend.set('app/A', { failure: new SecretAccessDeniedError() });
    expect(await client.getByPath('app')).toMatchObject({ 'app/A': 'a' });
    await expect(client.getByPath('app', { failOnError: true })).rejects.toMatchObject({ secretName: 'app/A' });
  });
});
