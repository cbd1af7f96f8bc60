import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSource } from '../../../lib/sources/file/index.js';
import { FileSource } from '../../../lib/sources/file/file.source.js';
import { changesOf } from '../../contract/support/changes.js';
import { removeFolders, saveAtomically, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';

const pathsIn = (folder: string) => [join(folder, '.env.local'), join(folder, '.env')] as const;

afterEach(removeFolders);

describe('fileSource of several files', () => {
  test('given names in both, when read, then the first file that has a name counts', async () => {
    const [local, shared] = pathsIn(temporaryFolder());
    writeFileSync(local, 'A=local\nC=local');
    writeFileSync(shared, 'A=shared\nB=shared');
    const source = fileSource([local, shared]);

    const expected = { A: 'local', B: 'shared', C: 'local' };
    expect(valuesOf(await source.readAll(context()))).toEqual(expected);
    expect(valuesOf(await source.read(['A', 'B', 'NONE'], context()))).toEqual({ A: 'local', B: 'shared' });
    expect([...(await source.list(undefined, context()))].sort()).toEqual(['A', 'B', 'C']);
    expect(source.describe('A')).toEqual([{ source: 'file', name: 'A', at: `${local}, ${shared}` }]);
  });

  test('given files of several kinds, when read, then each is read as its ending tells', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.json'), '{"A":{"port":1}}');
    writeFileSync(join(folder, 'b.yaml'), 'B: { port: 2 }');
    writeFileSync(join(folder, '.env'), 'C=3');
    const source = fileSource(['a.json', 'b.yaml', '.env'].map((name) => join(folder, name)));
    expect(valuesOf(await source.readAll(context()))).toEqual({ A: { port: 1 }, B: { port: 2 }, C: '3' });
  });

  test('given one that is missing, when read, then that is an error that names it; with `optional` the others count', async () => {
    const [local, shared] = pathsIn(temporaryFolder());
    writeFileSync(shared, 'A=shared');
    const error = await failureOf(fileSource([local, shared]).read(['A'], context()));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', message: expect.stringContaining(local) });

    const source = fileSource([local, shared], { optional: true });
    expect(valuesOf(await source.readAll(context()))).toEqual({ A: 'shared' });
    rmSync(shared);
    expect(valuesOf(await source.readAll(context()))).toEqual({});
  });

  test('given the first is broken, when read, then no value of the next one is let through', async () => {
    const [local, shared] = pathsIn(temporaryFolder());
    writeFileSync(local, 'A="local');
    writeFileSync(shared, 'A=shared');
    const error = await failureOf(fileSource([local, shared], { optional: true }).read(['A'], context()));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', message: expect.stringContaining(local) });
  });

  test('given they are watched, when either changes, comes or goes, then the names whose value that changes are told', async () => {
    const [local, shared] = pathsIn(temporaryFolder());
    writeFileSync(shared, 'A=shared\nB=shared');
    const source = new FileSource([local, shared], { optional: true, lookEvery: 20 });
    await source.readAll(context());
    const changes = changesOf(source);
    try {
      saveAtomically(local, 'A=local');
      expect(await changes.next()).toEqual(['A']);
      saveAtomically(shared, 'A=hidden\nB=changed');
      expect(await changes.next()).toEqual(['B']);
      rmSync(local);
      expect(await changes.next()).toEqual(['A']);
      expect(valuesOf(await source.readAll(context()))).toEqual({ A: 'hidden', B: 'changed' });
    } finally {
      changes.end();
    }
  });
});
