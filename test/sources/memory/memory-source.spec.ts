import { SecretSourceUnavailableError } from '../../../lib/core/errors/index.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import { printed } from '../support/printed.js';

const context = { signal: new AbortController().signal };
const canary = 'canary-memory-5f1c';

const values = (versions: ReadonlyMap<string, unknown>) =>
  Object.fromEntries([...versions].map(([name, found]) => [name, (found as { value: unknown }).value]));

describe('memorySource', () => {
  test('given text, bytes and objects, when read, then each comes back, and a missing name is absent', async () => {
    const source = memorySource({ TEXT: 'a', BYTES: Uint8Array.of(1, 2), DB: { host: 'h', port: 1 } });

    const answer = await source.read(['TEXT', 'BYTES', 'DB', 'NONE'], context);

    expect(values(answer)).toEqual({ TEXT: 'a', BYTES: Uint8Array.of(1, 2), DB: { host: 'h', port: 1 } });
    expect(source.kind).toBe('memory');
  });

  test('given a secret, when rotated, then the version counts up and old ones stay readable', async () => {
    const source = memorySource({ KEY: 'one' });
    source.rotate('KEY', 'two');

    const now = (await source.read(['KEY'], context)).get('KEY');
    const before = (await source.read(['KEY'], { ...context, version: '1' })).get('KEY');
    const never = await source.read(['KEY'], { ...context, version: '9' });

    expect(now).toMatchObject({ version: '2', value: 'two' });
    expect(before).toMatchObject({ version: '1', value: 'one' });
    expect(never.size).toBe(0);
  });

  test('given a removed secret, when it comes back, then its version is a new one', async () => {
    const source = memorySource({ KEY: 'one' });
    source.remove('KEY');

    expect((await source.read(['KEY'], context)).size).toBe(0);
    expect(await source.exists('KEY', context)).toBe(false);
    expect(await source.list(undefined, context)).toEqual([]);

    source.rotate('KEY', 'again');
    expect((await source.read(['KEY'], context)).get('KEY')).toMatchObject({ version: '2', value: 'again' });
  });

  test('given names with a common path, when listed and read by path, then the path ends at a slash', async () => {
    const source = memorySource({ 'app/db': '1', 'app/key': '2', application: '3' });

    expect(values(await source.readPath('app', context))).toEqual({ 'app/db': '1', 'app/key': '2' });
    expect(values(await source.readPath('app/', context))).toEqual({ 'app/db': '1', 'app/key': '2' });
    expect(Object.keys(values(await source.readPath('', context)))).toHaveLength(3);
    expect(await source.list('app', context)).toEqual(['app/db', 'app/key', 'application']);
    expect((await source.readAll(context)).size).toBe(3);
  });

  test('given a name that prototypes know, when read, then it is a secret or absent like any other', async () => {
    const source = memorySource(JSON.parse('{"__proto__":"p"}'));

    const answer = await source.read(['__proto__', 'constructor', 'toString'], context);

    expect([...answer.keys()]).toEqual(['__proto__']);
  });

  test('given a failure, when anything is called, then that very error comes, until recovery', async () => {
    const source = memorySource({ KEY: 'one' });
    const error = new SecretSourceUnavailableError('down for the test.');
    source.fail(error);

    await expect(source.read(['KEY'], context)).rejects.toBe(error);
    await expect(source.readAll(context)).rejects.toBe(error);
    await expect(source.readPath('', context)).rejects.toBe(error);
    await expect(source.exists('KEY', context)).rejects.toBe(error);
    await expect(source.list(undefined, context)).rejects.toBe(error);
    await expect(source.write('KEY', 'two', context)).rejects.toBe(error);

    source.recover();
    expect(values(await source.readAll(context))).toEqual({ KEY: 'one' });
  });

  test('given a write, when the secret is there or missing, then it is rotated or created', async () => {
    const source = memorySource({ KEY: 'one' });
    await source.write('KEY', 'two', context);
    await source.write('NEW', { a: 1 }, context);

    expect(values(await source.readAll(context))).toEqual({ KEY: 'two', NEW: { a: 1 } });
  });

  test('given secrets that stay, when read again and again, then their versions are made once, not once a reading', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `S${index}`);
    const source = memorySource(Object.fromEntries(names.map((name) => [name, { name }])));
    const first = await source.read(names, context);
    source.rotate('S1', 'new');
    const [second, all] = [await source.read(names, context), await source.readAll(context)];
    const moved = names.filter((name) => first.get(name) !== second.get(name) || second.get(name) !== all.get(name));
    expect(moved).toEqual(['S1']);
  });

  test('given an aborted signal, when read, then it rejects', async () => {
    const source = memorySource({ KEY: 'one' });
    await expect(source.read(['KEY'], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('given a source with a value, when printed in any way, then the value does not show', () => {
    const source = memorySource({ KEY: canary, DB: { password: canary } });
    source.fail(new Error('x'));
    expect(printed(source)).not.toContain(canary);
    expect(printed(source)).toContain('[secrets memory]');
  });

  it.each<[string, unknown, string]>([
    ['a number', { PORT: 5432 }, 'memorySource: the value of "PORT" is a number. Give a string, a Uint8Array, or'],
    ['null', { PORT: null }, 'memorySource: the value of "PORT" is null. Give'],
    [
      'a Date within',
      { PORT: { at: [new Date()] } },
      'memorySource: the value of "PORT" is not JSON at "value.at.0". Give',
    ],
  ])('given %s as a value, when the source is made, then the error names function and secret', (_, values, text) => {
    const refused = expect.objectContaining({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining(text) as unknown,
    }) as Error;
    expect(() => memorySource({ A: 'a', ...(values as object) })).toThrow(refused);
    const source = memorySource({ PORT: 'before' });
    expect(() => source.rotate('PORT', (values as { PORT: never }).PORT)).toThrow(refused);
  });
});
