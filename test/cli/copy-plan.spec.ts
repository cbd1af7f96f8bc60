import { inspect } from 'node:util';
import { appliedCopy } from '../../lib/cli/copy/applied-copy.js';
import { copyPlan, targetNames } from '../../lib/cli/copy/copy-plan.js';
import { copyJson, copySummary, copyText } from '../../lib/cli/copy/copy-text.js';
import { AskedSource } from '../../lib/cli/contents/asked-source.js';
import { contentsOf, heldUnder, HeldValue } from '../../lib/cli/contents/held-secrets.js';
import { chosenOf, chosenThere } from '../../lib/cli/contents/mapping-arguments.js';
import type { MappingOptions } from '../../lib/cli/contents/name-mapping.js';
import { NameMapping } from '../../lib/cli/contents/name-mapping.js';
import { differenceSummary } from '../../lib/cli/diff/difference-text.js';
import { areSame, differencesOf } from '../../lib/cli/diff/difference.js';
import { SecretAccessDeniedError, SecretThrottledError } from '../../lib/core/errors/index.js';
import { Lease } from '../../lib/core/secret/lease.js';
import type { SecretValue } from '../../lib/core/secret/secret-value.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import type { SecretSource, WriteContext } from '../../lib/core/source/secret-source.js';
import { memorySource } from '../../lib/sources/memory/index.js';

const mapped = (options: MappingOptions = {}) => NameMapping.of(options);

async function planned(from: SecretSource, to: SecretSource, options: MappingOptions & { overwrite?: boolean } = {}) {
  const { overwrite = false, ...names } = options;
  const mapping = mapped(names);
  const contents = await contentsOf(AskedSource.of(from), mapping.prefix);
  const at = await heldUnder(AskedSource.of(to), targetNames(contents, mapping));
  return copyPlan({ from: contents, at, target: to, mapping, overwrite });
}

const kinds = (steps: readonly { readonly from: string; readonly kind: string }[]) =>
  Object.fromEntries(steps.map(({ from, kind }) => [from, kind]));

const clock = { sleep: () => Promise.resolve() };

/** Dynamic secrets as a source has them: listed, there, and not in a reading of all; counts how often one is opened. */
function withDynamic(values: Record<string, SecretValue>, dynamic: string) {
  const memory = memorySource(values);
  const opened: string[] = [];
  const source: SecretSource = {
    kind: 'played',
    read(names, context) {
      if (!names.includes(dynamic)) return memory.read(names, context);
      opened.push(dynamic);
      const version = SecretVersion.of({ password: 'canary-dynamic' }, { lease: Lease.of({ duration: 1000 }) });
      return Promise.resolve(new Map([[dynamic, version]]));
    },
    readAll: (context) => memory.readAll(context),
    list: async (prefix, context) => [...(await memory.list(prefix, context)), ...(dynamic.startsWith(prefix ?? '') ? [dynamic] : [])], // prettier-ignore
    exists: async (name, context) => name === dynamic || memory.exists(name, context),
    write: (name, value, context) => memory.write(name, value, context),
  };
  return { source, opened };
}

describe('names that are chosen', () => {
  test('given --only or --except, when compared or copied, then only what is meant is looked at; a name that A has not, and both together, are refused', async () => {
    const a = await contentsOf(AskedSource.of(memorySource({ A: '1', B: '2', C: '3' })));
    const b = await contentsOf(AskedSource.of(memorySource({ A: '1', B: 'x', D: '4' })));
    const names = (options: MappingOptions) => {
      const mapping = mapped(options);
      return differencesOf(chosenOf(mapping, a), chosenThere(mapping, a, b), mapping).map(({ name }) => name);
    };
    expect(names({ only: ['A', 'C'] })).toEqual(['A', 'C']);
    expect(names({ except: ['B'] })).toEqual(['A', 'C', 'D']);
    expect(names({})).toEqual(['A', 'B', 'C', 'D']);
    expect(() => names({ except: ['X'] })).toThrow('--except: A holds no "X".');
    expect(() => names({ only: ['X'] })).toThrow('--only: A holds no "X".');
    expect(() => names({ only: ['A,B'] })).toThrow('--only: A holds no "A,B". Names are divided by blanks.');
    expect(() => names({ only: ['__proto__'] })).toThrow('A holds no "__proto__".');
    expect(() => names({ only: ['\u001b[31m'] })).toThrow('A holds no "\ufffd[31m".');
    expect(differenceSummary([])).toBe('there is nothing to compare');
    expect(() => mapped({ only: ['A'], except: ['B'] })).toThrow('exclude each other');
  });
});

