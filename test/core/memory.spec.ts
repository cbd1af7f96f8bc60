import type { SecretSource } from 'nestjs-hcp-vault';
import { SecretAccessDeniedError, SecretSourceUnavailableError, SecretThrottledError } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { channel, fails } from '../support/scripted-source.js';

const NAMES = Array.from({ length: 8 }, (_, index) => `S${index}`);

function bounded(options: Parameters<typeof scripted>[0] = {}, more: Partial<SecretSource> = {}) {
  const set = scripted({ cache: { maxEntries: 3 }, ...options }, { more });
  for (const name of NAMES) set.backend.set(name, { value: name });
  const fetchAll = async (...names: string[]): Promise<void> => {
    for (const name of names) await set.client.fetch(name).catch(() => undefined);
  };
  return { ...set, fetchAll, kept: () => set.client.status().map(({ name }) => name) };
}

describe('a bounded cache', () => {
  it('given names that do not exist, when others are fetched after them, then these have all the room', async () => {
    const set = bounded();
    await set.fetchAll('N1', 'N2', 'N3', 'N4', 'S1', 'S2', 'S3');
    expect(set.kept()).toEqual(['S1', 'S2', 'S3']);
    const before = set.backend.count('read');
    await set.fetchAll('S1', 'S2', 'S3');
    expect(set.backend.count('read')).toBe(before);
  });

  it('given a name that did not exist, when it appears, is held on to, and others come and go, then it stays', async () => {
    const set = bounded();
    await set.fetchAll('LATE');
    set.backend.set('LATE', { value: 'late' });
    await set.fetchAll('LATE');
    const ref = set.client.ref('LATE');
    await set.fetchAll(...NAMES);
    expect(set.kept()).toEqual(['LATE', 'S5', 'S6', 'S7']);
    set.backend.set('LATE', { value: 'later' });
    await set.client.refresh('LATE');
    expect(ref.value).toBe('later');
  });

  it('given one that is read again and again, when others come, then it stays, and the longest unused goes', async () => {
    const set = bounded();
    await set.fetchAll('S0', 'S1', 'S2');
    for (const name of ['S3', 'S4', 'S5']) {
      set.client.get('S0');
      await set.fetchAll(name);
    }
    expect(set.kept()).toContain('S0');
    expect(set.kept()).toHaveLength(3);
    expect(() => set.client.get('S1')).toThrow(expect.objectContaining({ code: 'SECRET_NOT_LOADED' }));
  });

  it('given names without end that are worked with, when the works are over, then they are bounded; one under way keeps its secret', async () => {
    const set = bounded();
    let end!: () => void;
    const long = set.client.withSecret('S0', () => new Promise<void>((resolve) => (end = resolve)));
    for (const name of NAMES) await set.client.withSecret(name, async (value) => expect(value).toBe(name));
    expect(set.kept()).toEqual(['S0', 'S6', 'S7']);
    end();
    await long;
    await set.fetchAll('S1', 'S2', 'S3', 'S4');
    expect(set.kept()).toHaveLength(3);
    expect(set.kept()).not.toContain('S0');
    await expect(set.client.withSecret('NONE', async () => 1)).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(set.kept()).not.toContain('NONE');
  });

  it('given work that outlasts the lease of its credentials, when nobody else asks, then new ones come while it lasts, and none after it', async () => {
    const set = bounded();
    set.backend.set('DB', { lease: 10 * MINUTE });
    await set.start();
    let end!: () => void;
    const long = set.client.withSecret('DB', () => new Promise<void>((resolve) => (end = resolve)));
    await set.clock.advance(HOUR);
    const during = set.backend.opened.length;
    expect(during).toBeGreaterThan(5);
    end();
    await long;
    await set.clock.advance(HOUR);
    expect(set.backend.opened.length).toBeLessThanOrEqual(during + 1);
  });

  it('given credentials, when others come, then they are kept while their lease runs, and go when it has ended', async () => {
    const set = bounded({ cache: { maxEntries: 2 } });
    set.backend.set('DB', { lease: 10 * MINUTE });
    await set.start();
    await set.fetchAll('DB', 'S1', 'S2', 'S3', 'S4');
    expect(set.kept()).toEqual(['DB', 'S3', 'S4']);
    await set.fetchAll('DB');
    expect(set.backend.opened).toEqual(['DB-1']);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.clock.advance(HOUR);
    delete set.backend.always.read;
    await set.fetchAll(...NAMES, ...NAMES);
    expect(set.kept()).toHaveLength(2);
    expect(set.kept()).not.toContain('DB');
  });

  it('given secrets that were let go, when the job runs, then those that are kept are read, and no others', async () => {
    const set = bounded();
    await set.start();
    await set.fetchAll(...NAMES);
    const before = set.backend.calls.length;
    await set.clock.advance(25 * MINUTE);
    expect(
      set.backend.calls
        .slice(before)
        .flatMap(({ names }) => names)
        .sort(),
    ).toEqual(['S5', 'S6', 'S7']);
  });

  it('given two spellings of one name, when asked for, then they are one secret, read once, and let go together', async () => {
    const set = bounded({}, { canonicalName: (name: string) => name.toUpperCase() });
    await set.fetchAll('S1', 's1');
    expect(set.backend.count('read')).toBe(1);
    expect(set.kept()).toEqual(['S1']);
    expect([set.client.get('S1'), set.client.get('s1'), set.client.ref('s1').value]).toEqual(['S1', 'S1', 'S1']);
  });

  it('given two spellings, when the secret is evicted, then neither finds it any more, and the next reads it once', async () => {
    const set = bounded({ cache: { maxEntries: 1 } }, { canonicalName: (name: string) => name.toLowerCase() });
    await set.fetchAll('S1', 's1', 'S2');
    for (const name of ['S1', 's1']) {
      expect(() => set.client.get(name)).toThrow(expect.objectContaining({ code: 'SECRET_NOT_LOADED' }));
    }
    await set.fetchAll('S1');
    expect(set.kept()).toEqual(['S1']);
  });
});

