import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directorySource } from '../../../lib/sources/directory/index.js';
import { changesOf, recordingListener } from '../../contract/support/changes.js';
import { KubernetesMount } from '../../contract/support/kubernetes-mount.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { taken } from '../support/taken.js';
import { printed } from '../support/printed.js';

const canary = 'canary-directory-77d2';

function folderOf(files: Record<string, string | Uint8Array>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

afterEach(removeFolders);

describe('directorySource', () => {
  test('given files of text and bytes, when read by name, all, and listed, then each is a secret as it stands', async () => {
    const files = { 'tls.key': 'a\n', BYTES: Uint8Array.of(0xff, 0xfe, 0), EMPTY: '', BOM: '\uFEFFx', JSON: '{"a":1}' };
    const source = directorySource(folderOf(files));

    expect(valuesOf(await source.readAll(context()))).toEqual(files);
    expect(valuesOf(await source.read(['tls.key', 'BYTES', 'NONE'], context()))).toEqual({
      'tls.key': 'a\n',
      BYTES: files.BYTES,
    });
    expect([...(await source.list(undefined, context()))].sort()).toEqual(Object.keys(files).sort());
    expect([...(await source.list('B', context()))].sort()).toEqual(['BOM', 'BYTES']);
    expect(await source.exists('EMPTY', context())).toBe(true);
    expect(await source.exists('NONE', context())).toBe(false);
  });

  test('given trim, when read, then line breaks at the end go, and nothing else', async () => {
    const files = { A: 'a\n', B: ' b \r\n\n', C: '\nc', D: '\n', E: Uint8Array.of(0xff, 0x0a) };
    const source = directorySource(folderOf(files), { trim: true });
    expect(valuesOf(await source.readAll(context()))).toEqual({ A: 'a', B: ' b ', C: '\nc', D: '', E: files.E });
  });

  test('given dot files and pipes, in sub-folders too, when read, then they are not secrets', async () => {
    const folder = folderOf({ KEY: 'a', '.hidden': canary });
    mkdirSync(join(folder, 'sub', '.git'), { recursive: true });
    writeFileSync(join(folder, 'sub', '.hidden'), canary);
    writeFileSync(join(folder, 'sub', '.git', 'KEY'), canary);
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(folder, 'pipe'), join(folder, 'sub', 'pipe')]);
    const source = directorySource(folder);

    const names = ['.hidden', 'sub', 'sub/.hidden', 'sub/.git/KEY', 'pipe', 'sub/pipe', 'sub/', 'KEY/KEY'];
    expect(valuesOf(await source.readAll(context()))).toEqual({ KEY: 'a' });
    expect(valuesOf(await source.read(names, context()))).toEqual({});
    expect(await source.list(undefined, context())).toEqual(['KEY']);
    for (const name of names) expect(await source.exists(name, context())).toBe(false);
  });

  test('given names that climb, when read, then they reach nothing', async () => {
    const outside = folderOf({ KEY: canary });
    const folder = join(outside, 'mount');
    mkdirSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'sub', 'KEY'), 'b');
    writeFileSync(join(folder, 'KEY'), 'a');
    const source = directorySource(folder);

    const names = [
      '../KEY',
      '..',
      '.',
      '',
      './KEY',
      'KEY/',
      'KEY/.',
      'x/../KEY',
      'sub/../KEY',
      'sub/../../KEY',
      '/KEY',
      'sub//KEY',
      'sub/./KEY',
      join(outside, 'KEY'),
      '..\\KEY',
    ];
    expect(valuesOf(await source.read(names, context()))).toEqual({});
    expect(valuesOf(await source.read(['KEY\0'], context()))).toEqual({ 'KEY\0': 'SECRET_CONFIGURATION' });
    for (const name of names) expect(await source.exists(name, context())).toBe(false);
  });

  test('given links, when they stay inside they are followed, and when they leave the folder they are refused', async () => {
    const outside = folderOf({ SECRET: canary });
    const folder = folderOf({ KEY: 'a' });
    symlinkSync('KEY', join(folder, 'INSIDE'));
    symlinkSync(join(outside, 'SECRET'), join(folder, 'OUTSIDE'));
    symlinkSync('nowhere', join(folder, 'DANGLING'));
    symlinkSync(outside, join(folder, 'FOLDER'));
    const source = directorySource(folder);

    const found = await source.read(['INSIDE', 'OUTSIDE', 'DANGLING', 'FOLDER', 'KEY'], context());
    expect(valuesOf(found)).toEqual({
      INSIDE: 'a',
      KEY: 'a',
      OUTSIDE: 'SECRET_ACCESS_DENIED',
      FOLDER: 'SECRET_ACCESS_DENIED',
    });
    expect(found.get('OUTSIDE')).toMatchObject({ secretName: 'OUTSIDE' });
    expect(printed(found.get('OUTSIDE'))).not.toContain(canary);
    expect(valuesOf(await source.readAll(context()))).toEqual({ INSIDE: 'a', KEY: 'a' });
    expect([...(await source.list(undefined, context()))].sort()).toEqual(['INSIDE', 'KEY']);
    expect(await source.exists('OUTSIDE', context())).toBe(false);
  });

  test('given a folder that is itself reached by a link, when read, then its files are inside', async () => {
    const link = join(temporaryFolder(), 'secrets');
    symlinkSync(folderOf({ KEY: 'a' }), link);
    expect(valuesOf(await directorySource(link).readAll(context()))).toEqual({ KEY: 'a' });
  });

  test('given a file beyond the bound, when read, then it alone is refused', async () => {
    const source = directorySource(folderOf({ LARGE: canary.repeat(10), KEY: 'a' }), { maxBytes: 100 });

    const found = await source.read(['LARGE', 'KEY'], context());

    expect(valuesOf(found)).toEqual({ LARGE: 'SECRET_SOURCE_UNAVAILABLE', KEY: 'a' });
    expect(printed(found.get('LARGE'))).not.toContain(canary);
    expect(valuesOf(await source.readAll(context()))).toEqual({ LARGE: 'SECRET_SOURCE_UNAVAILABLE', KEY: 'a' });
  });

  test('given no folder, or a file in its place, when read, then the error says so, and once it is there it is read', async () => {
    const path = join(temporaryFolder(), 'later');
    const source = directorySource(path);
    for (const call of [source.read(['KEY'], context()), source.readAll(context()), source.list('', context())]) {
      const error = await failureOf(call);
      expect(error.code).toBe('SECRET_SOURCE_UNAVAILABLE');
      expect(error.message).toContain(`"${path}" does not exist (ENOENT).`);
    }
    writeFileSync(path, '');
    expect((await failureOf(source.readAll(context()))).message).toContain('is not a folder');
    rmSync(path);
    mkdirSync(path);
    writeFileSync(join(path, 'KEY'), 'a');
    expect(valuesOf(await source.readAll(context()))).toEqual({ KEY: 'a' });
  });

  test('given a version, when it is the current one, then it is read, and any other is absent', async () => {
    const source = directorySource(folderOf({ KEY: 'a' }));
    const { version } = taken((await source.readAll(context())).get('KEY'));
    expect((await source.read(['KEY'], { ...context(), version })).size).toBe(1);
    expect((await source.read(['KEY'], { ...context(), version: 'other' })).size).toBe(0);
  });

  test('given a folder that may be absent, when it is, then it holds nothing, until it comes', async () => {
    const folder = join(folderOf({}), 'later');
    const source = directorySource(folder, { optional: true });
    expect([source.optional, directorySource(folder).optional]).toEqual([true, false]);
    expect((await source.read(['KEY'], context())).size).toBe(0);
    expect((await source.readAll(context())).size).toBe(0);
    expect(await source.list(undefined, context())).toEqual([]);
    expect(await source.exists('KEY', context())).toBe(false);
    const changes = changesOf(source);
    mkdirSync(folder);
    writeFileSync(join(folder, 'KEY'), 'a');
    expect(await changes.next()).toEqual(['KEY']);
    expect(changes.channel).toEqual([]);
    expect(valuesOf(await source.readAll(context()))).toEqual({ KEY: 'a' });
    await source.close();
  });

  test('given a folder that goes and comes back, when watched, then the channel is lost and resumes', async () => {
    const folder = join(folderOf({}), 'secrets');
    mkdirSync(folder);
    writeFileSync(join(folder, 'KEY'), 'a');
    const source = directorySource(folder, { lookEvery: 20 });
    await source.readAll(context());
    const changes = changesOf(source);
    renameSync(folder, `${folder}.away`);
    while (changes.channel.length === 0) await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(join(`${folder}.away`, 'KEY'), 'b');
    renameSync(`${folder}.away`, folder);
    expect(await changes.next()).toEqual(['KEY']);
    expect(changes.channel).toEqual([expect.objectContaining({ code: 'ENOENT' }), 'resumed']);
    await source.close();
  });

  test('given files that are too large or lead out, when all are read, then the former are errors, and the latter left out as in the list', async () => {
    const folder = folderOf({ KEY: 'a', LARGE: 'x'.repeat(100) });
    symlinkSync(join(folderOf({ OUT: canary }), 'OUT'), join(folder, 'OUT'));
    const source = directorySource(folder, { maxBytes: 50 });
    expect(valuesOf(await source.readAll(context()))).toEqual({ KEY: 'a', LARGE: 'SECRET_SOURCE_UNAVAILABLE' });
    expect([...(await source.list(undefined, context()))].sort()).toEqual(['KEY', 'LARGE']);
  });

  test('given options that make no sense, when made, then it throws SecretConfigurationError', () => {
    for (const make of [
      () => directorySource(''),
      () => directorySource(undefined as never),
      () => directorySource('x', { maxBytes: 1.5 }),
    ]) {
      expect(make).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
    }
  });

  test('given an aborted signal, when read, then it rejects', async () => {
    const source = directorySource(folderOf({ KEY: 'a' }));
    const aborted = { signal: AbortSignal.abort() };
    await expect(source.read(['KEY'], aborted)).rejects.toMatchObject({ name: 'AbortError' });
    await expect(source.list('', aborted)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('given a source that was read and is watched, when printed in any way, then no value shows', async () => {
    const source = directorySource(new KubernetesMount({ KEY: canary }).path);
    await source.readAll(context());
    await source.watch(recordingListener().listener);
    expect(printed(source)).not.toContain(canary);
    expect(printed(source)).toContain('[secrets directory]');
    await source.close();
  });
});
