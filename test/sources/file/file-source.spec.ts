import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileSource } from '../../../lib/sources/file/index.js';
import { recordingListener } from '../../contract/support/changes.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { taken } from '../support/taken.js';
import { printed } from '../support/printed.js';

const canary = 'canary-file-3b90';

function written(name: string, content: string | Uint8Array) {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

afterEach(removeFolders);

describe('fileSource', () => {
  test.each([
    ['secrets.json', '{"KEY":"a","DB":{"port":1},"PORT":5432}', { KEY: 'a', DB: { port: 1 }, PORT: '5432' }],
    ['.env', 'KEY=a\nexport DB="b"', { KEY: 'a', DB: 'b' }],
    ['.env.local', 'KEY=a', { KEY: 'a' }],
    ['app.env', '\uFEFFKEY=a', { KEY: 'a' }],
    ['bom.json', '\uFEFF{"KEY":"a"}', { KEY: 'a' }],
  ])('given %s, when read, then by name, all, and listed it gives the same', async (name, content, expected) => {
    const source = fileSource(written(name, content));

    expect(valuesOf(await source.readAll(context()))).toEqual(expected);
    expect(valuesOf(await source.read([...Object.keys(expected), 'NONE'], context()))).toEqual(expected);
    expect(await source.list(undefined, context())).toEqual(Object.keys(expected));
    expect(await source.list('K', context())).toEqual(['KEY']);
    expect(await source.exists('KEY', context())).toBe(true);
    expect(await source.exists('NONE', context())).toBe(false);
  });

  test('given a relative path, when the working directory changes afterwards, then the file stays the same', async () => {
    const path = written('a.json', '{"KEY":"a"}');
    const cwd = process.cwd();
    const source = fileSource(relative(cwd, path));
    try {
      process.chdir(temporaryFolder());
      expect(valuesOf(await source.readAll(context()))).toEqual({ KEY: 'a' });
    } finally {
      process.chdir(cwd);
    }
  });

  test('given a version, when it is the current one, then it is read, and any other is absent', async () => {
    const source = fileSource(written('a.json', '{"KEY":"a"}'));
    const { version } = taken((await source.readAll(context())).get('KEY'));

    expect((await source.read(['KEY'], { ...context(), version })).size).toBe(1);
    expect((await source.read(['KEY'], { ...context(), version: 'other' })).size).toBe(0);
  });

  test.each([
    ['a.json', `{"KEY":"${canary}"`, 'holds no JSON object'],
    ['a.json', `["${canary}"]`, 'holds no JSON object'],
    ['a.env', `KEY=a\n${canary}`, 'is broken at line 2'],
    ['a.env', Buffer.from([0x41, 0x3d, 0xff]), 'is not UTF-8 text'],
    ['a.json', `{"KEY":"${canary}${'x'.repeat(1024 * 1024)}"}`, 'is larger than 1048576 bytes'],
  ])(
    'given a broken %s, when read, then the error names path and fault and quotes nothing',
    async (name, content, fault) => {
      const path = written(name, content);

      const error = await failureOf(fileSource(path).read(['KEY'], context()));

      expect(error.code).toBe('SECRET_SOURCE_UNAVAILABLE');
      expect(error.message).toContain(path);
      expect(error.message).toContain(fault);
      expect(printed(error)).not.toContain(canary);
    },
  );

  test('given values that nobody can take among good ones, when read, by name and in bulk, then they alone are errors', async () => {
    const good = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`K${index}`, `v${index}`]));
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const members = Object.entries(good).map(([name, value]) => `"${name}":"${value}"`);
    const source = fileSource(written('a.json', `{${members.join(',')},"BAD":{"n":1e999},"DEEP":${deep}}`));
    const expected = { ...good, BAD: 'SECRET_CONFIGURATION', DEEP: 'SECRET_CONFIGURATION' };

    const answer = await source.read([...Object.keys(expected), '\ud800'], context());
    expect(valuesOf(answer)).toEqual({ ...expected, '\ud800': 'SECRET_NOT_FOUND' });
    expect(answer.get('BAD')).toMatchObject({ secretName: 'BAD' });
    expect(valuesOf(await source.readAll(context()))).toEqual(expected);
    expect(await source.list('BAD', context())).toEqual(['BAD']);
    expect(await source.exists('BAD', context())).toBe(true);
  });

  test('given a file that may be absent, when it is, then it holds nothing; when it comes or is broken, then as any other', async () => {
    const path = join(temporaryFolder(), 'later', 'a.json');
    const source = fileSource(path, { optional: true });
    expect([source.optional, fileSource(path).optional]).toEqual([true, false]);
    expect((await source.read(['KEY'], context())).size).toBe(0);
    expect((await source.readAll(context())).size).toBe(0);
    expect(await source.list(undefined, context())).toEqual([]);
    expect(await source.exists('KEY', context())).toBe(false);

    mkdirSync(join(path, '..'));
    writeFileSync(path, '{"KEY":"a"}');
    expect(valuesOf(await source.readAll(context()))).toEqual({ KEY: 'a' });
    writeFileSync(path, '{"KEY":');
    expect((await failureOf(source.readAll(context()))).code).toBe('SECRET_SOURCE_UNAVAILABLE');
  });

  test('given no file, when read, then the error says so, and once it is there it is read', async () => {
    const path = join(temporaryFolder(), 'later', 'a.json');
    const source = fileSource(path);

    const error = await failureOf(source.read(['KEY'], context()));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', cause: { code: 'ENOENT' } });
    expect(error.message).toContain(`"${path}" does not exist (ENOENT).`);

    mkdirSync(join(path, '..'));
    writeFileSync(path, '{"KEY":"a"}');
    expect(valuesOf(await source.readAll(context()))).toEqual({ KEY: 'a' });
  });

  test('given a folder, when read, then the error points to directorySource', async () => {
    const path = join(temporaryFolder(), 'a.json');
    mkdirSync(path);
    const error = await failureOf(fileSource(path).read(['KEY'], context()));
    expect(error.code).toBe('SECRET_CONFIGURATION');
    expect(error.message).toContain('directorySource');
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? test.skip : test)('given a file that may not be read, when read, then access is denied', async () => {
    const path = written('a.json', '{}');
    chmodSync(path, 0);
    expect(await failureOf(fileSource(path).read(['KEY'], context()))).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
  });

  test('given a bound of one’s own, when the file is larger, then it is refused', async () => {
    const path = written('a.json', '{"KEY":"a"}');
    await expect(fileSource(path, { maxBytes: 5 }).readAll(context())).rejects.toThrow('is larger than 5 bytes');
    await expect(fileSource(path, { maxBytes: 11 }).readAll(context())).resolves.toBeDefined();
  });

  test.each([
    ['another extension', () => fileSource('secrets.txt')],
    ['another extension among several', () => fileSource(['.env', 'secrets'])],
    ['no path in a list', () => fileSource([])],
    ['an empty path with a format', () => fileSource('', { format: 'json' })],
    ['a format that there is not', () => fileSource('a', { format: 'toml' as never })],
    ['no path', () => fileSource(undefined as never)],
    ['a bound that is none', () => fileSource('a.json', { maxBytes: 0 })],
    ['optional that is not a boolean', () => fileSource('a.json', { optional: 1 as never })],
    ['an interval that is none', () => fileSource('a.json', { lookEvery: 'soon' })],
    ['an interval without a pause', () => fileSource('a.json', { lookEvery: 0 })],
  ])('given %s, when made, then it throws SecretConfigurationError', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
  });

  test('given an aborted signal, when read, then it rejects', async () => {
    const source = fileSource(written('a.json', '{}'));
    await expect(source.read(['KEY'], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('given a source that was read and is watched, when printed in any way, then no value shows', async () => {
    const path = written('a.json', JSON.stringify({ KEY: canary }));
    const source = fileSource(path);
    await source.readAll(context());
    await source.watch(recordingListener().listener);
    expect(printed(source)).not.toContain(canary);
    expect(printed(source)).toContain('[secrets file]');
    await source.close();
    rmSync(path);
  });
});