describe('a job that runs for one', () => {
  it('given others inside the span of their due time, when it runs, then it takes along those that are well, and leaves who backs off', async () => {
    const set = bounded({ cache: { maxEntries: 10 } });
    await set.start('S1');
    await set.clock.advance(5 * MINUTE);
    await set.fetchAll('S2', 'S3');
    await set.clock.advance(13 * MINUTE);
    set.backend.script('read', fails(new SecretThrottledError('slow.', { retryAfter: 5 * MINUTE })));
    await set.client.refresh('S3');
    await set.fetchAll('S4'); // too young
    const before = set.backend.calls.length;
    await set.clock.advance(MINUTE);
    expect(set.backend.calls.slice(before).map(({ names, at }) => [at / MINUTE, ...names])).toEqual([
      [18.75, 'S1', 'S2'],
    ]);
  });
});

describe('what the log says of failures', () => {
  it('given a name that is fetched on demand and was never there, when it is denied, then that is the caller’s news; of one that is held on to, the log’s', async () => {
    const set = bounded();
    await set.start();
    set.backend.always.read = fails(new SecretAccessDeniedError());
    await set.fetchAll('S1');
    expect(set.lines).toEqual([]);
    set.client.ref('S2');
    await settled();
    expect(set.lines).toHaveLength(1);
    expect(set.lines[0]).toContain('"S2"');
  });

  it('given a ref of a secret that is not there, when it is read, then that is no news; when it goes away later, it is', async () => {
    const set = bounded();
    await set.start();
    set.client.ref('NOPE');
    set.client.ref('S1');
    await settled();
    expect(set.lines).toEqual([]);
    set.backend.stored.delete('S1');
    await set.client.refresh();
    expect(set.lines).toHaveLength(1);
    expect(set.lines[0]).toContain('"S1"');
    await set.client.refresh();
    expect(set.lines).toHaveLength(1);
  });

  it('given several that fail and heal together, when told, then that is one line each time', async () => {
    const set = bounded();
    await set.start('S1', 'S2', 'S3');
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.client.refresh();
    expect(set.lines).toHaveLength(1);
    expect(set.lines[0]).toContain('(and 2 more)');
    delete set.backend.always.read;
    await set.client.refresh();
    expect(set.lines.slice(1)).toEqual(['Secrets of "default" are back: S1, S2, S3.']);
  });
});

