import type { SecretError } from '../../lib/core/errors/index.js';
import { SecretConfigurationError, SecretNotFoundError } from '../../lib/core/errors/index.js';
import { Lease } from '../../lib/core/secret/lease.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import type { SecretSource } from '../../lib/core/source/secret-source.js';
import { memorySource } from '../../lib/sources/memory/index.js';
import type { MakeSource, SourceContractOptions } from '../../lib/testing/contract/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';

/** Runs the suite with a test runner of our own, and gives the titles of what failed, ran, and was skipped at run time or before. */
async function verdict(make: MakeSource, options: SourceContractOptions = {}) {
  const bodies = new Map<string, (...args: never[]) => Promise<void>>();
  const leftOut: string[] = [];
  describeSecretSource('a source', make, {
    ...options,
    describe: (_, body) => body(),
    it: Object.assign((title: string, body: (...args: never[]) => Promise<void>) => void bodies.set(title, body), {
      skip: (title: string) => leftOut.push(title),
    }),
  });
  const failed: string[] = [];
  const skipped: string[] = [];
  const runs = [...bodies].map(([title, body]) => {
    const context = { skip: (reason: string) => skipped.push(`${title}: ${reason}`) };
    return body(...([context] as never[])).catch((error: Error) => failed.push(`${title}: ${error.message}`));
  });
  await Promise.all(runs);
  return { ran: bodies.size, failed, skipped, leftOut };
}

type Overrides = (memory: SecretSource) => Partial<SecretSource>;

/** A good source but for one thing. */
const faulty =
  (overrides: Overrides): MakeSource =>
  (values) => {
    const source = memorySource(values);
    return {
      source: Object.assign(Object.create(source) as SecretSource, {
        kind: 'faulty',
        ...bound(source),
        ...overrides(source),
      }),
      rotate: (name, value) => source.rotate(name, value),
      remove: (name) => source.remove(name),
    };
  };

const bound = (source: SecretSource): Partial<SecretSource> => ({
  read: (...of) => source.read(...of),
  readAll: (...of) => source.readAll!(...of),
  list: (...of) => source.list!(...of),
  exists: (...of) => source.exists!(...of),
  write: (...of) => source.write!(...of),
});

const value = (text: string) => SecretVersion.of(text);

