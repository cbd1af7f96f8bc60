import { scripted } from '../support/scripted-connection.js';

const STORES = [
  ['a store that numbers versions', { version: '7' }, { version: '1' }],
  ['a store whose number stays', { version: '1' }, { version: '1' }],
  ['a store without versions', {}, {}],
] as const;

async function ready(stored: object) {
  const set = scripted();
  set.backend.set('KEY', stored);
  await set.start('KEY');
  await set.readers.open('KEY');
  return set;
}

describe('what is a rotation', () => {
  it.each(STORES)(
    'given %s, when a secret is deleted and made anew with another value, then that is a rotation',
    async (_, before, after) => {
      const set = await ready({ value: 'old', ...before });
      set.backend.stored.delete('KEY');
      expect((await set.client.refresh()).failed).toHaveLength(1);
      set.readers.look();
      set.backend.set('KEY', { value: 'new', ...after });
      expect(await set.client.refresh()).toEqual({ changed: ['KEY'], unchanged: [], failed: [] });
      await set.clock.advance(1);
      const from = set.readers.got.length;
      set.readers.look();
      await set.clock.advance(1);
      expect(set.readers.got.slice(from).map(({ value }) => value)).toEqual(Array.from({ length: 6 }, () => 'new'));
      expect(set.rotations).toHaveLength(1);
      expect(set.statusOf('KEY')).not.toHaveProperty('lastError');
    },
  );

  it.each([
    ['refresh()', (set: Awaited<ReturnType<typeof ready>>) => set.client.refresh()],
    ['refresh(name)', (set: Awaited<ReturnType<typeof ready>>) => set.client.refresh('KEY')],
    ['a forced fetch', (set: Awaited<ReturnType<typeof ready>>) => set.client.fetch('KEY', { forceRefresh: true })],
    ['a refused value', (set: Awaited<ReturnType<typeof ready>>) => set.client.reportRejected('KEY')],
    ['the job', (set: Awaited<ReturnType<typeof ready>>) => set.clock.advance(1_500_000)],
  ])('given a number that began again, when %s reads it, then the new value is there', async (_, read) => {
    const set = await ready({ value: 'old', version: '3' });
    set.backend.set('KEY', { value: 'new', version: '3' });
    await read(set);
    expect(set.client.get('KEY')).toBe('new');
    expect(set.rotations.map(({ previous, current }) => [previous, current])).toEqual([['old', 'new']]);
  });

  it('given a new number with an equal value, when it is read, then that is not a rotation, and status() shows the number', async () => {
    const set = await ready({ value: { b: 1, a: [1, 2] }, version: '1' });
    const ref = set.client.ref('KEY');
    const changes: unknown[] = [];
    ref.changes$.subscribe((value) => changes.push(value));
    const value = ref.value;
    set.backend.set('KEY', { value: { a: [1, 2], b: 1 }, version: '2' });
    expect(await set.client.refresh()).toEqual({ changed: [], unchanged: ['KEY'], failed: [] });
    expect(set.statusOf('KEY')?.version).toBe('2');
    expect(ref.version).toBe('2');
    expect(ref.value).toBe(value);
    expect(changes).toHaveLength(1);
    expect(set.rotations).toEqual([]);
    expect(set.told('rotated')).toEqual([]);
  });

  it('given a value that goes away and comes back, when each is read, then each is a rotation', async () => {
    const set = await ready({ value: 'a', version: '1' });
    for (const value of ['b', 'a', 'b']) {
      set.backend.set('KEY', { value, version: '1' });
      await set.client.refresh();
    }
    expect(set.rotations.map(({ current }) => current)).toEqual(['b', 'a', 'b']);
  });

  it.each([
    ['text', 'x', 'y'],
    ['bytes', Uint8Array.of(1, 2), Uint8Array.of(1, 3)],
    ['an object', { a: { b: [1] } }, { a: { b: [2] } }],
    ['text for an object', '{"a":1}', { a: 1 }],
    ['bytes for text', 'a', Uint8Array.of(97)],
    ['an empty list for an empty object', {}, []],
  ])(
    'given %s under one number, when it changes, then it is a rotation, and when it is equal, none',
    async (_, before, after) => {
      const set = await ready({ value: before, version: '1' });
      set.backend.set('KEY', { value: copyOf(before), version: '1' });
      expect((await set.client.refresh()).unchanged).toEqual(['KEY']);
      set.backend.set('KEY', { value: after, version: '1' });
      expect((await set.client.refresh()).changed).toEqual(['KEY']);
      expect(set.client.get('KEY')).toEqual(after);
    },
  );

  it('given an equal value whose arrays are of another realm, as structuredClone makes them in jest, when it is read, then it is not a rotation', async () => {
    const set = await ready({ value: { a: { b: [1] } }, version: '1' });
    set.backend.set('KEY', { value: structuredClone({ a: { b: [1] } }), version: '1' });
    expect((await set.client.refresh()).unchanged).toEqual(['KEY']);
  });
});

const copyOf = (value: unknown): unknown =>
  value instanceof Uint8Array ? Uint8Array.from(value) : (JSON.parse(JSON.stringify(value)) as unknown);
