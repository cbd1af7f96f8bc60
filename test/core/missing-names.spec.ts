import { MissingNames } from '../../lib/core/tracking/missing-names.js';
import { SecretNotFoundError } from 'nestjs-hcp-vault';
import type { ChangeListener } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';

type Set = ReturnType<typeof scripted>;
const missed = (set: Set, name = 'NOPE', options = {}): Promise<unknown> =>
  set.client.fetch(name, options).then(
    () => 'found',
    (error: { code: string }) => error.code,
  );
const reads = (set: Set): number => set.backend.count('read');

describe('a secret that is not there', () => {
  it('given 200 fetches of one, one after another, when nothing changes, then the source is asked once', async () => {
    const set = scripted();
    for (let call = 0; call < 200; call += 1) expect(await missed(set)).toBe('SECRET_NOT_FOUND');
    expect(reads(set)).toBe(1);
    expect(set.client.status()).toEqual([]);
  });

  it('given fetches each second, when they go on, then the while doubles with each reading, to a minute', async () => {
    const set = scripted();
    for (let second = 0; second < 300; second += 1) {
      await missed(set);
      await set.clock.advance(SECOND);
    }
    const gaps = set.backend.timesOf('read').map((at, index, all) => (at - (all[index - 1] ?? 0)) / SECOND);
    expect(gaps).toEqual([0, 5, 10, 20, 40, 60, 60, 60]);
  });

  it('given one that comes to be, when the while is over, then it is found, and what was remembered is forgotten', async () => {
    const set = scripted();
    await missed(set);
    set.backend.set('NOPE', { value: 'v1' });
    expect(await missed(set)).toBe('SECRET_NOT_FOUND');
    await set.clock.advance(5 * SECOND);
    expect(await set.client.fetch('NOPE')).toBe('v1');
  });

  it.each<[string, (set: Set) => Promise<unknown>]>([
    ['a forced fetch', (set) => set.client.fetch('NOPE', { forceRefresh: true })],
    ['an update', (set) => set.client.update('NOPE', 'v1')],
    ['a refresh of it', (set) => set.client.refresh('NOPE')],
    ['a refresh of all', (set) => set.client.refresh()],
  ])('given one that comes to be, when %s comes, then it passes what is remembered', async (_, work) => {
    const set = scripted({}, { can: ['write'] });
    await missed(set);
    set.backend.set('NOPE', { value: 'v1' });
    await work(set);
    expect(await set.client.fetch('NOPE')).toBe('v1');
  });

  it.each([[['NOPE']], [undefined]])(
    'given one that comes to be, when %j is announced, then it is looked for',
    async (changes) => {
      let announce!: ChangeListener;
      const watch = (listener: ChangeListener) => {
        announce = listener;
        return () => undefined;
      };
      const set = scripted({}, { more: { watch } });
      set.backend.set('KEY', { value: 'k' });
      await set.start('KEY');
      await missed(set);
      set.backend.set('NOPE', { value: 'v1' });
      announce(changes);
      await settled();
      expect(await set.client.fetch('NOPE')).toBe('v1');
      await set.runtime.shutdown();
    },
  );

  it('given one version of a secret that is not there, when the secret itself is fetched, then that comes', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'k', version: '1' });
    set.backend.always.read = (answer, { version }) => (version === undefined ? answer() : new Map());
    expect(await missed(set, 'KEY', { version: '9' })).toBe('SECRET_NOT_FOUND');
    expect(await missed(set, 'KEY', { version: '9' })).toBe('SECRET_NOT_FOUND');
    expect(await set.client.fetch('KEY')).toBe('k');
    expect(reads(set)).toBe(2);
  });

  it('given a forced reading within the while, when it finds nothing again, then the while is the longer', async () => {
    const set = scripted();
    await missed(set);
    await missed(set, 'NOPE', { forceRefresh: true });
    await set.clock.advance(9 * SECOND);
    await missed(set);
    expect(reads(set)).toBe(2);
    await set.clock.advance(2 * SECOND);
    await missed(set);
    expect(reads(set)).toBe(3);
  });

  it('given an error that is not an answer, or `maxMissing: 0`, when fetched again, then nothing is remembered', async () => {
    const set = scripted({ cache: { maxMissing: 0 } });
    await missed(set);
    await missed(set);
    expect(reads(set)).toBe(2);
  });

  it('given a value that is gone at the source, when fetched, then it is served as before', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'k' });
    await set.start('KEY');
    set.backend.stored.delete('KEY');
    await set.client.refresh();
    expect(await set.client.fetch('KEY')).toBe('k');
    await set.runtime.shutdown();
  });

  it('given more names than may be kept, when they are noted, then the longest known are forgotten, and a name shows nowhere', () => {
    const missing = new MissingNames(5 * SECOND, 2);
    for (const name of ['A', 'B', 'C']) missing.note(name, new SecretNotFoundError(), 0);
    expect(['A', 'B', 'C'].map((name) => missing.errorOf(name, MINUTE / 60) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    missing.forget('B');
    expect(missing.errorOf('B', 0)).toBeUndefined();
    expect(String(missing)).not.toContain('C');
  });
});
