import { jest } from '@jest/globals';
import { SecretVersion } from 'nestjs-hcp-vault';
import { z } from 'zod';
import { scripted } from '../support/scripted-connection.js';

describe('hooks and schemas', () => {
  const inPlace = (value: unknown): unknown => Object.assign(value as object, { seen: true });
  const schema = {
    DB: {
      '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value: inPlace(value) }) },
    },
  };

  it.each([
    ['a hook', { cache: { hook: { put: (_: string, value: unknown) => inPlace(value) } } }],
    ['a schema', { schema }],
  ])(
    'given %s that changes what it is given in place, when a value comes, then that is taken, and the source’s own is as it was',
    async (_, options) => {
      const given = SecretVersion.of({ list: [1] });
      const set = scripted(options);
      set.backend.always.read = () => new Map([['DB', given]]);
      await set.start('DB');
      expect(set.client.get('DB')).toEqual({ list: [1], seen: true });
      expect(given.value).toEqual({ list: [1] });
      const value = set.client.get<{ list: number[] }>('DB');
      expect(() => value.list.push(2)).toThrow('not extensible');
      expect(set.backend.count('read')).toBe(1);
    },
  );

  it('given a hook, when a value comes, then `put` makes what is kept, and `get` of that what is handed on; each once a value', async () => {
    const put = jest.fn((name: string, value: unknown) => `${name}=${String(value)}`);
    const get = jest.fn((name: string, stored: unknown) => `${String(stored)} of ${name}`);
    const set = scripted({ cache: { hook: { put, get } } });
    set.backend.set('KEY', { value: 'v1' });
    await set.start('KEY');
    for (let n = 0; n < 3; n += 1) expect(set.client.get('KEY')).toBe('KEY=v1 of KEY');
    await set.client.refresh('KEY');
    expect([put.mock.calls, get.mock.calls]).toEqual([[['KEY', 'v1']], [['KEY', 'KEY=v1']]]);
  });

  it('given Base64 in a field and a schema that makes bytes of it, when read and rotated, then the value is bytes, and text that is none is refused', async () => {
    const KEYSTORE = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
    const set = scripted({ schema: { KEYSTORE, DB: z.object({ key: KEYSTORE }) } });
    set.backend.set('KEYSTORE', { value: 'YWI=' });
    set.backend.set('DB', { value: { key: 'YWI=' } });
    await set.start('KEYSTORE', 'DB');
    expect(set.client.get('KEYSTORE')).toEqual(Uint8Array.from([97, 98]));
    expect(set.client.get('DB')).toEqual({ key: Uint8Array.from([97, 98]) });
    set.client.get<Uint8Array>('KEYSTORE')[0] = 0;
    expect(set.client.get('KEYSTORE')).toEqual(Uint8Array.from([97, 98]));
    set.backend.set('KEYSTORE', { value: 'no Base64!' });
    expect(await set.client.refresh('KEYSTORE')).toMatchObject({ failed: [{ name: 'KEYSTORE' }] });
    expect(set.client.get('KEYSTORE')).toEqual(Uint8Array.from([97, 98]));
  });
});