describe('describeSecretSource', () => {
  test('given a source of kind and read alone, when it runs, then what it lacks is skipped by name, and nothing fails', async () => {
    const minimal: MakeSource = (values) => ({
      kind: 'minimal',
      read: (names, context) => memorySource(values).read(names, context),
    });
    const { failed, skipped, leftOut } = await verdict(minimal);

    expect(failed).toEqual([]);
    expect(skipped).toContainEqual(expect.stringMatching(/watches, .*\[watch, rotate\]: without watch and rotate$/));
    expect(skipped.length).toBeGreaterThan(10);
    expect(leftOut).toHaveLength(3);
  });

  test('given parts that a source is said to be without, when it runs, then they are skipped before', async () => {
    const { failed, skipped, leftOut } = await verdict((values) => memorySource(values), {
      without: ['rotate', 'remove', 'watch', 'fail', 'close', 'canonicalName', 'requests', 'throttle'],
      values: ['text', 'object', 'bytes'],
    });
    expect(failed).toEqual([]);
    expect(skipped).toEqual([]);
    expect(leftOut).toContainEqual(expect.stringMatching(/\(without rotate\)$/));
  });

  test('given a source that is seeded by writing, or by hand, when it runs, then its values are there', async () => {
    const written = await verdict(() => memorySource());
    const seeded = await verdict(() => {
      const source = memorySource();
      return { source, seed: (values) => Object.entries(values).forEach(([name, item]) => source.rotate(name, item)) };
    });
    expect([written.failed, seeded.failed]).toEqual([[], []]);
  });

  test('given what each test makes, when it ends well or badly, then it is closed and disposed of', async () => {
    let [made, closed, disposed] = [0, 0, 0];
    const { ran } = await verdict((values) => {
      made += 1;
      const memory = memorySource(values);
      const source: SecretSource = {
        kind: 'memory',
        read: (names, context) => (names.length > 1 ? Promise.reject(new Error('bad')) : memory.read(names, context)),
        close: () => Promise.resolve(void (closed += 1)),
      };
      return { source, dispose: () => void (disposed += 1) };
    });
    expect([made, disposed]).toEqual([ran, ran]);
    expect(closed).toBeGreaterThanOrEqual(ran);
  });

  test('given no test runner, when called, then it throws SecretConfigurationError', () => {
    const { describe: own } = globalThis as { describe?: unknown };
    try {
      delete (globalThis as { describe?: unknown }).describe;
      expect(() => describeSecretSource('a source', () => memorySource())).toThrow(
        expect.objectContaining({ code: 'SECRET_CONFIGURATION' }),
      );
    } finally {
      Object.assign(globalThis, { describe: own });
    }
  });

  test('given a good source, when it runs with its backend, then nothing fails', async () => {
    const { failed } = await verdict(
      faulty(() => ({})),
      { values: ['text', 'object', 'bytes'] },
    );
    expect(failed).toEqual([]);
  });

  test.each<[string, RegExp, Overrides]>([
    ['has no kind', /kind/, () => ({ kind: '' })],
    [
      'gives one value for all',
      /came back as another value/,
      () => ({ read: async (names) => new Map(names.map((name) => [name, value('x')])) }),
    ],
    [
      'trims names',
      /led to the secret/,
      (memory) => ({
        read: async (names, context) => {
          const found = await memory.read(
            names.map((name) => name.trim()),
            context,
          );
          return new Map(names.flatMap((name) => (found.has(name.trim()) ? [[name, found.get(name.trim())!]] : [])));
        },
      }),
    ],
    [
      'decodes names',
      /led to the secret/,
      (memory) => ({
        read: async (names, context) => {
          const decoded = names.map((name) => (name.endsWith('%59') ? decodeURIComponent(name) : name));
          const found = await memory.read(decoded, context);
          return new Map(
            names.flatMap((name, at) => (found.has(decoded[at]!) ? [[name, found.get(decoded[at]!)!]] : [])),
          );
        },
      }),
    ],
    [
      'gives versions at random',
      /version/,
      (memory) => ({
        read: async (names, context) =>
          new Map(
            [...(await memory.read(names, context))].map(([name, found]) => [
              name,
              SecretVersion.of((found as SecretVersion).value, { version: String(Math.random()) }),
            ]),
          ),
      }),
    ],
    [
      'gives the current version for any',
      /version/,
      (memory) => ({ read: (names, { signal }) => memory.read(names, { signal }) }),
    ],
    [
      'knows no signal',
      /should reject/,
      (memory) => ({ read: (names) => memory.read(names, { signal: new AbortController().signal }) }),
    ],
    ['shows a value', /shows a value/, () => ({ toJSON: () => 'contract-value-d41c9b' }) as Partial<SecretSource>],
    ['says that all exist', /exist/, () => ({ exists: () => Promise.resolve(true) })],
    ['lists without regard to the prefix', /listed by prefix/, (memory) => ({ list: (_, of) => memory.list!('', of) })],
    ['lists nothing', /should be listed/, () => ({ list: () => Promise.resolve([]) })],
    ['leaves one out of all', /should be among all/, () => ({ readAll: async () => new Map() })],
    ['forgets what is written', /written/, () => ({ write: () => Promise.resolve() })],
    [
      'doesn’t open again',
      /opens again/,
      (memory) => ({
        close: async () => (memory as typeof memory & { fail(e: unknown): void }).fail(new Error('closed')),
      }),
    ],
    ['spells one name as another', /canonical/, () => ({ canonicalName: (name) => `${name}x` })],
    ['never tells', /took longer/, () => ({ watch: () => () => undefined })],
    [
      'throws errors of others, and values in them',
      /SecretError/,
      (memory) => ({
        read: (names, context) =>
          names.some((name) => name.includes('*')) ? Promise.reject(new Error('x')) : memory.read(names, context),
      }),
    ],
    [
      'throws at a name that can’t be encoded',
      /"\\ud800" should not stand in the way|URI malformed/,
      (memory) => ({
        read: async (names, context) => {
          names.forEach(encodeURIComponent);
          return memory.read(names, context);
        },
      }),
    ],
    [
      'takes half a character for another',
      /led to a secret/,
      (memory) => ({
        read: async (names, context) => {
          const cut = (name: string) => name.replace(/\p{Surrogate}/u, '');
          const found = await memory.read(names.map(cut), context);
          return new Map(names.flatMap((name) => (found.has(cut(name)) ? [[name, found.get(cut(name))!]] : [])));
        },
      }),
    ],
    [
      'lets one strange name fail all',
      /stand in the way|no such/,
      (memory) => ({
        read: (names, context) =>
          names.includes('') ? Promise.reject(new SecretNotFoundError('no such')) : memory.read(names, context),
      }),
    ],
  ])('given a source that %s, when it runs, then that fails', async (_, expected, overrides) => {
    const { failed } = await verdict(faulty(overrides));
    expect(failed.join('\n')).toMatch(expected);
  });
});

