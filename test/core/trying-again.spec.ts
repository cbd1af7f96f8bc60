import type { SecretError } from 'nestjs-hcp-vault';
import {
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
  SecretValidationError,
} from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { fails } from '../support/scripted-source.js';

const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

/** A chance that is another one each time. */
function changing(): () => number {
  let calls = 0;
  return () => ((calls += 1) * 0.37) % 1;
}

describe('a first load that fails', () => {
  it.each([
    ['wrong credentials of ours', new SecretAuthenticationError()],
    ['an opening that may have had an effect', new SecretSourceUnavailableError('cut off.', { effect: 'possible' })],
    ['a denial', new SecretAccessDeniedError()],
    ['a wrong configuration', new SecretConfigurationError('no such mount.')],
  ] as [string, SecretError][])(
    'given %s, when it starts, then it fails at once, after one reading',
    async (_, error) => {
      const set = scripted();
      set.backend.always.read = fails(error);
      let outcome: unknown;
      void outcomeOf(set.start('KEY')).then((failed) => (outcome = failed));
      await settled();
      expect(outcome).toMatchObject({ code: 'SECRET_BOOTSTRAP', errors: [{ code: error.code, secretName: 'KEY' }] });
      expect(set.backend.count('read')).toBe(1);
      expect(set.clock.pending).toBe(0);
    },
  );

  it('given one that is away and one that is missing, when it starts, then it waits for the first, asks again for that alone, and lists the other', async () => {
    const set = scripted();
    set.backend.set('AWAY', { failure: new SecretSourceUnavailableError('down.') });
    const starting = outcomeOf(set.start('AWAY', 'NOPE'));
    await set.clock.advance(5 * SECOND);
    set.backend.set('AWAY', { value: 'v1' });
    await set.clock.advance(20 * SECOND);
    expect(await starting).toMatchObject({ errors: [{ code: 'SECRET_NOT_FOUND', secretName: 'NOPE' }] });
    const [first, ...rest] = set.backend.calls
      .filter(({ operation }) => operation === 'read')
      .map(({ names }) => names.join());
    expect(first).toBe('AWAY,NOPE');
    expect(rest.length).toBeGreaterThan(1);
    expect(new Set(rest)).toEqual(new Set(['AWAY']));
  });

  it('given a listing that is away, when it comes back within the time, then all is there; when not, the listing’s error is told', async () => {
    for (const comesBack of [true, false]) {
      const set = scripted({}, { can: ['readAll'] });
      set.backend.set('KEY', { value: 'v1' });
      set.backend.always.readAll = fails(new SecretSourceUnavailableError('down.'));
      const starting = outcomeOf(set.runtime.bootstrap([], 'all'));
      await set.clock.advance(10 * SECOND);
      if (comesBack) delete set.backend.always.readAll;
      await set.clock.advance(25 * SECOND);
      if (comesBack) expect([await starting, set.client.get('KEY')]).toEqual([undefined, 'v1']);
      else expect(await starting).toMatchObject({ errors: [{ code: 'SECRET_SOURCE_UNAVAILABLE' }] });
      expect(set.backend.count('readAll')).toBeLessThan(15);
      expect(set.backend.count('read')).toBe(0);
    }
  });
});

