import { SecretAccessDeniedError, SecretVersion } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { HOUR, scripted, SECOND } from '../support/scripted-connection.js';
import { deaf, fails, held } from '../support/scripted-source.js';

describe('forced readings of one secret', () => {
  it('given 10,000 callers during a reading, when it is done, then one more reading answers them all', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    const first = held();
    const second = held();
    set.backend.script('read', first.behaviour, second.behaviour);
    const early = set.client.fetch('KEY');
    await settled();
    set.backend.set('KEY', { value: 'v2' });
    const forced = Array.from({ length: 10_000 }, () => set.client.fetch('KEY', { forceRefresh: true }));
    first.release();
    expect(await early).toBe('v1');
    await settled();
    second.release();
    expect(new Set(await Promise.all(forced))).toEqual(new Set(['v2']));
    expect([set.backend.count('read'), set.backend.most]).toEqual([2, 1]);
  });

  it('given a callers’ mix of plain and forced, when the reading has not begun, then all share it', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    const asked = [set.client.fetch('KEY'), set.client.fetch('KEY', { forceRefresh: true }), set.client.refresh('KEY')];
    await Promise.all(asked);
    expect(set.backend.count('read')).toBe(1);
  });

  it('given a secret that turns out to be credentials, when a refresh of all and one by name wait behind its first reading, then the one by name opens new ones, once', async () => {
    const set = scripted();
    set.backend.set('DB', { lease: HOUR });
    const first = held();
    set.backend.script('read', first.behaviour);
    const early = set.client.fetch('DB');
    await settled();
    const all = set.client.refresh();
    const byName = set.client.refresh('DB');
    first.release();
    await Promise.all([early, all]);
    expect(await byName).toMatchObject({ changed: ['DB'], failed: [] });
    expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
    expect(set.client.get('DB')).toEqual({ user: 'DB-2' });
  });

  it('given a forced reading that fails, when fetched, then that rejects, and the value stays for others', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    set.backend.script('read', fails(new SecretAccessDeniedError()));
    await expect(set.client.fetch('KEY', { forceRefresh: true })).rejects.toMatchObject({
      code: 'SECRET_ACCESS_DENIED',
    });
    expect(await set.client.fetch('KEY')).toBe('v1');
  });
});

describe('a source that does not answer', () => {
  it.each([
    [['A'], 'no answer to "read" within 10000 ms'],
    [['A', 'B'], 'no answer to "read 2 secrets" within 10000 ms'],
  ])('given %j asked for, when the time is over, then the error says what was asked', async (names, text) => {
    const set = scripted();
    set.backend.always.read = deaf;
    const asked = names.map((name) => set.client.fetch(name).catch((error: unknown) => error));
    await set.clock.advance(10 * SECOND);
    for (const error of await Promise.all(asked)) expect((error as Error).message).toContain(text);
  });

  it.each([
    ['no Map', 'late'],
    ['nothing', undefined],
    ['a Map of other things', new Map<string, unknown>([['KEY', 7]])],
    ['a value without a lease', new Map([['KEY', SecretVersion.of('v2')]])],
  ])('given %s after its time, when it comes, then nothing is made of it', async (_, late) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const set = scripted({ timeout: '1s' }, { can: ['revoke'] });
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    let answer!: (value: unknown) => void;
    set.backend.script('read', () => new Promise((resolve) => (answer = resolve)));
    const forced = set.client.fetch('KEY', { forceRefresh: true }).catch(() => 'late');
    await set.clock.advance(2 * SECOND);
    expect(await forced).toBe('late');
    answer(late);
    await settled();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    expect(set.client.get('KEY')).toBe('v1');
    expect(set.backend.count('revoke')).toBe(0);
    expect(set.client.status()).toHaveLength(1);
  });

  it('given credentials of two names among others after their time, when they come, then both are ended', async () => {
    const set = scripted({ timeout: '1s' }, { can: ['revoke'] });
    for (const name of ['A', 'B']) set.backend.set(name, { lease: HOUR });
    set.backend.set('KEY', { value: 'v1' });
    const late = held();
    set.backend.script('read', late.behaviour);
    const asked = ['A', 'KEY', 'B'].map((name) => set.client.fetch(name).catch(() => 'late'));
    await set.clock.advance(2 * SECOND);
    expect(await Promise.all(asked)).toEqual(['late', 'late', 'late']);
    late.release();
    await settled();
    expect(set.backend.ended).toEqual(['A-1', 'B-1']);
  });
});

describe('several versions of one secret', () => {
  it('given each is read by somebody, when the name is refreshed, then all of them are, and each is reported', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    for (const version of ['1', '2', undefined]) await set.client.fetch('KEY', { version });
    const before = set.backend.calls.length;
    set.backend.set('KEY', { value: 'v2' });
    expect(await set.client.refresh('KEY')).toMatchObject({ changed: ['KEY', 'KEY', 'KEY'], failed: [] });
    expect(set.backend.calls.slice(before).map(({ names }) => names)).toEqual([['KEY'], ['KEY'], ['KEY']]);
    expect(['1', '2', undefined].map((version) => set.client.get('KEY', { version }))).toEqual(['v2', 'v2', 'v2']);
    expect(set.client.status().map(({ requestedVersion }) => requestedVersion)).toEqual(['1', '2', undefined]);
  });

  it('given more than the cache holds, when one is evicted, then it is read no more with the name, and the others are', async () => {
    const set = scripted({ cache: { maxEntries: 2 } });
    set.backend.set('KEY', { value: 'v1' });
    for (const version of ['1', '2', '3']) await set.client.fetch('KEY', { version });
    const before = set.backend.calls.length;
    await set.client.refresh('KEY');
    expect(set.backend.calls.length - before).toBe(3); // the current one, and two versions
  });
});
