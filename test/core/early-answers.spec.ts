import type { ReadContext } from 'nestjs-hcp-vault';
import { Lease, SecretSourceUnavailableError, SecretVersion } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { scripted, SECOND } from '../support/scripted-connection.js';

const after = (set: ReturnType<typeof scripted>, delay: number): Promise<void> => set.clock.sleep(delay);
const version = (value: string) => SecretVersion.of(value, { version: value });

/** FAST is delivered at once, SLOW comes (or fails) after three seconds. */
function halting(set: ReturnType<typeof scripted>, fast: () => string, end: () => unknown) {
  set.backend.always.read = async (answer, { deliver }: ReadContext) => {
    deliver?.(new Map([['FAST', version(fast())]]));
    await after(set, 3 * SECOND);
    return end() ?? answer();
  };
}

describe('answers that come before a reading is over', () => {
  it('given one part that takes long, when both are read, then who waits for the other has it at once, and the slow one comes later', async () => {
    const set = scripted();
    set.backend.set('FAST', { value: 'f1' });
    set.backend.set('SLOW', { value: 's1' });
    await set.start('FAST', 'SLOW');
    set.backend.set('SLOW', { value: 's2' });
    halting(
      set,
      () => 'f2',
      () => undefined,
    );
    set.backend.set('FAST', { value: 'f2', version: 'f2' });
    const done: string[] = [];
    for (const name of ['FAST', 'SLOW']) {
      void set.client.fetch(name, { forceRefresh: true }).then((value) => done.push(String(value)));
    }
    await set.clock.advance(SECOND / 2);
    expect([done, set.client.get('FAST'), set.client.get('SLOW')]).toEqual([['f2'], 'f2', 's1']);
    expect(set.statusOf('FAST')?.attempt).toBeUndefined();
    expect(set.statusOf('SLOW')?.attempt).toMatchObject({ kind: 'reading' });
    await set.clock.advance(3 * SECOND);
    expect([done, set.client.get('SLOW')]).toEqual([['f2', 's2'], 's2']);
    expect(set.rotations.map(({ name }) => name)).toEqual(['FAST', 'SLOW']);
    expect(set.backend.count('read')).toBe(2);
  });

  it('given a reading that fails in the end, when a part was delivered, then that stays, and only the rest has failed and is asked again', async () => {
    const set = scripted();
    set.backend.set('FAST', { value: 'f1' });
    set.backend.set('SLOW', { value: 's1' });
    await set.start('FAST', 'SLOW');
    set.backend.set('FAST', { value: 'f2', version: 'f2' });
    halting(
      set,
      () => 'f2',
      () => {
        throw new SecretSourceUnavailableError('cut off.');
      },
    );
    const reporting = set.client.refresh();
    await set.clock.advance(4 * SECOND);
    expect(await reporting).toMatchObject({ changed: ['FAST'], failed: [{ name: 'SLOW' }] });
    delete set.backend.always.read;
    await set.clock.advance(10 * SECOND);
    expect(set.backend.calls.filter(({ operation }) => operation === 'read').at(-1)?.names).toEqual(['SLOW']);
    expect(set.statusOf('SLOW')?.lastError).toBeUndefined();
  });

  it('given parts within a moment of each other, when they are delivered, then readers see them in one step', async () => {
    const set = scripted();
    const names = ['A', 'B', 'C'];
    for (const name of names) set.backend.set(name, { value: '1' });
    await set.start(...names);
    set.backend.always.read = async (_, { deliver }: ReadContext) => {
      for (const name of names) {
        deliver?.(new Map([[name, version('2')]]));
        await after(set, 20);
      }
      return new Map(names.map((name) => [name, version('2')]));
    };
    const seen: string[] = [];
    set.client.rotations$.subscribe(() => seen.push(names.map((name) => set.client.get(name)).join('')));
    void set.client.refresh();
    await set.clock.advance(SECOND);
    expect(seen).toEqual(['222', '222', '222']);
  });

  it('given all below a source read at once, when a part comes early and the end fails, then the part is kept', async () => {
    const set = scripted({}, { can: ['readAll'] });
    set.backend.set('FAST', { value: 'f1' });
    set.backend.set('SLOW', { value: 's1' });
    await set.runtime.bootstrap([], 'all');
    set.runtime.start();
    set.backend.always.readAll = async (_, { deliver }: ReadContext) => {
      deliver?.(new Map([['FAST', version('f2')]]));
      await after(set, SECOND);
      throw new SecretSourceUnavailableError('cut off.');
    };
    const reporting = set.client.refresh();
    await set.clock.advance(2 * SECOND);
    expect(await reporting).toMatchObject({ changed: ['FAST'], failed: [{ name: 'SLOW' }] });
  });

  it.each([0, SECOND])(
    'given all below a source read at once, when what comes early is given in the end too, %i ms later, then each rotation is told once',
    async (pause) => {
      const set = scripted({}, { can: ['readAll'] });
      for (const name of ['A', 'B']) set.backend.set(name, { value: '1' });
      await set.runtime.bootstrap([], 'all');
      set.runtime.start();
      const all = new Map(['A', 'B'].map((name) => [name, version('2')]));
      set.backend.always.readAll = async (_, { deliver }: ReadContext) => {
        deliver?.(new Map([...all].slice(0, 1)));
        if (pause > 0) await after(set, pause);
        return all;
      };
      const reporting = set.client.refresh();
      await set.clock.advance(2 * SECOND);
      expect((await reporting).changed).toEqual(['A', 'B']);
      expect(set.rotations.map(({ name, version: to }) => [name, to])).toEqual([
        ['A', '2'],
        ['B', '2'],
      ]);
    },
  );

  it('given credentials that were delivered, when the reading then times out and answers late, then only what nobody has is ended', async () => {
    const set = scripted({}, { can: ['revoke'] });
    const opened = (id: string) =>
      SecretVersion.of({ user: id }, { version: id, lease: Lease.of({ id, duration: 3600 * SECOND }) });
    const [fast, slow] = [opened('fast-1'), opened('slow-1')];
    set.backend.always.read = async (_, { deliver }: ReadContext) => {
      deliver?.(new Map([['FAST', fast]]));
      await after(set, 20 * SECOND);
      return new Map([
        ['FAST', fast],
        ['SLOW', slow],
      ]);
    };
    const fetched = set.client.fetch('FAST');
    void set.client.fetch('SLOW').catch(() => undefined);
    await set.clock.advance(SECOND);
    expect(await fetched).toEqual({ user: 'fast-1' });
    set.backend.always.read = () => new Promise(() => undefined);
    await set.clock.advance(25 * SECOND);
    await settled();
    expect(set.backend.ended).toEqual(['slow-1']);
  });

  it('given something odd, when it is delivered early, then it harms nothing', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    set.backend.always.read = async (answer, { deliver }: ReadContext) => {
      for (const odd of [undefined, 'text', new Map([['OTHER', version('x')]])]) deliver?.(odd as never);
      await after(set, SECOND);
      deliver?.(new Map([['KEY', 'no version' as never]]));
      return answer();
    };
    const starting = set.start('KEY');
    await set.clock.advance(2 * SECOND);
    set.backend.always.read = (answer) => answer();
    await set.clock.advance(2 * SECOND);
    await starting;
    await set.client.refresh();
    expect(set.client.get('KEY')).toBe('v1');
    expect(set.client.status().map(({ name }) => name)).toEqual(['KEY']);
  });
});

describe('the time for one attempt', () => {
  it('given a source that ends its attempts itself, when it says that it goes on later, then the call outlives its time-out by that', async () => {
    const set = scripted({ timeout: SECOND });
    const told: unknown[] = [];
    set.backend.set('KEY', { value: 'v1' });
    set.backend.always.read = async (answer, { timeout, progress }: ReadContext) => {
      told.push(timeout);
      progress?.(2 * SECOND);
      await after(set, 2.5 * SECOND);
      return answer();
    };
    const starting = set.start('KEY');
    await set.clock.advance(3 * SECOND);
    await starting;
    expect([told, set.client.get('KEY')]).toEqual([[SECOND], 'v1']);
  });

  it('given one call of very many requests, when each listens for its end, then nobody warns of a leak', async () => {
    const warned: unknown[] = [];
    const take = (warning: Error): void => void warned.push(warning.name);
    process.on('warning', take);
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    set.backend.always.read = (answer, { signal }: ReadContext) => {
      for (let request = 0; request < 200; request += 1) signal.addEventListener('abort', () => request);
      return answer();
    };
    await set.start('KEY');
    await settled();
    process.off('warning', take);
    expect(warned).toEqual([]);
  });
});