describe('diff', () => {
  test('given two sources, when compared, then names and equality are told, JSON in whatever order and spelling, and no dynamic secret is opened', async () => {
    const { source, opened } = withDynamic(
      { SAME: 'canary-1', OTHER: 'canary-2', ONLY: 'canary-3', JSON: '{"b":1,"a":[2]}', BYTES: Uint8Array.of(1, 2) },
      'DYNAMIC',
    );
    const other = memorySource({ SAME: 'canary-1', OTHER: 'canary-4', MORE: 'x', JSON: { a: [2], b: 1 }, BYTES: Uint8Array.of(1, 3), DYNAMIC: 'x' }); // prettier-ignore
    const [a, b] = [await contentsOf(AskedSource.of(source)), await contentsOf(AskedSource.of(other))];
    const differences = differencesOf(a, b, mapped());
    expect(Object.fromEntries(differences.map(({ name, outcome }) => [name, outcome]))).toEqual({
      BYTES: 'differs',
      DYNAMIC: 'not opened',
      JSON: 'same',
      MORE: 'only in B',
      ONLY: 'only in A',
      OTHER: 'differs',
      SAME: 'same',
    });
    expect(opened).toEqual([]);
    expect(areSame(differences)).toBe(false);
    expect(areSame(differencesOf(a, a, mapped()))).toBe(true);
    expect(JSON.stringify(differences) + inspect([...a], { depth: 9 })).not.toMatch(/canary/);
  });

  test('given names that are mapped, when compared, then each is held against its own; a failure of one is that one’s', async () => {
    const a = memorySource({ 'app/DB': 'x', 'app/KEY': 'y', 'other/DB': 'z' });
    const b = memorySource({ DB: 'x', API: 'y' });
    const mapping = mapped({ prefix: 'app/', strip: 'app/', rename: ['app/KEY=API'] });
    const contents = await contentsOf(AskedSource.of(a), mapping.prefix);
    const differences = differencesOf(contents, await contentsOf(AskedSource.of(b), mapping.prefixThere), mapping);
    expect(differences).toEqual([
      { name: 'app/DB', nameThere: 'DB', outcome: 'same' },
      { name: 'app/KEY', nameThere: 'API', outcome: 'same' },
    ]);
    const failing: SecretSource = {
      kind: 'played',
      read: () => Promise.resolve(new Map([['DB', new SecretAccessDeniedError()]])),
      list: () => Promise.resolve(['DB', 'API']),
    };
    const half = differencesOf(
      await contentsOf(AskedSource.of(failing)),
      await contentsOf(AskedSource.of(b)),
      mapped(),
    );
    expect(half).toEqual([
      { name: 'API', outcome: 'only in B' },
      { name: 'DB', outcome: 'failed', error: { code: 'SECRET_ACCESS_DENIED', message: expect.stringContaining('denies access') as string } }, // prettier-ignore
    ]);
  });

  test('given a renaming that is none, when made, then it is refused by name', () => {
    for (const text of ['a', 'a=', '=b', 'a=b=c'])
      expect(() => mapped({ rename: [text] })).toThrow(/--rename is from=to/);
    expect(() => mapped({ rename: ['a=b', 'a=c'] })).toThrow(/renamed twice/);
    expect(mapped({ rename: ['a=b'] }).unused(new Map([['c', 1]]))).toEqual([{ option: '--rename', name: 'a' }]);
  });
});

