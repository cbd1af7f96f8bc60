import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvSource } from '../../../lib/sources/env/env.source.js';
import { envSource } from '../../../lib/sources/env/index.js';
import { firstOf } from '../../../lib/sources/first-of/index.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import { listenToFolder } from '../../../lib/sources/watch/folder.listeners.js';
import { changesOf } from '../../contract/support/changes.js';
import { removeFolders, saveAtomically, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { context, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { taken } from '../support/taken.js';

const canary = 'canary-env-file-71c2';

/** The path of a file with this content, named by the variable. */
function fileIn(variable: string, content: string | Uint8Array, path = join(temporaryFolder(), variable)) {
  writeFileSync(path, content);
  process.env[variable] = path;
  return path;
}

afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('FILETEST_')) delete process.env[name];
  removeFolders();
});

describe('NAME_FILE in envSource', () => {
  test.each([
    ['text\n', 'text'],
    ['text', 'text'],
    ['a\nb\r\n\n', 'a\nb'],
    [' text \n', ' text '],
    ['', ''],
    [Buffer.from([0xff, 0x0a]), Uint8Array.of(0xff, 0x0a)],
  ])(
    'given a file that holds %j, when read, then only the line breaks at its end are missing',
    async (content, value) => {
      fileIn('FILETEST_KEY_FILE', content);
      expect(valuesOf(await envSource({ prefix: 'FILETEST_' }).read(['KEY'], context()))).toEqual({ KEY: value });
      expect(valuesOf(await envSource().read(['FILETEST_KEY'], context()))).toEqual({ FILETEST_KEY: value });
    },
  );

  test('given variables and files, when listed and read as a whole, then a file stands under the name without _FILE', async () => {
    process.env.FILETEST_PLAIN = 'plain';
    process.env.FILETEST__FILE = 'of no name';
    process.env.FILETEST_EMPTY_FILE = '';
    const path = fileIn('FILETEST_KEY_FILE', canary);
    const source = envSource({ prefix: 'FILETEST_' });

    expect(await source.list!(undefined, context())).toEqual(['PLAIN', '_FILE', 'EMPTY_FILE', 'KEY']);
    expect(valuesOf(await source.readAll!(context()))).toEqual({
      PLAIN: 'plain',
      _FILE: 'of no name',
      EMPTY_FILE: '',
      KEY: canary,
    });
    expect(await source.exists('KEY', context())).toBe(true);
    expect(valuesOf(await source.read(['KEY_FILE'], context()))).toEqual({ KEY_FILE: path });
    expect(source.describe('KEY')).toEqual([{ source: 'env', name: 'FILETEST_KEY_FILE', at: path }]);
    expect(printed(source)).not.toContain(canary);
  });

  test('given `json`, when the file holds JSON, then it becomes an object', async () => {
    fileIn('FILETEST_DB_FILE', '{"port":5432}\n');
    const read = envSource({ prefix: 'FILETEST_', json: true }).read(['DB'], context());
    expect(valuesOf(await read)).toEqual({ DB: { port: 5432 } });
  });

  test('given both NAME and NAME_FILE, when read, then that is the error of the one name, and quotes nothing', async () => {
    process.env.FILETEST_KEY = canary;
    process.env.FILETEST_OTHER = 'other';
    fileIn('FILETEST_KEY_FILE', canary);
    const answer = await envSource({ prefix: 'FILETEST_' }).readAll!(context());

    expect(answer.get('KEY')).toMatchObject({
      code: 'SECRET_CONFIGURATION',
      secretName: 'KEY',
      message: expect.stringContaining('"FILETEST_KEY" and "FILETEST_KEY_FILE" are both set'),
    });
    expect(answer.get('OTHER')).toMatchObject({ value: 'other' });
    expect(printed(answer.get('KEY'))).not.toContain(canary);
  });

  test('given an empty NAME, as Compose passes one that is not set, when NAME_FILE is there, then the file counts; and the other way round', async () => {
    process.env.FILETEST_KEY = '';
    fileIn('FILETEST_KEY_FILE', 'from the file');
    process.env.FILETEST_OTHER = 'from the variable';
    process.env.FILETEST_OTHER_FILE = '';
    const answer = await envSource({ prefix: 'FILETEST_' }).read(['KEY', 'OTHER'], context());
    expect(valuesOf(answer)).toEqual({ KEY: 'from the file', OTHER: 'from the variable' });
  });

  test('given files that can’t be read, when read, then each is the error of its own name, and no other source stands in for it', async () => {
    const folder = temporaryFolder();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    process.env.FILETEST_GONE_FILE = join(folder, 'none');
    process.env.FILETEST_PIPE_FILE = join(folder, 'pipe');
    process.env.FILETEST_FOLDER_FILE = folder;
    fileIn('FILETEST_LARGE_FILE', 'x'.repeat(1024 * 1024 + 1));
    fileIn('FILETEST_GOOD_FILE', 'good');
    const source = firstOf(envSource({ prefix: 'FILETEST_' }), memorySource({ GONE: 'another', PIPE: 'another' }));
    const answer = await source.read(['GONE', 'PIPE', 'FOLDER', 'LARGE', 'GOOD'], context());

    expect(answer.get('GONE')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'GONE' });
    expect(answer.get('PIPE')).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: 'PIPE' });
    expect(answer.get('FOLDER')).toMatchObject({ secretName: 'FOLDER', sourceKind: 'env' });
    expect(answer.get('LARGE')).toMatchObject({ message: expect.stringContaining('larger than 1048576 bytes') });
    expect(answer.get('GOOD')).toMatchObject({ value: 'good' });
  });

  test('given `files: false`, when NAME_FILE is set, then it is a variable like any other, and nothing is watched', async () => {
    const path = fileIn('FILETEST_KEY_FILE', canary);
    const source = envSource({ prefix: 'FILETEST_', files: false });
    expect(valuesOf(await source.readAll!(context()))).toEqual({ KEY_FILE: path });
    expect(await source.exists('KEY', context())).toBe(false);
    expect(source.watch).toBeUndefined();
  });

  test('given a file that is watched from before the first reading, when it changes, then its name is told, and no name that was merely read', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'one'));
    writeFileSync(join(folder, 'one', 'key'), '1\n');
    symlinkSync('one', join(folder, 'current'));
    process.env.FILETEST_KEY_FILE = join(folder, 'current', 'key');
    const other = fileIn('FILETEST_OTHER_FILE', 'a');
    process.env.FILETEST_PLAIN = 'plain';
    let listened = 0;
    const listen: typeof listenToFolder = (...of) => {
      listened += 1;
      return listenToFolder(...of);
    };
    const source = new EnvSource({ prefix: 'FILETEST_' }, { interval: 50, listen });
    const changes = changesOf(source);
    try {
      await source.read(['PLAIN'], context());
      expect(listened).toBe(0);
      expect([source.covers('KEY'), source.covers('PLAIN')]).toEqual([true, false]);
      await source.read(['KEY'], context());
      await source.read(['OTHER'], context());

      mkdirSync(join(folder, 'two'));
      writeFileSync(join(folder, 'two', 'key'), '2\n');
      symlinkSync('two', join(folder, 'next'));
      renameSync(join(folder, 'next'), join(folder, 'current'));
      expect(await changes.next()).toEqual(['KEY']);
      saveAtomically(other, 'b');
      expect(await changes.next()).toEqual(['OTHER']);
      expect(valuesOf(await source.read(['KEY', 'OTHER'], context()))).toEqual({ KEY: '2', OTHER: 'b' });
      rmSync(other);
      expect(await changes.next()).toEqual(['OTHER']);
      expect(changes.channel).toEqual([]);
    } finally {
      changes.end();
      await source.close();
    }
    expect(existsSync(other)).toBe(false);
  });

  test('given a file, when read twice, then its version is that of its value', async () => {
    const path = fileIn('FILETEST_KEY_FILE', 'one');
    const read = async () => taken((await envSource().read(['FILETEST_KEY'], context())).get('FILETEST_KEY')).version;
    const first = await read();
    writeFileSync(path, 'one\n');
    expect(await read()).toBe(first);
    writeFileSync(path, 'two');
    expect(await read()).not.toBe(first);
  });
});
