import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { deaf, delays, fails, hangs, held } from '../support/scripted-source.js';

type Connection = ReturnType<typeof scripted>;

async function ready(options: Parameters<typeof scripted>[0] = {}, can: ('release' | 'readAll')[] = []) {
  const set = scripted(options, { can: ['renew', 'revoke', 'write', ...can] });
  set.backend.set('KEY', { value: 'v1' });
  set.backend.set('DB', { lease: 10 * MINUTE, renewable: true });
  await set.start('KEY', 'DB');
  return set;
}

/** Closes, and looks at what may never be after it. */
async function close(set: Connection, takes = 0): Promise<void> {
  const closing = set.runtime.shutdown();
  let isClosed = false;
  void closing.then(() => (isClosed = true));
  await settled();
  for (let passed = 0; passed < takes && !isClosed; passed += 100) await set.clock.advance(100);
  expect(isClosed).toBe(true);
  const calls = set.backend.calls.length;
  await settled();
  expect(set.clock.pending).toBe(0);
  await set.clock.advance(60 * MINUTE);
  expect(set.backend.calls.length).toBe(calls);
  expect(set.backend.calls.at(-1)?.operation).toBe('close');
}

/** Each lease that was opened has been ended, and once. */
const endedOnce = (set: Connection): void => {
  expect([...set.backend.ended].sort()).toEqual([...set.backend.opened].sort());
};

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ code: (error as { code?: string }).code }),
  );

const UNAVAILABLE = { code: 'SECRET_SOURCE_UNAVAILABLE' };

describe('the end of a connection', () => {
  it('given leases in use, when it closes, then each is ended once, and no timer is left', async () => {
    const set = await ready();
    await close(set);
    expect(set.backend.ended).toEqual(['DB-1']);
    expect(set.client.get('KEY')).toBe('v1'); // values stay readable
  });

  it.each(['refresh', 'a first fetch', 'a forced fetch'])(
    'given an opening by %s under way, when it closes, then it is awaited, and its lease ended once',
    async (kind) => {
      const set = await ready();
      set.backend.set('NEW', { lease: 10 * MINUTE });
      const late = held();
      set.backend.script('read', late.behaviour);
      const name = kind === 'a first fetch' ? 'NEW' : 'DB';
      const opening = outcome(
        kind === 'refresh'
          ? set.client.refresh('DB')
          : set.client.fetch(name, { forceRefresh: kind === 'a forced fetch' }),
      );
      await settled();
      const closing = set.runtime.shutdown();
      await settled();
      expect(set.backend.count('close')).toBe(0);
      late.release();
      await closing;
      endedOnce(set);
      expect(set.backend.opened).toHaveLength(2);
      expect(set.backend.calls.at(-1)?.operation).toBe('close');
      await opening;
      expect(set.clock.pending).toBe(0);
    },
  );

  it('given an opening and a second one that waits behind it, when it closes, then only the first is made', async () => {
    const set = await ready();
    const late = held();
    set.backend.script('read', late.behaviour);
    const first = outcome(set.client.refresh('DB'));
    await settled();
    const second = outcome(set.client.refresh('DB'));
    const closing = set.runtime.shutdown();
    await settled();
    late.release();
    await closing;
    await Promise.all([first, second]);
    endedOnce(set);
    expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
  });

  it('given an opening that was asked for in this turn, when it closes in the same, then it is not begun', async () => {
    const set = await ready();
    const asked = outcome(set.client.refresh('DB'));
    await close(set);
    expect(await asked).toMatchObject({ value: { failed: [{ name: 'DB' }] } });
    expect(set.backend.opened).toEqual(['DB-1']);
    endedOnce(set);
  });

  it.each([
    ['heeds its abortion', hangs],
    ['is deaf', deaf],
  ])(
    'given an opening that hangs and %s, when it closes, then that is bounded, and the other leases end',
    async (_, behaviour) => {
      const set = await ready();
      set.backend.script('read', behaviour);
      const opening = outcome(set.client.fetch('DB', { forceRefresh: true }));
      await settled();
      await close(set, 8 * SECOND);
      expect(await opening).toEqual(UNAVAILABLE);
      endedOnce(set);
    },
  );

  it('given a reading that opens nothing, when it closes, then it is aborted at once', async () => {
    const set = await ready();
    let aborted = false;
    set.backend.script('read', (_answer, { signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => undefined);
    });
    const reading = outcome(set.client.fetch('KEY', { forceRefresh: true }));
    await settled();
    await close(set);
    expect(aborted).toBe(true);
    expect(await reading).toEqual(UNAVAILABLE);
    expect(set.lines).toEqual([]);
  });

  it('given a renewal under way, when it closes, then it is aborted, the lease ended once, and nothing is told as a failure', async () => {
    const set = await ready();
    set.backend.script('renew', hangs);
    await set.clock.advance(7.3 * MINUTE);
    expect(set.statusOf('DB')?.attempt?.kind).toBe('renewal');
    await close(set);
    endedOnce(set);
    expect(set.told('lease-renewal-failed')).toEqual([]);
    expect(set.backend.opened).toHaveLength(1);
  });

  it.each([true, false])(
    'given replaced credentials (released early: %s), when it closes, then all are ended, each once',
    async (releases) => {
      const set = await ready({}, releases ? ['release'] : []);
      for (let n = 0; n < 3; n += 1) await set.client.refresh('DB');
      await settled();
      await close(set);
      expect(set.backend.opened).toHaveLength(4);
      endedOnce(set);
    },
  );

  it('given replaced credentials that somebody works with still, when it closes, then they are ended, once', async () => {
    const set = await ready({ overlap: '5m' }, ['release']);
    set.client.ref('DB');
    const work = held();
    const working = set.client.withSecret('DB', async () => work.behaviour(() => undefined, {} as never));
    await settled();
    await set.client.refresh('DB');
    await close(set);
    endedOnce(set);
    work.release();
    await working;
    await set.clock.advance(10 * MINUTE);
    endedOnce(set);
  });

  it('given a lease whose release is under way, when it closes, then that is awaited, and it is not ended again', async () => {
    const set = await ready({}, ['release']);
    set.backend.script('release', delays(set.clock, SECOND));
    await set.client.refresh('DB');
    await settled();
    await close(set, 5 * SECOND);
    endedOnce(set);
  });

  it('given a revocation that hangs, when it closes, then that is bounded, and the source closed', async () => {
    const set = await ready();
    set.backend.always.revoke = deaf;
    await close(set, 8 * SECOND);
    expect(set.backend.count('revoke')).toBe(1);
    expect(set.lines).toHaveLength(1);
  });

  it('given a source that can’t be closed, when it closes, then that is one line without the text, and it has closed', async () => {
    const set = await ready();
    set.backend.script('close', fails(new Error('canary-value')));
    await set.runtime.shutdown();
    expect(set.lines.filter((line) => line.includes('could not be closed'))).toHaveLength(1);
    expect(set.lines.join()).not.toContain('canary');
    expect(set.clock.pending).toBe(0);
  });

  it('given credentials that come in after the bound, when they do, then nothing is called any more', async () => {
    const set = await ready({ timeout: '1m' });
    const late = held();
    set.backend.script('read', late.behaviour);
    const opening = outcome(set.client.refresh('DB'));
    await settled();
    await close(set, 10 * SECOND);
    const calls = set.backend.calls.length;
    late.release();
    await opening;
    await set.clock.advance(MINUTE);
    expect(set.backend.calls.length).toBe(calls);
  });

  it('given an opening that timed out, when its credentials come after all, then they are ended', async () => {
    const set = await ready({ timeout: '1s' });
    const late = held();
    set.backend.script('read', late.behaviour);
    const opening = outcome(set.client.fetch('DB', { forceRefresh: true }));
    await set.clock.advance(2 * SECOND);
    expect(await opening).toEqual(UNAVAILABLE);
    late.release();
    await settled();
    expect(set.backend.ended).toEqual(['DB-2']);
    expect(set.client.get('DB')).toEqual({ user: 'DB-1' });
    await close(set);
    endedOnce(set);
  });
});

