import { envSource } from '../../../lib/sources/env/index.js';
import { context, valuesOf } from '../support/hcp.js';
import { taken } from '../support/taken.js';
import { printed } from '../support/printed.js';

const value = 'env-source-value-09c1';

describe('envSource', () => {
  beforeEach(() => {
    process.env.ENVTEST_KEY = value;
    process.env.ENVTEST_EMPTY = '';
    process.env.ENVTEST_ = 'of no name';
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('ENVTEST_')) delete process.env[name];
  });

  test('given a prefix, when read, listed and looked for, then names are without it', async () => {
    const source = envSource({ prefix: 'ENVTEST_' });

    expect(valuesOf(await source.read(['KEY', 'EMPTY', 'NONE', 'ENVTEST_KEY', ''], context()))).toEqual({
      KEY: value,
      EMPTY: '',
    });
    expect(valuesOf(await source.readAll!(context()))).toEqual({ KEY: value, EMPTY: '' });
    expect(await source.list!(undefined, context())).toEqual(['KEY', 'EMPTY']);
    expect(await source.list!('K', context())).toEqual(['KEY']);
    expect(await source.exists('KEY', context())).toBe(true);
    expect(await source.exists('', context())).toBe(false);
  });

  test('given no prefix, when asked, then it reads by name, and enumerates nothing', async () => {
    const source = envSource();
    expect(valuesOf(await source.read(['ENVTEST_KEY'], context()))).toEqual({ ENVTEST_KEY: value });
    expect(await source.exists('ENVTEST_KEY', context())).toBe(true);
    expect(source.readAll).toBeUndefined();
    expect(source.list).toBeUndefined();
    expect('write' in source).toBe(false);
  });

  test('given a variable that changes and goes, when read, then it is looked up each time', async () => {
    const source = envSource();
    const read = async () => (await source.read(['ENVTEST_KEY'], context())).get('ENVTEST_KEY');
    const before = await read();
    const same = await read();
    process.env.ENVTEST_KEY = 'changed';
    const after = await read();
    delete process.env.ENVTEST_KEY;

    expect(taken(same).version).toBe(taken(before).version);
    expect(after).toMatchObject({ value: 'changed' });
    expect(taken(after).version).not.toBe(taken(before).version);
    expect(await read()).toBeUndefined();
  });

  test('given a name with half a character, when read with others, then it leads to no variable, and says why', async () => {
    process.env['ENVTEST_\ufffd'] = 'another';
    try {
      const source = envSource({ prefix: 'ENVTEST_' });
      const answer = await source.read(['\ud800', 'KEY'], context());
      expect([...answer.keys()].sort()).toEqual(['KEY', '\ud800']);
      expect(answer.get('\ud800')).toMatchObject({ code: 'SECRET_NOT_FOUND', secretName: '\ud800' });
      expect(await source.exists('\ud800', context())).toBe(false);
    } finally {
      delete process.env['ENVTEST_\ufffd'];
    }
  });

  test('given names that no variable can have, or that prototypes know, when read, then they are absent', async () => {
    const names = ['ENVTEST_KEY=', '__proto__', 'constructor', 'toString', ''];
    expect((await envSource().read(names, context())).size).toBe(0);
    const cut = await envSource().read(['ENVTEST_KEY\0', 'ENVTEST_KEY\0X'], context());
    for (const refusal of cut.values()) expect(refusal).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(cut.size).toBe(2);
  });

  test('given a prefix that no variable can begin with, when made, then it throws SecretConfigurationError', () => {
    for (const prefix of ['A=', 'A\0', 5 as never]) {
      expect(() => envSource({ prefix })).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
    }
  });

  test('given an aborted signal, when read, then it rejects', async () => {
    await expect(envSource().read(['A'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('given a source that was read, when printed in any way, then no value shows', async () => {
    const source = envSource({ prefix: 'ENVTEST_' });
    await source.readAll!(context());
    expect(printed(source)).not.toContain(value);
    expect(printed(source)).toContain('[secrets env]');
  });
});
