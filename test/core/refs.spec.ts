import { SecretNotFoundError, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { fails } from '../support/scripted-source.js';

async function ready(value: unknown, options: Parameters<typeof scripted>[0] = {}) {
  const set = scripted(options);
  set.backend.set('DB', { value, version: '1' });
  await set.start('DB');
  let version = 1;
  const rotate = async (next: unknown): Promise<void> => {
    set.backend.set('DB', { value: next, version: String((version += 1)) });
    await set.client.refresh('DB');
    await settled();
  };
  return { ...set, rotate };
}

describe('a ref before its secret is there', () => {
  it.each([{}, { optional: true }])(
    'given %j, when it is read at once, then it says that nothing is loaded, and is read behind',
    async (options) => {
      const set = scripted();
      set.backend.set('KEY', { value: 'v1' });
      const ref = set.client.ref('KEY', options);
      for (const read of [() => ref.value, () => ref.loadedAt, () => ref.accepted]) {
        expect(read).toThrow(expect.objectContaining({ code: 'SECRET_NOT_LOADED' }));
      }
      expect([ref.version, ref.expiresAt]).toEqual([undefined, undefined]);
      await settled();
      expect([ref.value, ref.accepted, ref.loadedAt]).toEqual(['v1', ['v1'], new Date(set.clock.wall())]);
      expect(set.backend.count('read')).toBe(1);
    },
  );

  it('given a secret that is not there, when read, then an optional ref is undefined, whole and part, and another says what is wrong', async () => {
    const set = scripted();
    const refs = [{}, { field: 'a' }, { optional: true }, { optional: true, field: 'a' }].map((options) =>
      set.client.ref('NOPE', options),
    );
    await settled();
    const later = [set.client.ref('NOPE', { field: 'b' }), set.client.ref('NOPE', { field: 'b', optional: true })];
    const seen = [...refs, ...later].map((ref) => {
      try {
        return ref.value;
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(seen).toEqual(['SECRET_NOT_FOUND', 'SECRET_NOT_FOUND', undefined, undefined, 'SECRET_NOT_FOUND', undefined]);
  });

  it('given a source that is down, when an optional ref is read, then it throws: nobody knows whether there is one', async () => {
    const set = scripted();
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    const ref = set.client.ref('KEY', { optional: true });
    await settled();
    expect(() => ref.value).toThrow(expect.objectContaining({ code: 'SECRET_NOT_LOADED' }));
  });

  it('given the source’s own words for what is missing, when read, then readers get them', async () => {
    const set = scripted();
    set.backend.set('KEY', { failure: new SecretNotFoundError('deleted on Monday.') });
    const ref = set.client.ref('KEY');
    await settled();
    expect(() => ref.value).toThrow('deleted on Monday.');
  });
});

describe('the stream of a ref', () => {
  it('given a whole, a part and another part, when the secret rotates, then each hears of its own changes, the current value first', async () => {
    const set = await ready({ user: 'u1', port: 1 });
    const heard: Record<string, unknown[]> = { whole: [], user: [], port: [] };
    set.client.ref('DB').changes$.subscribe((value) => heard['whole']!.push(value));
    set.client.ref('DB', { field: 'user' }).changes$.subscribe((value) => heard['user']!.push(value));
    set.client
      .ref('DB')
      .field('port')
      .changes$.subscribe((value) => heard['port']!.push(value));
    await set.rotate({ user: 'u2', port: 1 });
    await set.rotate({ user: 'u2', port: 2 });
    expect(heard).toEqual({
      whole: [
        { user: 'u1', port: 1 },
        { user: 'u2', port: 1 },
        { user: 'u2', port: 2 },
      ],
      user: ['u1', 'u2'],
      port: [1, 2],
    });
  });

  it('given a field that a rotation takes away and another brings back, when told, then an optional ref hears of both, and another of its values alone', async () => {
    const set = await ready({ user: 'u1' });
    const heard: unknown[][] = [[], []];
    const refs = [false, true].map((optional) => set.client.ref('DB', { field: 'user', optional }));
    refs.forEach((ref, index) => ref.changes$.subscribe((value) => heard[index]!.push(value)));
    await set.rotate({});
    expect(() => refs[0]!.value).toThrow(expect.objectContaining({ code: 'SECRET_FIELD' }));
    expect(refs[1]!.value).toBeUndefined();
    await set.rotate({ user: 'u2' });
    expect(heard).toEqual([
      ['u1', 'u2'],
      ['u1', undefined, 'u2'],
    ]);
  });

  it('given streams that are left, or a closed app, when there is nothing more to hear, then they are let go, and complete', async () => {
    const set = await ready('v1');
    const { live } = set.runtime.pin('DB');
    const before = live.listenerCount;
    const ended: string[] = [];
    const left = set.client.ref('DB').changes$.subscribe({ complete: () => ended.push('left') });
    set.client.ref('DB').changes$.subscribe({ complete: () => ended.push('stays') });
    expect(live.listenerCount).toBe(before + 2);
    left.unsubscribe();
    expect(live.listenerCount).toBe(before + 1);
    await set.runtime.shutdown();
    expect([ended, live.listenerCount]).toEqual([['stays'], before]);
    const late: unknown[] = [];
    set.client
      .ref('DB')
      .changes$.subscribe({ next: (value) => late.push(value), complete: () => late.push('complete') });
    expect(late).toEqual(['v1', 'complete']);
  });
});

describe('values that were replaced', () => {
  it('given an overlap of one reader, when the secret rotates, then that one accepts the value before until the overlap is over, and others never', async () => {
    const set = await ready({ key: 'k1', other: 1 });
    const accepting = set.client.ref('DB', { field: 'key', overlap: '1m' });
    const strict = set.client.ref('DB', { field: 'key' });
    await set.clock.advance(SECOND);
    await set.rotate({ key: 'k2', other: 2 });
    await set.clock.advance(30 * SECOND);
    await set.rotate({ key: 'k3', other: 3 });
    expect([accepting.accepted, strict.accepted]).toEqual([['k3', 'k2', 'k1'], ['k3']]);
    await set.clock.advance(30 * SECOND - 1);
    expect(accepting.accepted).toEqual(['k3', 'k2', 'k1']);
    await set.clock.advance(1);
    expect(accepting.accepted).toEqual(['k3', 'k2']);
    await set.clock.advance(30 * SECOND);
    expect(accepting.accepted).toEqual(['k3']);
  });

  it('given two overlaps, when the secret rotates, then each reader goes by its own', async () => {
    const set = await ready('k1');
    const [long, short] = ['10m', '1m'].map((overlap) => set.client.ref('DB', { overlap }));
    await set.rotate('k2');
    await set.clock.advance(5 * MINUTE);
    expect([long!.accepted, short!.accepted]).toEqual([['k2', 'k1'], ['k2']]);
  });

  it('given a replaced value that leaked, when it is dropped, then nobody accepts it any more, and the next ones are kept', async () => {
    const set = await ready('k1');
    const ref = set.client.ref('DB', { overlap: '10m' });
    await set.rotate('k2');
    ref.dropPrevious();
    expect(ref.accepted).toEqual(['k2']);
    await set.rotate('k3');
    expect(ref.accepted).toEqual(['k3', 'k2']);
  });

  it('given a value that may be served no more, when another comes within the overlap, then that alone is accepted', async () => {
    const set = await ready('k1', { cache: { maxAge: '10m', maxStale: '1m' } });
    const ref = set.client.ref('DB', { overlap: '1d' });
    await set.rotate('k2');
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.clock.advance(12 * MINUTE);
    expect(() => ref.accepted).toThrow('`maxStale`');
    delete set.backend.always.read;
    await set.rotate('k3');
    expect(ref.accepted).toEqual(['k3']);
  });

  it('given a value before without the field, when accepted values are asked for, then it is left out', async () => {
    const set = await ready({});
    const ref = set.client.ref('DB', { field: 'key', overlap: '10m', optional: true });
    expect(ref.accepted).toEqual([]);
    await set.rotate({ key: 'k2' });
    expect(ref.accepted).toEqual(['k2']);
  });

  it('given bytes, when accepted ones are read, then each is a copy of its own', async () => {
    const set = await ready(Uint8Array.of(1));
    const ref = set.client.ref<Uint8Array>('DB', { overlap: '10m' });
    await set.rotate(Uint8Array.of(2));
    for (const value of ref.accepted) value[0] = 9;
    expect(ref.accepted.map((value) => [...value])).toEqual([[2], [1]]);
  });
});