describe('work that outlives the app', () => {
  it('given a fetch in a back-off, when the door shuts, then it rejects at once', async () => {
    const set = await ready();
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await outcome(set.client.fetch('NEW'));
    const waiting = outcome(set.client.fetch('NEW'));
    await settled();
    const before = set.backend.count('read');
    await close(set);
    expect(await waiting).toEqual(UNAVAILABLE);
    expect(set.backend.count('read')).toBe(before);
  });

  it('given a closed connection, when it is asked for anything, then that rejects or reports, and nothing is called or opened', async () => {
    const set = await ready();
    await set.readers.open('DB');
    const rejections = outcome(set.client.reportRejected('KEY'));
    await close(set);
    const calls = set.backend.calls.length;
    const asked = await Promise.all(
      [
        set.client.fetch('KEY'),
        set.client.fetch('NEW'),
        set.client.fetch('DB', { forceRefresh: true }),
        set.client.withSecret('KEY', (value) => Promise.resolve(value)),
        set.client.update('KEY', 'x'),
        set.client.list(),
        set.client.exists('KEY'),
        set.client.fetchSecrets(),
        set.client.getByPath('K'),
      ].map(outcome),
    );
    expect(asked).toEqual(asked.map(() => UNAVAILABLE));
    set.readers.look();
    await settled();
    expect(set.readers.between(0, Infinity, 'use').every(({ error }) => error !== undefined)).toBe(true);
    const report = await set.client.refresh();
    expect(report.failed.map(({ name }) => name)).toEqual(expect.arrayContaining(['KEY', 'DB']));
    expect(report.changed).toEqual([]);
    await set.client.reportRejected('DB');
    await rejections;
    await set.clock.advance(60 * MINUTE);
    expect(set.backend.calls.length).toBe(calls);
    expect(set.clock.pending).toBe(0);
  });

  it('given work of withSecret that is refused while the app closes, when it is tried again, then it opens nothing', async () => {
    const set = await ready();
    let times = 0;
    const working = outcome(
      set.client.withSecret(
        'DB',
        () => {
          times += 1;
          return Promise.reject(new Error('refused'));
        },
        { rejects: () => true },
      ),
    );
    const closing = set.runtime.shutdown();
    await set.clock.advance(MINUTE);
    await closing;
    expect(await working).toHaveProperty('code');
    endedOnce(set);
    expect(times).toBeLessThan(3);
    expect(set.clock.pending).toBe(0);
  });

  it('given a start that fails, when another secret was opened in it, then its lease is ended, once', async () => {
    const set = scripted({ bootstrapTimeout: 0 }, { can: ['revoke'] });
    set.backend.set('DB', { lease: MINUTE });
    await expect(set.start('DB', 'MISSING')).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    endedOnce(set);
    expect(set.backend.opened).toHaveLength(1);
    expect(set.clock.pending).toBe(0);
  });
});