describe('describeSecretSource, of a value that nobody can take', () => {
  /** A source whose backend holds a broken value after `spoil`. */
  const spoiling =
    (
      answer: (values: Map<string, SecretVersion>, spoilt: string) => Map<string, SecretVersion | SecretError>,
    ): MakeSource =>
    (values) => {
      const memory = memorySource(values);
      let spoilt: string | undefined;
      const answered = async (found: ReadonlyMap<string, SecretVersion | SecretError>) =>
        spoilt !== undefined && found.has(spoilt)
          ? answer(new Map(found as ReadonlyMap<string, SecretVersion>), spoilt)
          : found;
      return {
        source: {
          ...bound(memory),
          kind: 'spoiling',
          read: async (...of) => answered(await memory.read(...of)),
          readAll: async (...of) => answered(await memory.readAll(...of)),
        },
        spoil: (name) => void (spoilt = name),
      };
    };

  test.each<[string, RegExp | undefined, Parameters<typeof spoiling>[0]]>([
    [
      'gives its error',
      undefined,
      (found, name) =>
        new Map<string, SecretVersion | SecretError>(found).set(name, new SecretConfigurationError('bad.')),
    ],
    [
      'fails as a whole',
      /bad/,
      () => {
        throw new SecretConfigurationError('bad.');
      },
    ],
    [
      'says that it is absent',
      /should be an error, and is absent/,
      (found, name) => new Map([...found].filter(([other]) => other !== name)),
    ],
    ['makes something of it', /should be an error/, (found) => found],
    [
      'gives no others',
      /should not stand in the way/,
      (_, name) => new Map([[name, new SecretConfigurationError('bad.')]]),
    ],
  ])('given a source that %s, when it runs, then the suite says so', async (_, expected, answer) => {
    const { failed } = await verdict(spoiling(answer));
    if (expected === undefined) expect(failed).toEqual([]);
    else expect(failed.join('\n')).toMatch(expected);
  });
});

type Opening = (name: string) => SecretVersion;

