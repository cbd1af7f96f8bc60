import { Lease } from '../../../lib/core/secret/lease.js';
import { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import type { SecretSource } from '../../../lib/core/source/secret-source.js';
import { firstOf } from '../../../lib/sources/first-of/index.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import { context, valuesOf } from '../support/hcp.js';

const readOnly = (values: Record<string, string>): SecretSource => {
  const memory = memorySource(values);
  return { kind: 'read-only', read: (...of) => memory.read(...of), exists: (...of) => memory.exists(...of) };
};

/** Issues a lease a reading, and keeps account of them. */
function leasing(name: string, kind: string) {
  const issued: Lease[] = [];
  const ended: Lease[] = [];
  const source = {
    kind,
    read: async (names: readonly string[]) => {
      const found = new Map<string, SecretVersion>();
      if (names.includes(name)) {
        issued.push(Lease.of({ id: `${kind}-${issued.length + 1}`, duration: '1h', renewable: true }));
        found.set(name, SecretVersion.of('credentials', { lease: issued.at(-1) }));
      }
      return found;
    },
    renew: async (lease: Lease) => Lease.of({ id: `${lease.id}-renewed`, duration: '1h', renewable: true }),
    revoke: async (lease: Lease) => void ended.push(lease),
  } satisfies SecretSource;
  return { source, issued, ended };
}

describe('firstOf: writing', () => {
  test('given a secret in a later writable source, when written, then it is written there', async () => {
    const first = memorySource({ A: '1' });
    const second = memorySource({ B: '1' });
    const source = firstOf(readOnly({}), first, second);

    await source.write!('B', '2', context());
    await source.write!('NEW', 'n', context());

    expect(valuesOf(await first.readAll(context()))).toEqual({ A: '1', NEW: 'n' });
    expect(valuesOf(await second.readAll(context()))).toEqual({ B: '2' });
  });

  test('given a secret that a source of reading alone has first, when written, then it goes to the first writable one that has it', async () => {
    const writable = memorySource({ A: 'old' });
    await firstOf(readOnly({ A: 'seen' }), writable).write!('A', 'new', context());
    expect(valuesOf(await writable.readAll(context()))).toEqual({ A: 'new' });
  });

  test('given sources of which none writes, when made, then it can’t be written, nor what is made of it', async () => {
    const source = firstOf(readOnly({ A: '1' }));
    expect(source.write).toBeUndefined();
    expect(firstOf(source).write).toBeUndefined();
  });
});

describe('firstOf: leases', () => {
  test('given leases of several sources, when renewed and revoked, then each goes to the source that issued it', async () => {
    const [one, two] = [leasing('A', 'one'), leasing('B', 'two')];
    const source = firstOf(memorySource(), one.source, two.source);
    const answer = await source.read(['A', 'B'], context());
    const [a, b] = ['A', 'B'].map((name) => (answer.get(name) as SecretVersion).lease!);

    const renewed = await source.renew!(b!, context());
    await source.revoke!(a!, context());
    await source.revoke!(renewed, context());

    expect(renewed.id).toBe('two-1-renewed');
    expect(one.ended).toEqual([a]);
    expect(two.ended).toEqual([renewed]);
  });

  test('given a lease of nobody’s, when renewed or revoked, then it says so', async () => {
    const source = firstOf(leasing('A', 'one').source);
    const stray = Lease.of({ duration: 1 });
    await expect(source.renew!(stray, context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    await expect(source.revoke!(stray, context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
  });

  test('given a source with leases before one that enumerates, when all are read, then nothing is opened, and nothing of its taken over', async () => {
    const dynamic = leasing('A', 'one');
    const source = firstOf(dynamic.source, memorySource({ A: 'shadowed', B: '1' }));
    // It can tell of no name without opening it.
    expect(valuesOf(await source.readAll!(context()))).toEqual({});
    const telling = firstOf(
      { ...dynamic.source, exists: async (name) => name === 'A' },
      memorySource({ A: 'x', B: '1' }),
    );
    expect(valuesOf(await telling.readAll!(context()))).toEqual({ B: '1' });
    expect(dynamic.issued).toEqual([]);
  });

  test('given a source whose leases can’t be ended, when all are read after a name was opened, then it is not opened again', async () => {
    const { source: whole, issued } = leasing('A', 'one');
    const source = firstOf({ kind: 'one', read: whole.read }, memorySource({ A: 'shadowed', B: '1' }));
    await source.read(['A'], context());
    expect(valuesOf(await source.readAll!(context()))).toEqual({ B: '1' });
    expect(issued).toHaveLength(1);
  });
});

describe('firstOf: closing, spelling', () => {
  test('given a source that fails to close, when closed, then all others are closed, and its error comes', async () => {
    const closed: string[] = [];
    const closing = (kind: string, error?: Error): SecretSource => ({
      ...readOnly({}),
      kind,
      close: async () => {
        closed.push(kind);
        if (error) throw error;
      },
    });
    const twice = closing('c');
    const source = firstOf(closing('a'), closing('b', new Error('no')), readOnly({}), twice, twice);

    await expect(source.close()).rejects.toThrow('no');
    expect(closed).toEqual(['a', 'b', 'c']);
  });

  test('given spellings that all sources share, or that one alone knows, when spelled, then only the shared one is used', () => {
    const spelling = (spell: (name: string) => string): SecretSource => ({ ...readOnly({}), canonicalName: spell });
    const lower = spelling((name) => name.toLowerCase());
    expect(firstOf(lower, lower).canonicalName!('A')).toBe('a');
    expect(
      firstOf(
        lower,
        spelling((name) => name.toLowerCase()),
      ).canonicalName!('A'),
    ).toBe('a');
    expect(firstOf(lower, readOnly({})).canonicalName!('A')).toBe('A');
  });
});
