import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSource } from '../../../lib/sources/file/file.source.js';
import { listenToFolder } from '../../../lib/sources/watch/folder.listeners.js';
import type { Changes } from '../../contract/support/changes.js';
import { changesOf } from '../../contract/support/changes.js';
import { removeFolders, saveAtomically, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { context, valuesOf } from '../support/hcp.js';

const HOUR = 3_600_000;
const ends: (() => void)[] = [];

/** Events alone: the next look at an interval is an hour away. Resolves when listening has begun. */
async function watched(path: string) {
  let heard = (): void => undefined;
  const listening = new Promise<void>((resolve) => (heard = resolve));
  const source = new FileSource(
    path,
    { lookEvery: HOUR },
    {
      listen: (...of) => {
        const end = listenToFolder(...of);
        heard();
        return end;
      },
    },
  );
  await source.readAll(context());
  const changes = changesOf(source);
  ends.push(changes.end);
  await listening;
  return { source, changes };
}

const json = (values: object) => JSON.stringify(values);

async function expectTold(changes: Changes, ...names: string[]) {
  expect(await changes.next()).toEqual(names);
}

afterEach(() => {
  for (const end of ends.splice(0)) end();
  removeFolders();
});

describe('a watched file', () => {
  test('given saves in place, by rename, and of equal content, when they happen, then changed names alone are told', async () => {
    const path = join(temporaryFolder(), 'a.json');
    writeFileSync(path, json({ A: '1', B: '1', C: '1' }));
    const { source, changes } = await watched(path);

    writeFileSync(path, json({ A: '2', B: '1', C: '1' }));
    await expectTold(changes, 'A');
    saveAtomically(path, json({ A: '2', B: '1', C: '1' }));
    saveAtomically(path, json({ A: '2', B: '2', C: '2' }));
    await expectTold(changes, 'B', 'C');
    saveAtomically(path, json({ A: '2', B: '2', D: '1' }));
    await expectTold(changes, 'C', 'D');
    expect(valuesOf(await source.readAll(context()))).toEqual({ A: '2', B: '2', D: '1' });
  });

  test('given a file that is removed and comes back, when its folder too, then what changed meanwhile is told', async () => {
    const folder = join(temporaryFolder(), 'deep', 'er');
    const path = join(folder, '.env');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, 'A=1\nB=1');
    const { changes } = await watched(path);

    rmSync(path);
    writeFileSync(path, 'A=2\nB=1');
    await expectTold(changes, 'A');
    rmSync(join(folder, '..'), { recursive: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, 'A=2\nB=2');
    await expectTold(changes, 'B');
    writeFileSync(path, 'A=3\nB=2');
    await expectTold(changes, 'A');
  });

  test('given a link on the way to the file, when it is swapped, then what changed is told', async () => {
    const root = temporaryFolder();
    for (const [release, value] of [
      ['one', '1'],
      ['two', '2'],
    ] as const) {
      mkdirSync(join(root, 'releases', release), { recursive: true });
      writeFileSync(join(root, 'releases', release, 'a.json'), json({ A: value, B: 'same' }));
    }
    symlinkSync(join('releases', 'one'), join(root, 'current'));
    const { changes } = await watched(join(root, 'current', 'a.json'));

    symlinkSync(join('releases', 'two'), join(root, 'next'));
    renameSync(join(root, 'next'), join(root, 'current'));
    await expectTold(changes, 'A');
    writeFileSync(join(root, 'releases', 'two', 'a.json'), json({ A: '3', B: 'same' }));
    await expectTold(changes, 'A');
  });

  test('given a broken save, when it is mended, then only the mending is told, and reading says what is wrong meanwhile', async () => {
    const path = join(temporaryFolder(), 'a.json');
    writeFileSync(path, json({ A: '1' }));
    const { source, changes } = await watched(path);

    writeFileSync(path, '{"A":');
    await expect(source.read(['A'], context())).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    writeFileSync(path, json({ A: '2' }));
    await expectTold(changes, 'A');
    expect(changes.told).toHaveLength(1);
  });

  test('given a change between the last reading and the watching, when watching begins, then it is told', async () => {
    const path = join(temporaryFolder(), 'a.json');
    writeFileSync(path, json({ A: '1', B: '1' }));
    const source = new FileSource(path, { lookEvery: HOUR });
    await source.readAll(context());
    writeFileSync(path, json({ A: '2', B: '1', C: '1' }));

    const changes = changesOf(source);
    await expectTold(changes, 'A', 'C');
    changes.end();
  });

  test('given two who watch, when one ends, then the other goes on, and a closed source tells nobody', async () => {
    const path = join(temporaryFolder(), 'a.json');
    writeFileSync(path, json({ A: '1' }));
    const { source, changes } = await watched(path);
    const other = changesOf(source);

    writeFileSync(path, json({ A: '2' }));
    await Promise.all([expectTold(changes, 'A'), expectTold(other, 'A')]);
    other.end();
    writeFileSync(path, json({ A: '3' }));
    await expectTold(changes, 'A');
    expect(other.told).toHaveLength(1);

    await source.close();
    const again = changesOf(source);
    ends.push(again.end);
    writeFileSync(path, json({ A: '4' }));
    await expectTold(again, 'A');
    expect(changes.told).toHaveLength(2);
  });
});
