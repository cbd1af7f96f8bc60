import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { SecretNotFoundError } from '../../../lib/core/errors/index.js';
import { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import type { SecretSource } from '../../../lib/core/source/secret-source.js';
import { fileSource } from '../../../lib/sources/file/index.js';
import { firstOf } from '../../../lib/sources/first-of/index.js';
import type { MemorySource } from '../../../lib/sources/memory/index.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { cleanUp, context, emulated, valuesOf } from '../support/hcp.js';

const gone = new SecretNotFoundError('no such document.');

/** A source whose whole may be taken away, and that may be optional. */
function whole(values: Record<string, string>, optional?: boolean) {
  const memory = memorySource(values);
  const source = Object.assign(Object.create(memory) as SecretSource, {
    kind: 'whole',
    optional,
    read: (...of: Parameters<MemorySource['read']>) => memory.read(...of),
    readAll: (...of: Parameters<MemorySource['readAll']>) => memory.readAll(...of),
    readPath: (...of: Parameters<MemorySource['readPath']>) => memory.readPath(...of),
    exists: (...of: Parameters<MemorySource['exists']>) => memory.exists(...of),
    list: (...of: Parameters<MemorySource['list']>) => memory.list(...of),
    write: (...of: Parameters<MemorySource['write']>) => memory.write(...of),
  });
  return { source, memory };
}

const everyCall = (source: SecretSource): Promise<unknown>[] => [
  source.read(['A'], context()),
  source.readAll!(context()),
  source.readPath!('', context()),
  source.list!(undefined, context()),
  source.exists!('A', context()),
  source.write!('A', 'written', context()),
];

afterEach(async () => {
  await cleanUp();
  removeFolders();
});

describe('firstOf: a source that is not found as a whole', () => {
  test('given one that must be there, when asked for anything, then that is the answer, and nothing is written elsewhere', async () => {
    const [first, second] = [whole({ A: 'first' }), memorySource({ A: 'second' })];
    first.memory.fail(gone);
    for (const call of everyCall(firstOf(first.source, second))) {
      await expect(call).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND', sourceKind: 'whole' });
    }
    expect(valuesOf(await second.readAll(context()))).toEqual({ A: 'second' });
  });

  test('given one that may be absent, when asked for anything, then the next is', async () => {
    const first = whole({ A: 'first' }, true);
    first.memory.fail(gone);
    const source = firstOf(first.source, memorySource({ A: 'second' }));
    expect(valuesOf(await source.read(['A', 'B'], context()))).toEqual({ A: 'second' });
    expect(valuesOf(await source.readAll!(context()))).toEqual({ A: 'second' });
    expect(valuesOf(await source.readPath!('', context()))).toEqual({ A: 'second' });
    expect(await source.list!(undefined, context())).toEqual(['A']);
    expect(await source.exists('A', context())).toBe(true);
    await Promise.all(everyCall(source).slice(0, 5));
  });

  test('given one behind a source that has some of the names, when read, then these are kept, and the rest are errors, not absences', async () => {
    const second = whole({ B: 'second' });
    second.memory.fail(gone);
    const answer = await firstOf(memorySource({ A: 'first' }), second.source, memorySource({ B: 'third' })).read(
      ['A', 'B', 'C'],
      context(),
    );
    expect(valuesOf(answer)).toEqual({ A: 'first', B: 'SECRET_CONFIGURATION', C: 'SECRET_CONFIGURATION' });
    expect(answer.get('B')).toMatchObject({
      secretName: 'B',
      sourceKind: 'whole',
      cause: { code: 'SECRET_NOT_FOUND' },
    });
  });

  test('given sources, when made, then the whole is optional where all of them are', () => {
    const [optional, other] = [whole({}, true).source, whole({}).source];
    expect([firstOf(optional, optional), firstOf(optional, other)].map((source) => source.optional)).toEqual([
      true,
      false,
    ]);
  });

  test('given a running app, when the first source goes as a whole, then its values stay and no rotation is told; when it is back, it is read', async () => {
    const first = whole({ A: 'first' });
    const runtime = new SecretRuntime({ source: firstOf(first.source, memorySource({ A: 'second' })) });
    const client = new HcpVaultClient(runtime);
    await runtime.bootstrap([{ name: 'A', need: 'required' }], 'decorated');
    const rotations: unknown[] = [];
    client.rotations$.subscribe((event) => rotations.push(event));
    first.memory.fail(gone);
    expect((await client.refresh()).failed).toMatchObject([{ name: 'A' }]);
    expect(client.get('A')).toBe('first');
    await expect(client.fetch('A', { forceRefresh: true })).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(rotations).toEqual([]);
    first.memory.recover();
    first.memory.rotate('A', 'new');
    await client.refresh();
    expect(client.get('A')).toBe('new');
    await runtime.shutdown();
  });

  test('given HCP’s app that is answered with 404, when read before a fallback, then the fallback is not asked', async () => {
    const { emulator, source } = await emulated({ A: 'hcp' });
    const all = firstOf(source, memorySource({ A: 'fallback' }));
    emulator.fail({ status: 404, path: '/secrets:open' });
    await expect(all.read(['A'], context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    emulator.recover();
    expect(valuesOf(await all.read(['A'], context()))).toEqual({ A: 'hcp' });
  });

  test('given a file that may be absent before another, when it is absent, comes and goes, then the first that is there has the name', async () => {
    const path = join(temporaryFolder(), 'overrides.json');
    const fallback = memorySource({ A: 'fallback' });
    const read = async (optional: boolean) =>
      valuesOf(await firstOf(fileSource(path, { optional }), fallback).read(['A'], context()));
    await expect(read(false)).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(await read(true)).toEqual({ A: 'fallback' });
    writeFileSync(path, '{"A":"override"}');
    expect(await read(true)).toEqual({ A: 'override' });
  });
});

describe('firstOf: one entry that is bad', () => {
  test('given a value of the first source that nobody can take, when all are read, then that is its error, and no other’s value takes its place', async () => {
    const path = join(temporaryFolder(), 'a.json');
    writeFileSync(path, '{"A":{"n":1e999},"B":"file"}');
    const source = firstOf(fileSource(path), memorySource({ A: 'memory', C: 'memory' }));
    const expected = { A: 'SECRET_CONFIGURATION', B: 'file', C: 'memory' };
    expect(valuesOf(await source.readAll!(context()))).toEqual(expected);
    expect(valuesOf(await source.read(['A', 'B', 'C'], context()))).toEqual(expected);
  });

  test('given an enumeration that says of a name that it is not there, when merged, then the next source has it', async () => {
    const first: SecretSource = {
      kind: 'first',
      read: async () => new Map(),
      readAll: async () => new Map([['A', new SecretNotFoundError()]]),
    };
    const second: SecretSource = { kind: 'second', read: async () => new Map([['A', SecretVersion.of('x')]]) };
    const source = firstOf(first, { ...second, readAll: async () => new Map([['A', SecretVersion.of('second')]]) });
    expect(valuesOf(await source.readAll!(context()))).toEqual({ A: 'second' });
  });
});
