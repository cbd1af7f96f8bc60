import { settled } from '../support/fake-clock.js';
import { HOUR, scripted } from '../support/scripted-connection.js';

const NAMES = Array.from({ length: 600 }, (_, n) => `S${n}`);

/** Many secrets that rotate together; each spy reads them all (a sample, where there are many). */
async function ready(can: 'readAll'[] = [], names = NAMES) {
  const set = scripted({}, { can });
  const put = (generation: number): void => {
    for (const name of names) set.backend.set(name, { value: { generation }, version: String(generation) });
  };
  put(1);
  await set.runtime.bootstrap(
    names.map((name) => ({ name, need: 'required' as const })),
    can.length > 0 ? 'all' : 'decorated',
  );
  set.runtime.start();
  const refs = names.map((name) => set.client.ref<{ generation: number }>(name));
  const mixed: string[] = [];
  let looks = 0;
  const look = (where: string): void => {
    looks += 1;
    const seen = new Set(refs.map((ref) => ref.value.generation));
    if (seen.size > 1) mixed.push(where);
  };
  return { ...set, put, refs, look, mixed, looks: () => looks };
}

describe('a publication of many', () => {
  it.each([[[]], [['readAll' as const]]])(
    'given subscribers of every kind that read all others, when all rotate (%j), then none ever sees old beside new',
    async (can) => {
      const set = await ready(can, NAMES.slice(0, 120));
      set.client.rotations$.subscribe(() => set.look('rotations$'));
      set.client.events$.subscribe(() => set.look('events$'));
      for (const ref of set.refs) ref.changes$.subscribe(() => set.look('changes$'));
      for (const name of NAMES.slice(0, 120)) {
        set.runtime.pin(name).live.onChange(undefined, () => set.look('onChange'));
        set.runtime.pin(name).live.onRotation(() => set.look('onRotation'));
      }
      for (const generation of [2, 3]) {
        set.put(generation);
        const before = set.looks();
        const refreshing = set.client.refresh();
        let isOver = false;
        void refreshing.finally(() => (isOver = true));
        while (!isOver) {
          set.look('between turns');
          await new Promise((resolve) => setImmediate(resolve));
        }
        await settled();
        expect((await refreshing).changed).toHaveLength(120);
        expect(set.looks() - before).toBeGreaterThan(4 * 120);
        expect(set.mixed).toEqual([]);
        expect(set.refs[0]!.value).toEqual({ generation });
      }
      expect(set.rotations).toHaveLength(240);
    },
    60_000,
  );

  it('given a subscriber that throws, reads by the client, or refreshes, when many rotate, then the others are told, and nothing is mixed', async () => {
    const set = await ready([], NAMES.slice(0, 50));
    let heard = 0;
    let again: Promise<unknown> | undefined;
    set.client.rotations$.subscribe(({ name }) => {
      heard += 1;
      expect(set.client.get('S49')).toEqual({ generation: 2 });
      expect(set.client.get(name)).toEqual({ generation: 2 });
      again ??= set.client.refresh();
    });
    set.put(2);
    await set.client.refresh();
    await again;
    expect(heard).toBe(50);
    expect(set.mixed).toEqual([]);
  });

  it('given the job, and aged readers, when all are due together, then they come in one reading, and nobody sees a mix', async () => {
    const set = await ready([], NAMES);
    set.put(2);
    set.client.events$.subscribe(({ name }) => name === 'S7' && set.look('events$'));
    for (let hour = 0; hour < 2; hour += 1) {
      await set.clock.advance(HOUR / 4);
      set.look('job');
      set.look('aged readers');
      await settled();
      set.look('later');
    }
    await set.clock.advance(HOUR);
    expect(set.refs[0]!.value).toEqual({ generation: 2 });
    expect(set.mixed).toEqual([]);
    expect(set.rotations).toHaveLength(NAMES.length);
    const [, second] = set.backend.calls;
    expect(second!.names).toHaveLength(NAMES.length);
  });

  it('given status() asked by a listener, when many rotate, then versions there are those that readers have', async () => {
    const set = await ready([], NAMES.slice(0, 40));
    const odd: unknown[] = [];
    set.client.events$.subscribe(({ type }) => {
      if (type !== 'rotated') return;
      for (const status of set.client.status()) {
        const { generation } = set.client.get<{ generation: number }>(status.name);
        if (String(generation) !== status.version) odd.push(status.name);
      }
    });
    set.put(2);
    await set.client.refresh();
    expect(odd).toEqual([]);
  });

  it('given an async schema of one secret, when all rotate, then readers see all new values in one turn', async () => {
    const slow = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: async (value: unknown) => {
          await settled(3);
          return { value };
        },
      },
    };
    const set = scripted({ schema: { S1: slow } });
    const names = ['S0', 'S1', 'S2'];
    for (const name of names) set.backend.set(name, { value: { generation: 1 } });
    await set.start(...names);
    for (const name of names) set.backend.set(name, { value: { generation: 2 } });
    const seen = new Set<string>();
    const refreshing = set.client.refresh();
    for (let turn = 0; turn < 30; turn += 1) {
      seen.add(names.map((name) => set.client.get<{ generation: number }>(name).generation).join(''));
      await settled(1);
    }
    await refreshing;
    expect([...seen]).toEqual(['111', '222']);
  });
});
