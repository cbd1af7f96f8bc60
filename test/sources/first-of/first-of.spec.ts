import type { SecretError } from '../../../lib/core/errors/index.js';
import {
  SecretAccessDeniedError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
} from '../../../lib/core/errors/index.js';
import { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import type { SecretSource } from '../../../lib/core/source/secret-source.js';
import { firstOf } from '../../../lib/sources/first-of/index.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import { context, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';

const canary = 'canary-first-of-1a6e';

/** A source of `kind` and `read` alone. */
function minimal(values: Record<string, string>, kind = 'minimal') {
  const asked: string[][] = [];
  const source: SecretSource = {
    kind,
    read: async (names) => {
      asked.push([...names]);
      return new Map(names.flatMap((name) => (name in values ? [[name, SecretVersion.of(values[name]!)]] : [])));
    },
  };
  return { source, asked };
}

const failing = (error: unknown): SecretSource => ({ kind: 'failing', read: () => Promise.reject(error) });

describe('firstOf: reading', () => {
  test('given a secret in several sources, when read, then the first that has it wins, and the next is asked for the rest alone', async () => {
    const first = minimal({ A: 'first' });
    const second = minimal({ A: 'second', B: 'second' });
    const source = firstOf(first.source, second.source);

    expect(valuesOf(await source.read(['A', 'B', 'C', 'B'], context()))).toEqual({ A: 'first', B: 'second' });
    await source.read(['A'], context());
    expect(first.asked).toEqual([['A', 'B', 'C'], ['A']]);
    expect(second.asked).toEqual([['B', 'C']]);
  });

  test('given an error for one name, when read, then it is that name’s answer, and only "not found" moves on', async () => {
    const denied = new SecretAccessDeniedError();
    const first: SecretSource = {
      kind: 'first',
      read: async () =>
        new Map<string, SecretError>([
          ['A', denied],
          ['B', new SecretNotFoundError()],
        ]),
    };
    const answer = await firstOf(first, memorySource({ A: 'second', B: 'second' })).read(['A', 'B'], context());

    expect(valuesOf(answer)).toEqual({ A: 'SECRET_ACCESS_DENIED', B: 'second' });
    expect(answer.get('A')).toMatchObject({ sourceKind: 'first' });
  });

  test('given a source that is down, when read, then what an earlier one has is given, and the rest is the error', async () => {
    const down = failing(new SecretSourceUnavailableError('down for the test.'));
    const last = minimal({ B: 'last' });
    const source = firstOf(memorySource({ A: 'first' }), down, last.source);

    expect(valuesOf(await source.read(['A', 'B'], context()))).toEqual({ A: 'first', B: 'SECRET_SOURCE_UNAVAILABLE' });
    await expect(source.read(['B'], context())).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      sourceKind: 'failing',
    });
    expect(last.asked).toEqual([]);
  });

  test('given a version, when read, then each source is asked for it', async () => {
    const first = memorySource({ A: '1' });
    const second = memorySource({ A: 'one' });
    second.rotate('A', 'two');
    const answer = await firstOf(first, second).read(['A'], { ...context(), version: '2' });
    expect(valuesOf(answer)).toEqual({ A: 'two' });
  });

  test('given an aborted signal, when read, then it rejects', async () => {
    const source = firstOf(memorySource({ A: '1' }), memorySource());
    await expect(source.read(['A'], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('firstOf: all, lists and paths', () => {
  test('given sources that enumerate, when merged, then the first wins', async () => {
    const source = firstOf(memorySource({ 'p/A': '1', 'p/B': '1' }), memorySource({ 'p/B': '2', 'p/C': '2', D: '2' }));

    expect(valuesOf(await source.readAll!(context()))).toEqual({ 'p/A': '1', 'p/B': '1', 'p/C': '2', D: '2' });
    expect(valuesOf(await source.readPath!('p', context()))).toEqual({ 'p/A': '1', 'p/B': '1', 'p/C': '2' });
    expect(await source.list!('p/', context())).toEqual(['p/A', 'p/B', 'p/C']);
    expect(await source.exists('D', context())).toBe(true);
    expect(await source.exists('E', context())).toBe(false);
  });

  test('given a first source that only reads, when all are read, then its values stand before those of the others', async () => {
    const source = firstOf(minimal({ A: 'mine', X: 'unasked' }).source, memorySource({ A: '1', B: '1' }));

    expect(valuesOf(await source.readAll!(context()))).toEqual({ A: 'mine', B: '1' });
    expect(source.readPath).toBeUndefined();
    expect(await source.exists('X', context())).toBe(true);
  });

  test('given a first source that lists a dynamic secret, when all are read, then no other’s value takes its place', async () => {
    const dynamic = memorySource({ B: '1' });
    const first: SecretSource = {
      kind: 'dynamic',
      read: (names, about) => dynamic.read(names, about),
      readAll: async () => new Map([['B', SecretVersion.of('first')]]),
      list: async () => ['A', 'B'],
    };
    const source = firstOf(first, memorySource({ A: 'second', B: 'second', C: 'second' }));
    expect(valuesOf(await source.readAll!(context()))).toEqual({ B: 'first', C: 'second' });
    expect(await source.list!(undefined, context())).toEqual(['A', 'B', 'C']);
  });

  test('given a source that denies enumerating, when all are read, then that is the answer', async () => {
    const first = memorySource();
    first.fail(new SecretAccessDeniedError());
    await expect(firstOf(first, memorySource({ A: '1' })).readAll!(context())).rejects.toMatchObject({
      code: 'SECRET_ACCESS_DENIED',
    });
  });

  test('given sources that enumerate nothing, when made, then there is no enumerating', () => {
    const source = firstOf(minimal({ A: '1' }).source, minimal({}).source);
    expect([source.readAll, source.list, source.readPath, source.write, source.watch]).toEqual(
      Array(5).fill(undefined),
    );
    expect([source.renew, source.revoke, source.canonicalName, source.defaultMaxAge]).toEqual(Array(4).fill(undefined));
  });
});

describe('firstOf: being made, and printed', () => {
  test('given its sources, when made, then it names them, and takes the smallest max age', () => {
    const source = firstOf({ ...minimal({}, 'a').source, defaultMaxAge: 5_000 }, minimal({}, 'b').source, {
      ...minimal({}, 'c').source,
      defaultMaxAge: 1_000,
    });
    expect(source.kind).toBe('first-of(a, b, c)');
    expect(source.defaultMaxAge).toBe(1_000);
  });

  test('given none, or what is not a source, when made, then it throws SecretConfigurationError', () => {
    for (const sources of [[], [undefined], [{}], [{ kind: 'a' }], [memorySource(), 'memory']]) {
      expect(() => firstOf(...(sources as SecretSource[]))).toThrow(
        expect.objectContaining({ code: 'SECRET_CONFIGURATION' }),
      );
    }
  });

  test('given sources with values, when printed in any way, then no value shows', async () => {
    const source = firstOf(
      { ...minimal({ A: canary }).source, note: canary } as SecretSource,
      memorySource({ B: canary }),
    );
    await source.readAll!(context());
    expect(printed(source)).not.toContain(canary);
    expect(printed(source)).toContain('[secrets first-of(minimal, memory)]');
  });
});