describe('what is remembered for a while', () => {
  it('given an announced change that was seen, when a second has passed, then nothing of it is left', async () => {
    const { watch, announce } = channel();
    const set = bounded({ refresh: { jitter: 0 }, cache: { maxAge: '5h' } }, { watch });
    await set.start('S1');
    await set.clock.advance(HOUR);
    const before = set.clock.pending;
    set.backend.set('S1', { value: 'new' });
    announce(['S1']);
    await settled();
    expect(set.client.get('S1')).toBe('new');
    await set.clock.advance(SECOND);
    expect(set.clock.pending).toBe(before);
  });

  it('given an announced change that does not show yet, when others come, then the secret is kept until the row of readings is over', async () => {
    const { watch, announce } = channel();
    const set = bounded({ refresh: { jitter: 0 }, cache: { maxEntries: 1 } }, { watch });
    await set.start();
    await set.fetchAll('S1');
    announce(['S1']);
    await set.clock.advance(20 * SECOND);
    await set.fetchAll('S2', 'S3', 'S2', 'S3');
    expect(set.kept()).toContain('S1');
    await set.clock.advance(MINUTE);
    await set.fetchAll('S4', 'S5', 'S4', 'S5');
    expect(set.kept()).toHaveLength(1);
    expect(set.kept()).not.toContain('S1');
  });

  it('given an announced secret that is gone at first, when it is there again, then it is the same that status() shows', async () => {
    const { watch, announce } = channel();
    const set = bounded({ refresh: { jitter: 0 } }, { watch });
    await set.start();
    set.client.ref('S1');
    await settled();
    set.backend.stored.delete('S1');
    announce(['S1']);
    await set.clock.advance(SECOND);
    set.backend.set('S1', { value: 'again', version: '2' });
    announce(['S1']);
    await set.clock.advance(MINUTE);
    expect(set.statusOf('S1')).toMatchObject({ version: '2' });
  });

  it('given a replaced value whose overlap is over, when the secret is next read, then it is nowhere', async () => {
    const set = bounded();
    await set.start('S1');
    const ref = set.client.ref('S1', { overlap: '1m' });
    set.backend.set('S1', { value: 'new' });
    await set.client.refresh('S1');
    const { replaced } = set.runtime.pin('S1').live;
    expect([ref.accepted, replaced.newestFirst.length]).toEqual([['new', 'S1'], 1]);
    await set.clock.advance(20 * MINUTE);
    expect(replaced.newestFirst).toEqual([]);
  });
});

describe('what a connection holds on to of its source', () => {
  const fail = (): never => {
    throw new Error('canary-value');
  };

  it('given a start, when it has succeeded or failed, then the source heard of its beginning and its end, once each', async () => {
    for (const isThere of [true, false]) {
      const did: string[] = [];
      const startUp = () => {
        did.push('begins');
        return () => void did.push('ends');
      };
      const set = bounded({}, { startUp });
      const outcome = set.start(isThere ? 'S1' : 'NOPE').catch(() => did.push('failed'));
      await settled();
      await outcome;
      set.runtime.endStartUp();
      set.runtime.endStartUp();
      await set.runtime.shutdown();
      expect(did).toEqual(isThere ? ['begins', 'ends'] : ['begins', 'ends', 'failed']);
    }
  });

  it.each([
    ['observe', { observe: fail }, 'threw at observing it.'],
    ['observe no more', { observe: () => fail }, 'threw at observing it no more.'],
    ['start', { startUp: fail }, 'threw at starting it.'],
    ['end its start', { startUp: () => fail }, 'threw at ending its start.'],
  ] as [string, Partial<SecretSource>, string][])(
    'given a source that throws at being told to %s, when the app starts and ends, then that is one line without the text, and stops nothing',
    async (_, more, line) => {
      const set = bounded({}, more);
      await set.start('S1');
      set.runtime.endStartUp();
      expect(set.client.get('S1')).toBe('S1');
      await set.runtime.shutdown();
      expect(set.lines.filter((one) => one.includes(line))).toHaveLength(1);
      expect(set.lines.join()).not.toContain('canary');
      expect(set.backend.count('close')).toBe(1);
      expect(set.clock.pending).toBe(0);
    },
  );

  it('given what follows rotations, when it is asked for rest or the app ends, then it is waited for, ended once, and a failing end stops nothing', async () => {
    const set = bounded();
    await set.start('S1');
    const did: string[] = [];
    let rest!: () => void;
    set.runtime.addDependent({
      idle: () => new Promise((resolve) => (rest = resolve)),
      close: () => Promise.resolve(void did.push('closed')),
    });
    set.runtime.addDependent({ idle: () => Promise.resolve(), close: fail });
    set.runtime.addDependent({ idle: () => Promise.resolve() });
    let isIdle = false;
    const idle = set.runtime.idle().then(() => (isIdle = true));
    await settled();
    expect(isIdle).toBe(false);
    rest();
    await idle;
    await Promise.all([set.runtime.shutdown(), set.runtime.shutdown()]);
    expect(did).toEqual(['closed']);
    expect(set.backend.count('close')).toBe(1);
  });
});