describe('copy', () => {
  test('given a plan, when made, then nothing is written; what is there with another value is left, or overwritten where that is asked for', async () => {
    const { source, opened } = withDynamic({ NEW: 'canary-1', SAME: 'canary-2', OTHER: 'canary-3' }, 'DYNAMIC');
    const target = memorySource({ SAME: 'canary-2', OTHER: 'canary-4' });
    let writes = 0;
    target.write = () => Promise.resolve(void (writes += 1));
    const steps = await planned(source, target);
    expect(kinds(steps)).toEqual({ NEW: 'create', SAME: 'same', OTHER: 'left', DYNAMIC: 'dynamic' });
    expect(kinds(await planned(source, target, { overwrite: true }))).toMatchObject({ OTHER: 'overwrite' });
    expect([writes, opened]).toEqual([0, []]);
    expect(copyText(steps)).toBe(
      'not opened (dynamic)  DYNAMIC\ncreate                NEW\nleft (another value)  OTHER\n',
    );
    expect(copySummary(steps)).toBe('1 create, 1 same, 1 left (another value), 1 not opened (dynamic)');
    expect(inspect(steps, { depth: 9 }) + JSON.stringify(steps) + JSON.stringify(copyJson(steps))).not.toMatch(
      /canary/,
    );
  });

  test('given a target that has a dynamic secret of that name, when planned, then it is neither opened nor written', async () => {
    const { source: target, opened } = withDynamic({}, 'DB');
    expect(kinds(await planned(memorySource({ DB: 'x' }), target, { overwrite: true }))).toEqual({ DB: 'dynamic' });
    expect(opened).toEqual([]);
  });

  test('given a plan, when carried out, then missing ones are created, the rest stays, and a second one finds nothing to do', async () => {
    const source = memorySource({ A: 'a', B: { x: 1 }, C: Uint8Array.of(255), D: 'new' });
    const target = memorySource({ D: 'old' });
    const results = await appliedCopy(await planned(source, target), AskedSource.of(target), { clock });
    expect(kinds(results)).toEqual({ A: 'created', B: 'created', C: 'created', D: 'left' });
    expect(kinds(await planned(source, target, { overwrite: true }))).toEqual({ A: 'same', B: 'same', C: 'same', D: 'overwrite' }); // prettier-ignore
  });

  test('given names that collide, that nothing is left of, or that the target can hold none of, when planned, then they are refused', async () => {
    const source = memorySource({ 'a/DB': '1', 'b/DB': '2', 'a/': '3', 'no good': '4' });
    const target: SecretSource = {
      kind: 'played',
      read: () => Promise.resolve(new Map()),
      write: () => Promise.reject(new Error('written')),
      newNameRefusal: (name) => (name.includes(' ') ? new SecretAccessDeniedError('no blanks.') : undefined),
    };
    const steps = await planned(source, target, { strip: 'a/', rename: ['b/DB=DB'] });
    expect(kinds(steps)).toEqual({ 'a/DB': 'refused', 'b/DB': 'refused', 'a/': 'refused', 'no good': 'refused' });
    expect(copyText(steps)).toMatch(/"a\/DB" would have the name "DB" too/);
  });

  test('given throttling, an error of one, and a value that is stored otherwise, when carried out, then each is that one’s, and the others are written', async () => {
    const source = memorySource({ A: 'canary-a', B: 'canary-b', C: { n: 1 }, D: 'canary-d' });
    const memory = memorySource();
    const tries: string[] = [];
    const target: SecretSource = {
      kind: 'played',
      read: (names, context) => memory.read(names, context),
      async write(name, value, context: WriteContext) {
        tries.push(name);
        expect(context.create).toBe(true);
        if (name === 'A' && tries.filter((one) => one === 'A').length < 3) throw new SecretThrottledError();
        if (name === 'B') throw new SecretAccessDeniedError();
        await memory.write(name, name === 'C' ? { n: '1' } : value, context);
      },
    };
    const results = await appliedCopy(await planned(source, target), AskedSource.of(target), { clock });
    expect(kinds(results)).toEqual({ A: 'created', B: 'failed', C: 'failed', D: 'created' });
    expect(copyText(results)).toMatch(/failed +B: Secret "B".*denies access/);
    expect(copyText(results)).toMatch(/failed +C: Secret "C".*reads back as another value/);
    expect(copyText(results) + JSON.stringify(copyJson(results))).not.toMatch(/canary/);
    expect(tries.sort()).toEqual(['A', 'A', 'A', 'B', 'C', 'D']);
  });

  test('given what is read a moment late, when read back, then it is waited for', async () => {
    const memory = memorySource();
    let reads = 0;
    const target: SecretSource = {
      kind: 'played',
      read: (names, context) => ((reads += 1) <= 3 ? Promise.resolve(new Map()) : memory.read(names, context)),
      write: (name, value, context) => memory.write(name, value, context),
    };
    const plan = await planned(memorySource({ A: 'a' }), target);
    expect(kinds(await appliedCopy(plan, AskedSource.of(target), { clock }))).toEqual({ A: 'created' });
  });

  test('given a target that is away, when carried out, then the rest is not tried, and each says so', async () => {
    const tried: string[] = [];
    const target: SecretSource = {
      kind: 'played',
      read: () => Promise.resolve(new Map()),
      write: (name) => {
        tried.push(name);
        return Promise.reject(new Error('ECONNREFUSED'));
      },
    };
    const values = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`K${index}`, 'x']));
    const results = await appliedCopy(await planned(memorySource(values), target), AskedSource.of(target), { clock });
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['failed']));
    expect(new Set(tried).size).toBeLessThanOrEqual(8);
  });
});

test('given a value that is held, when it is printed in whatever way, then it is not', () => {
  const held = HeldValue.of('canary-held');
  expect(`${inspect(held)} ${JSON.stringify(held)} ${String(held)}`).not.toMatch(/canary/);
});
