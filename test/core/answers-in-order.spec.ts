import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted } from '../support/scripted-connection.js';
import { delays, fails, held } from '../support/scripted-source.js';

const codeOf = (error: unknown): string => (error as { code: string }).code;

describe('readings of one name', () => {
  it('given a missing name that is forgotten while its next reading waits, when many ask, then one is under way at a time', async () => {
    const set = scripted();
    await set.start();
    const gates = [held(), held(), held()];
    set.backend.script('read', ...gates.map(({ behaviour }) => behaviour));
    const asked: Promise<unknown>[] = [];
    const ask = (): void => {
      const fetches = [set.client.fetch('GONE', { forceRefresh: true }), set.client.fetch('GONE')];
      asked.push(...fetches.map((fetch) => fetch.catch(codeOf)), set.client.refresh('GONE'));
    };
    ask();
    await settled();
    for (const { release } of gates) {
      ask();
      await settled();
      release();
      await settled();
      ask();
    }
    for (const result of await Promise.all(asked)) expect(result).not.toBe('v');
    expect(set.backend.most).toBe(1);
    expect(set.client.status()).toEqual([]);
  });

  it('given it appears meanwhile, when it is read, then `refresh` reports it as changed alone, and status() has its version', async () => {
    const set = scripted();
    await set.start();
    const first = held();
    set.backend.script('read', first.behaviour);
    const gone = set.client.fetch('GONE').catch(codeOf);
    await settled();
    const refreshed = Promise.all([set.client.refresh('GONE'), set.client.refresh('GONE')]);
    set.backend.set('GONE', { value: 'here', version: '1' });
    first.release();
    const report = { changed: ['GONE'], unchanged: [], failed: [] };
    expect(await refreshed).toEqual([report, report]);
    expect(['SECRET_NOT_FOUND', 'here']).toContain(await gone);
    expect(set.statusOf('GONE')).toMatchObject({ version: '1' });
    expect(await set.client.fetch('GONE')).toBe('here');
    expect([set.backend.most, set.backend.count('read')]).toEqual([1, 2]);
  });

  it('given slow readings and callers of all kinds, when they ask at any time, then one is under way at a time', async () => {
    const set = scripted({}, { can: ['renew', 'list'] });
    set.backend.set('DB', { lease: MINUTE, renewable: true });
    await set.start('DB');
    await set.readers.open('DB');
    set.backend.always.read = delays(set.clock, 700);
    for (let n = 0; n < 40; n += 1) {
      set.readers.look();
      void set.client.refresh(n % 3 ? undefined : 'DB');
      if (n % 5 === 0) void set.client.reportRejected('DB');
      await set.clock.advance(300);
    }
    await set.clock.advance(MINUTE);
    expect(set.backend.most).toBe(1);
    expect(set.readers.pending).toBe(0);
  });
});

describe('answers that cross', () => {
  /** A path is read beside a reading by name: whichever was begun last is the newer. */
  async function ready(stored: object) {
    const set = scripted({ timeout: '1h', cache: { maxAge: '1d' } }, { can: ['readPath', 'revoke', 'renew'] });
    set.backend.set('app/KEY', stored);
    await set.start('app/KEY');
    return set;
  }

  it.each([
    ['a path', 'readPath'],
    ['a name', 'read'],
  ] as const)(
    'given an older reading of %s that answers late, when it comes after a newer answer, then it is dropped',
    async (_, slow) => {
      const set = await ready({ value: 'v1', version: '1' });
      const late = held();
      const read = { readPath: () => set.client.getByPath('app/'), read: () => set.client.refresh('app/KEY') };
      const quick = slow === 'read' ? 'readPath' : 'read';
      set.backend.set('app/KEY', { value: 'v2', version: '2' });
      set.backend.script(slow, late.behaviour);
      const older = read[slow]();
      await settled();
      set.backend.set('app/KEY', { value: 'v3', version: '3' });
      await read[quick]();
      expect(set.client.get('app/KEY')).toBe('v3');
      late.release();
      await older;
      await settled();
      expect(set.client.get('app/KEY')).toBe('v3');
      expect(set.statusOf('app/KEY')?.version).toBe('3');
      expect(set.rotations.map(({ current }) => current)).toEqual(['v3']);
    },
  );

  it('given a newer reading that failed, when the good answer of an older one comes, then that is kept', async () => {
    const set = await ready({ value: 'v1', version: '1' });
    const late = held();
    set.backend.set('app/KEY', { value: 'v2', version: '2' });
    set.backend.script('readPath', late.behaviour);
    const older = set.client.getByPath('app/');
    await settled();
    set.backend.script('read', fails(new SecretSourceUnavailableError('down.')));
    expect((await set.client.refresh('app/KEY')).failed).toHaveLength(1);
    late.release();
    await older;
    expect(set.client.get('app/KEY')).toBe('v2');
    expect(set.statusOf('app/KEY')).toMatchObject({ version: '2' });
  });

  it('given it is of credentials, when it comes after a newer one’s error, then its lease is kept; after a newer answer, it is ended, once', async () => {
    for (const newer of ['fails', 'answers'] as const) {
      const set = await ready({ lease: 10 * MINUTE });
      const late = held();
      set.backend.script('readPath', late.behaviour);
      const older = set.client.getByPath('app/').catch(codeOf);
      await settled();
      if (newer === 'fails') set.backend.script('read', fails(new SecretSourceUnavailableError('down.')));
      await set.client.refresh('app/KEY');
      late.release();
      await older;
      await settled();
      const served = newer === 'fails' ? 'app/KEY-2' : 'app/KEY-3';
      expect(set.client.get('app/KEY')).toEqual({ user: served });
      expect(set.backend.ended).toEqual(newer === 'fails' ? [] : ['app/KEY-2']);
      await set.runtime.shutdown();
      expect([...set.backend.ended].sort()).toEqual([...set.backend.opened].sort());
      expect(set.clock.pending).toBe(0);
    }
  });

  it('given an older answer that says "not found", when it comes after a newer value, then the value is not called gone', async () => {
    const set = await ready({ value: 'v1', version: '1' });
    const late = held();
    set.backend.stored.delete('app/KEY');
    set.backend.script('read', late.behaviour);
    const older = set.client.refresh('app/KEY');
    await settled();
    set.backend.set('app/KEY', { value: 'v2', version: '2' });
    await set.client.getByPath('app/');
    late.release();
    await older;
    expect(set.statusOf('app/KEY')).not.toHaveProperty('lastError');
    expect(set.client.get('app/KEY')).toBe('v2');
  });

  it('given an older reading that fails late, when a newer value is there, then no failure stands beside it', async () => {
    const set = await ready({ value: 'v1', version: '1' });
    set.backend.script('read', async (answer, context) => {
      await delays(set.clock, 5_000)(answer, context);
      throw new SecretSourceUnavailableError('down.');
    });
    const older = set.client.refresh('app/KEY');
    await settled();
    set.backend.set('app/KEY', { value: 'v2', version: '2' });
    await set.client.getByPath('app/');
    await set.clock.advance(5_000);
    await older;
    expect(set.client.get('app/KEY')).toBe('v2');
    expect(set.statusOf('app/KEY')).not.toHaveProperty('lastError');
  });
});