describe('readings that failed', () => {
  it('given static secrets that failed together, when they are tried again, then together, with one request each time', async () => {
    const set = scripted({ random: changing() });
    const names = ['A', 'B', 'C', 'D'];
    for (const name of names) set.backend.set(name, { value: name });
    await set.start(...names);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.client.refresh();
    const before = set.backend.calls.length;
    await set.clock.advance(MINUTE);
    const tries = set.backend.calls.slice(before);
    expect(tries.length).toBeGreaterThan(2);
    for (const { names: asked } of tries) expect([...asked].sort()).toEqual(names);
  });

  it('given several that failed together, when they are tried again and again, then a source is asked for another one first each time', async () => {
    const set = scripted();
    const names = ['A', 'B', 'C', 'D'];
    for (const name of names) set.backend.set(name, { value: name });
    await set.start(...names);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.client.refresh();
    const before = set.backend.calls.length;
    await set.clock.advance(10 * MINUTE);
    const first = set.backend.calls.slice(before).map(({ names: [name] }) => name);
    expect([...new Set(first)].sort()).toEqual(names);
  });

  it('given credentials whose openings failed together, when they are tried again, then each by its own chance', async () => {
    const set = scripted({ random: changing() });
    const names = ['A', 'B', 'C', 'D'];
    for (const name of names) set.backend.set(name, { lease: HOUR });
    await set.start(...names);
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.clock.advance(0.9 * HOUR);
    expect(new Set(set.client.status().map(({ nextRefreshAt }) => nextRefreshAt?.getTime())).size).toBe(4);
  });

  it.each([
    ['there is none', new SecretNotFoundError()],
    ['it is denied', new SecretAccessDeniedError()],
    ['the source is set up wrongly', new SecretConfigurationError('no such mount.')],
    ['it is away', new SecretSourceUnavailableError('down.')],
  ] as [string, SecretError][])(
    'given %s, when credentials near their end, then it is tried with back-off; of a static secret, only what a moment may heal is',
    async (_, error) => {
      const set = scripted();
      set.backend.set('DB', { lease: HOUR });
      set.backend.set('KEY', { value: 'v1' });
      await set.start('DB', 'KEY');
      await set.clock.advance(0.65 * HOUR);
      set.backend.always.read = fails(error);
      await set.client.refresh('KEY');
      const from = set.clock.now();
      await set.clock.advance(0.3 * HOUR);
      const asked = (name: string): number =>
        set.backend.calls.filter(
          ({ names, at, operation }) => operation === 'read' && at > from && names.includes(name),
        ).length;
      expect(asked('DB')).toBeGreaterThan(5);
      if (error.code === 'SECRET_SOURCE_UNAVAILABLE') expect(asked('KEY')).toBeGreaterThan(5);
      else expect(asked('KEY')).toBeLessThan(2); // the regular refresh
      expect(set.client.get('DB')).toEqual({ user: 'DB-1' });
    },
  );

  it('given credentials that their schema refuses each time, when they near their end, then few are opened', async () => {
    const set = scripted();
    set.backend.set('DB', { lease: HOUR });
    await set.start('DB');
    set.backend.always.read = fails(new SecretValidationError('refused.'));
    await set.clock.advance(0.99 * HOUR);
    expect(set.backend.count('read')).toBeGreaterThan(3);
    expect(set.backend.count('read')).toBeLessThan(25);
  });
});

describe('status()', () => {
  it('given a value that is served, and then may be no more, when asked, then both say which version it is, and of when', async () => {
    const set = scripted({ cache: { maxAge: '10m', maxStale: '5m' } });
    set.backend.set('KEY', { value: 'v1', version: '1' });
    const loadedAt = new Date(set.clock.wall());
    await set.start('KEY');
    expect(set.statusOf('KEY')).toMatchObject({ version: '1', loadedAt, stale: false });
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.clock.advance(9 * MINUTE);
    expect(set.statusOf('KEY')).toMatchObject({ version: '1', loadedAt, stale: false });
    await set.clock.advance(2 * MINUTE);
    expect(set.statusOf('KEY')).toMatchObject({ version: '1', loadedAt, stale: true });
    await set.clock.advance(10 * MINUTE);
    expect(() => set.client.get('KEY')).toThrow();
    expect(set.statusOf('KEY')).toMatchObject({ version: '1', loadedAt, stale: true });
    set.backend.script('read', fails(new SecretNotFoundError()));
    await set.client.fetch('NOPE').catch(() => undefined);
    const nothing = set.client.ref('NEW');
    await settled();
    expect(() => nothing.value).toThrow();
    for (const key of ['version', 'loadedAt', 'lease', 'attempt']) expect(set.statusOf('NEW')).not.toHaveProperty(key);
    expect(set.statusOf('NEW')).toMatchObject({ stale: false, lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
  });
});
