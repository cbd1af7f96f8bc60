import { context, valuesOf } from '../support/hcp.js';
import { asked, cleanUp, emulated } from './azure.js';

afterEach(cleanUp);

describe('azureKeyVault: names', () => {
  it('given names with underscores and capitals, when read, then dashes stand for them, and all spellings are one secret', async () => {
    const { vault, source } = await emulated({ 'stripe-key': 'v' });
    expect(valuesOf(await source.read(['STRIPE_KEY', 'stripe-key'], context()))).toEqual({
      STRIPE_KEY: 'v',
      'stripe-key': 'v',
    });
    expect(asked(vault)).toEqual(['GET /secrets/STRIPE-KEY']);
    expect(source.canonicalName('STRIPE_KEY')).toBe(source.canonicalName('stripe-key'));
    expect(source.describe('STRIPE_KEY')).toEqual([{ source: 'azure-key-vault', name: 'STRIPE-KEY', at: vault.url }]);
  });

  it('given a mapping, when read and listed, then names go by it, and come back as the app has asked', async () => {
    const { vault, source } = await emulated(
      { 'shop--db--password': 'v', 'shop--other': 'w' },
      { prefix: 'shop--', name: (name) => name.replaceAll('.', '--') },
    );
    expect(valuesOf(await source.read(['db.password'], context()))).toEqual({ 'db.password': 'v' });
    expect(await source.list(undefined, context())).toEqual(['db.password', 'other']);
    expect(source.namesOf(`${vault.url}/secrets/shop--db--password/${'a'.repeat(32)}`)).toEqual(['db.password']);
    expect(source.namesOf('shop--other')).toEqual(['other']);
    expect(source.namesOf('elsewhere')).toEqual([]);
  });

  it('given a mapping that nothing leads back by, when listed, then what no name leads to is left out', async () => {
    const { source } = await emulated({ 'x-a': 'v', a: 'w' }, { name: (name) => `x-${name}` });
    expect(await source.list(undefined, context())).toEqual([]);
    await source.read(['a'], context());
    expect(await source.list(undefined, context())).toEqual(['a']);
  });

  it('given two names that lead to one secret, when read, then the second is refused by name, at once or later, and the first is not', async () => {
    const { source } = await emulated({ 'a-b-c': 'v' });
    const found = await source.read(['a_b-c', 'a-b_c'], context());
    expect(valuesOf(found)).toEqual({ 'a_b-c': 'v', 'a-b_c': 'SECRET_CONFIGURATION' });
    expect((found.get('a-b_c') as Error).message).toContain('"a_b-c" and "a-b_c" both lead to the secret "a-b-c"');
    expect(valuesOf(await source.read(['a_b_c'], context()))).toEqual({ a_b_c: 'SECRET_CONFIGURATION' });
    expect(source.canonicalName('a_b_c')).not.toBe(source.canonicalName('a_b-c'));
    await expect(source.write('a_b_c', 'w', context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
  });

  it('given a name that leads to nothing, when another that leads there is read later, then it is taken', async () => {
    const { vault, source } = await emulated({});
    expect((await source.read(['a_b-c'], context())).size).toBe(0);
    vault.secrets.set('a-b-c', 'v');
    expect(valuesOf(await source.read(['a-b_c'], context()))).toEqual({ 'a-b_c': 'v' });
  });

  it('given names that Key Vault can’t have, a mapping that fails, or one that leads astray, when read, then each is refused, and nothing is asked', async () => {
    const name = (given: string): string => {
      if (given === 'throws') throw new Error('canary-thrown');
      if (given === 'number') return 5 as never;
      return given === 'astray' ? '../deletedsecrets/x' : given;
    };
    const { vault, source } = await emulated({}, { name });
    const found = await source.read(['a.b', 'a/b', 'x'.repeat(128), 'throws', 'number', 'astray', '..'], context());
    expect(
      Object.fromEntries([...found].map(([key, value]) => [key.slice(0, 6), (value as { code?: string }).code])),
    ).toEqual({
      'a.b': 'SECRET_NOT_FOUND',
      'a/b': 'SECRET_NOT_FOUND',
      xxxxxx: 'SECRET_NOT_FOUND',
      throws: 'SECRET_CONFIGURATION',
      number: 'SECRET_CONFIGURATION',
      astray: 'SECRET_CONFIGURATION',
      '..': 'SECRET_CONFIGURATION',
    });
    expect((found.get('throws') as Error).message).not.toContain('canary');
    expect(vault.requests).toEqual([]);
  });

  it('given the address of a secret, as the portal shows it, when read, then it is taken as it stands; one of another vault is refused', async () => {
    const { vault, source } = await emulated({ db: 'one' }, { prefix: 'shop-' });
    const [first] = vault.secrets.find('db')!.versions;
    vault.secrets.set('db', 'two');
    const address = `${vault.url}/secrets/db`;
    const elsewhere = 'https://other.vault.azure.net/secrets/db';
    expect(valuesOf(await source.read([address, `${address}/${first!.id}`, elsewhere], context()))).toEqual({
      [address]: 'two',
      [`${address}/${first!.id}`]: 'one',
      [elsewhere]: 'SECRET_CONFIGURATION',
    });
  });
});