/** A source with a dynamic secret DYN, good but for one thing. */
const leasing =
  (overrides: (source: SecretSource, open: Opening) => Partial<SecretSource> = () => ({})): MakeSource =>
  (values) => {
    const memory = memorySource(values);
    const living = new Set<string>();
    let opened = 0;
    const open: Opening = (name) => {
      const id = `${name}-${(opened += 1)}`;
      living.add(id);
      return SecretVersion.of(id, { lease: Lease.of({ id, duration: '1h', renewable: true }) });
    };
    const end = (lease: Lease) => Promise.resolve(void living.delete(lease.id!));
    const source: SecretSource = {
      ...bound(memory),
      kind: 'leasing',
      async read(names, context) {
        const found = new Map(await memory.read(names, context));
        if (names.includes('DYN') && context.version === undefined) found.set('DYN', open('DYN'));
        return found;
      },
      list: async (prefix, context) => [
        ...(await memory.list(prefix, context)),
        ...('DYN'.startsWith(prefix ?? '') ? ['DYN'] : []),
      ],
      exists: async (name, context) => name === 'DYN' || memory.exists(name, context),
      renew: (lease) =>
        living.has(lease.id!)
          ? Promise.resolve(Lease.of({ id: lease.id, duration: '1h', renewable: true }))
          : Promise.reject(new SecretNotFoundError('it has ended.')),
      revoke: end,
      release: end,
    };
    return { source: { ...source, ...overrides(source, open) }, opened: () => opened };
  };

const endsAll = (source: SecretSource) => {
  let ended = false;
  return {
    renew: (...of: Parameters<NonNullable<SecretSource['renew']>>) =>
      ended ? Promise.reject(new SecretNotFoundError('it has ended.')) : source.renew!(...of),
    end: () => Promise.resolve(void (ended = true)),
  };
};

describe('describeSecretSource, of dynamic secrets', () => {
  test('given a source that does all of it well, when it runs, then nothing fails; without the option none of it is asked', async () => {
    const all = await verdict(leasing(), { dynamic: 'DYN' });
    expect(all.failed).toEqual([]);
    expect((await verdict(leasing())).ran).toBe(all.ran - 5);
  });

  test.each<[string, RegExp, Parameters<typeof leasing>[0]]>([
    [
      'keeps one opening for all readings',
      /once for each reading/,
      (source, open) => {
        const one = open('DYN');
        return {
          read: async (names, context) => {
            const found = new Map(
              await source.read(
                names.filter((name) => name !== 'DYN'),
                context,
              ),
            );
            if (names.includes('DYN')) found.set('DYN', one);
            return found;
          },
        };
      },
    ],
    [
      'opens it to see whether it exists',
      /opens it/,
      (source, open) => ({
        exists: async (name, context) => (name === 'DYN' ? open(name) !== undefined : source.exists!(name, context)),
      }),
    ],
    [
      'opens it with all others',
      /opened unasked/,
      (source, open) => ({
        readAll: async (context) => new Map([...(await source.readAll!(context)), ['DYN', open('DYN')]]),
      }),
    ],
    ['does not list it', /DYN should be listed/, () => ({ list: () => Promise.resolve([]) })],
    [
      'opens another in place of extending',
      /nothing is opened/,
      (_, open) => ({ renew: () => Promise.resolve(open('DYN').lease!) }),
    ],
    [
      'ends all with one',
      /others live/,
      (source) => {
        const { renew, end } = endsAll(source);
        return { renew, revoke: end };
      },
    ],
    [
      'fails where a lease has ended already',
      /as good as once/,
      (source) => {
        let ended = false;
        return {
          revoke: () =>
            ended ? Promise.reject(new SecretNotFoundError('gone')) : Promise.resolve(void (ended = true)),
          renew: source.renew!,
        };
      },
    ],
    [
      'ends the lease in use with the one that was replaced',
      /in its place lives/,
      (source) => {
        const { renew, end } = endsAll(source);
        return { renew, release: end };
      },
    ],
  ])('given a source that %s, when it runs, then that fails', async (_, expected, overrides) => {
    const { failed } = await verdict(leasing(overrides), { dynamic: 'DYN' });
    expect(failed).toContainEqual(expect.stringMatching(expected));
  });
});
