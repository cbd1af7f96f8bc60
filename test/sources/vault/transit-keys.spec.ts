import { randomBytes } from 'node:crypto';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import {
  VaultError,
  VaultInvalidPathError,
  VaultInvalidRequestError,
  VaultServerError,
} from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

const textOf = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString();

describeOnEachVault([], 'VaultClient against %s: the keys of transit', (product) => {
  let server: VaultServer;
  let client: VaultClient;
  const keys = () => client.transit.keys;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server, { retry: false });
    await client.sys.enableEngine('transit');
  }, 60_000);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given a key, when made, rotated, configured and trimmed, then it is as asked for', async () => {
    const made = await keys().create('turning', { type: 'chacha20-poly1305', exportable: true });
    expect(made.data).toMatchObject({
      name: 'turning',
      type: 'chacha20-poly1305',
      latest_version: 1,
      exportable: true,
    });
    const old = await client.transit.encrypt('turning', 'x');
    expect((await keys().create('turning', { type: 'ed25519' })).data.type).toBe('chacha20-poly1305');

    expect((await keys().rotate('turning')).data.latest_version).toBe(2);
    await keys().configure('turning', { minDecryptionVersion: 2, minEncryptionVersion: 2 });
    await expect(client.transit.decrypt('turning', old)).rejects.toMatchObject({ status: 400 });
    await keys().trim('turning', 2);
    const { data } = await keys().read('turning');
    expect(data).toMatchObject({ min_available_version: 2, min_decryption_version: 2, latest_version: 2 });
    expect(Object.keys(data.keys)).toEqual(['2']);
    expect((await keys().list()).data.keys).toContain('turning');
  });

  test('given an exportable key, when exported, then the key itself, all versions or one', async () => {
    await keys().create('open', { exportable: true });
    await keys().rotate('open');
    const { data } = await keys().export('open', 'encryption-key');
    expect(Object.keys(data.keys)).toEqual(['1', '2']);
    expect(Buffer.from(data.keys['2']!, 'base64')).toHaveLength(32);
    const latest = await keys().export('open', 'encryption-key', { version: 'latest' });
    expect(latest.data.keys).toEqual({ 2: data.keys['2'] });
    expect((await keys().export('open', 'encryption-key', { version: 1 })).data.keys).toEqual({ 1: data.keys['1'] });
  });

  test('given a backup, when restored, then the key under its name or another; a name that is taken needs `force`', async () => {
    await keys().create('saved', { exportable: true, allowPlaintextBackup: true });
    const ciphertext = await client.transit.encrypt('saved', 'x');
    const { backup } = (await keys().backup('saved')).data;
    expect(await failureOf(keys().restore(backup))).toBeInstanceOf(VaultServerError);
    await keys().restore(backup, { force: true });
    await keys().restore(backup, { name: 'copy' });
    expect(textOf(await client.transit.decrypt('copy', ciphertext))).toBe('x');
  });

  test('given what a key does not allow, when asked for, then Vault says why, and nothing of the key is in the error', async () => {
    await keys().create('closed');
    const refusals = {
      delete: await failureOf<VaultError>(keys().delete('closed')),
      export: await failureOf<VaultError>(keys().export('closed', 'encryption-key')),
      backup: await failureOf<VaultError>(keys().backup('closed')),
      type: await failureOf<VaultError>(keys().create('other', { type: 'canary-type' })),
      version: await failureOf<VaultError>(keys().configure('closed', { minDecryptionVersion: 9 })),
    };
    expect(refusals.delete.message).toContain('error deleting policy closed: deletion is not allowed for this key');
    expect(refusals.export.message).toContain('private key material is not exportable');
    expect(refusals.backup.message).toContain('exporting is disallowed on the policy');
    expect(refusals.type.message).toMatch(/unknown key type …$/);
    expect(refusals.version.message).toContain('latest key version is …');
    expect(await failureOf(keys().read('none'))).toBeInstanceOf(VaultInvalidPathError);
    await keys().configure('closed', { deletionAllowed: true });
    await keys().delete('closed');
    expect((await keys().list()).data.keys).not.toContain('closed');
  });

  test('given a wrapping client, when a key is exported, then its wrapping token stands for it', async () => {
    await keys().create('handed', { exportable: true });
    const { data, wrapInfo } = await client.withWrapping('60s').transit.keys.export('handed', 'hmac-key');
    expect(data).toBeNull();
    const unwrapped = await client.sys.wrapping.unwrap<{ keys: object }>(wrapInfo.token);
    expect(Object.keys(unwrapped.data.keys)).toEqual(['1']);
  });

  test('given a key or mount with a slash or dots, when named, then nothing is sent elsewhere', async () => {
    await expect(keys().read('a/b')).rejects.toThrow('it is not sent');
    await expect(keys().export('a', '../keys' as never)).rejects.toThrow('it is not sent');
    await expect(keys().export('a', 'hmac-key', { version: '../../x' as never })).rejects.toThrow('it is not sent');
    await expect(keys().read('a', { mout: 'x' } as never)).rejects.toThrow('mount');
  });

  describe('items of a batch with fields of their own', () => {
    beforeAll(async () => {
      await keys().create('derived', { derived: true });
      await keys().create('plain');
      await keys().rotate('plain');
      await keys().create('signing', { type: 'ed25519', derived: true });
    });

    test('given contexts of their own, when encrypted, decrypted and rewrapped, then each by its own; the call’s is for the rest', async () => {
      const ciphertexts = (await client.transit.encrypt(
        'derived',
        [{ plaintext: 'a', context: 'tenant-1' }, { plaintext: Buffer.from('b'), context: 'tenant-2' }, 'c'],
        { context: 'shared' },
      )) as string[];
      const contexts = ['tenant-1', 'tenant-2', 'shared'];
      const items = ciphertexts.map((ciphertext, index) => ({ ciphertext, context: contexts[index] }));
      expect((await client.transit.decrypt('derived', items)).map(textOf)).toEqual(['a', 'b', 'c']);
      const crossed = await client.transit.decrypt('derived', [items[0]!, { ...items[1]!, context: 'tenant-1' }]);
      expect(textOf(crossed[0])).toBe('a');
      expect(crossed[1]).toBeInstanceOf(VaultInvalidRequestError);
      await keys().rotate('derived');
      const rewrapped = (await client.transit.rewrap('derived', items)) as string[];
      expect(rewrapped.map((text) => text.slice(0, 9))).toEqual(['vault:v2:', 'vault:v2:', 'vault:v2:']);
    });

    test('given an item without a context among others, when encrypted or decrypted, then it alone is refused', async () => {
      const [a, none, b] = await client.transit.encrypt('derived', [
        { plaintext: 'a', context: '1' },
        'canary-plain',
        { plaintext: 'b', context: '2' },
      ]);
      expect(none).toMatchObject({ status: 400, path: 'transit/encrypt/derived' });
      expect((none as VaultError).message).not.toContain('canary');
      const [first, second, third] = await client.transit.decrypt('derived', [
        a as string,
        { ciphertext: a as string, context: '1' },
        { ciphertext: b as string, context: '2' },
      ]);
      expect(first).toBeInstanceOf(VaultInvalidRequestError);
      expect([second, third].map(textOf)).toEqual(['a', 'b']);
      const alone = await client.transit.encrypt('derived', ['x', 'y']);
      expect(alone.every((item) => item instanceof VaultError)).toBe(true);
    });

    test('given versions and associated data of their own, when encrypted, then each by its own, and a bad one fails alone', async () => {
      const items = await client.transit.encrypt('plain', [
        { plaintext: 'a', keyVersion: 1, associatedData: 'row-1' },
        { plaintext: 'b', keyVersion: 9 },
        { plaintext: 'c', associatedData: 'row-3' },
      ]);
      expect(items[0]).toMatch(/^vault:v1:/);
      expect(items[1]).toMatchObject({
        errors: ['requested version for encryption is higher than the latest key version'],
      });
      expect(items[2]).toMatch(/^vault:v2:/);
      const [a, wrong] = await client.transit.decrypt('plain', [
        { ciphertext: items[0] as string, associatedData: 'row-1' },
        { ciphertext: items[2] as string, associatedData: 'row-1' },
      ]);
      expect(textOf(a)).toBe('a');
      expect(wrong).toBeInstanceOf(VaultError);
      const [refused, taken] = await client.transit.rewrap('plain', [
        { ciphertext: 'nonsense', keyVersion: 1 },
        { ciphertext: await client.transit.encrypt('plain', 'x'), keyVersion: 1 },
      ]);
      expect(refused).toBeInstanceOf(VaultError);
      expect(taken).toMatch(/^vault:v1:/);
    });

    test('given a nonce that a key does not take, when encrypted, then that item alone is refused by HashiCorp Vault', async () => {
      const [good, bad] = await client.transit.encrypt('plain', [
        { plaintext: 'a' },
        { plaintext: 'b', nonce: randomBytes(12) },
      ]);
      expect(good).toMatch(/^vault:v2:/);
      if (product === 'vault') expect(bad).toMatchObject({ errors: ['provided nonce not allowed for this key'] });
    });

    test('given contexts of their own, when signed and verified, then pairwise', async () => {
      const inputs = [{ input: 'a', context: '1' }, 'b', { input: 'a', context: '2' }];
      const [first, none, last] = await client.transit.sign('signing', inputs);
      expect(none).toMatchObject({ status: 400 });
      expect(first).not.toBe(last);
      const verdicts = await client.transit.verify('signing', inputs, [
        first as string,
        first as string,
        first as string,
      ]);
      expect(verdicts).toEqual([true, expect.any(VaultError), false]);
    });

    test('given an item that is none, when given, then it is refused by the name of its field, and nothing is sent', async () => {
      await expect(client.transit.encrypt('plain', [{ plaintext: 'a', contxt: 'x' } as never])).rejects.toThrow(
        'context',
      );
      await expect(client.transit.encrypt('plain', [{ context: 'x' } as never])).rejects.toThrow('"plaintext"');
      await expect(client.transit.encrypt('plain', [null as never])).rejects.toThrow('plaintext');
      await expect(client.transit.encrypt('plain', [7 as never])).rejects.toThrow('plaintext');
      await expect(client.transit.encrypt('plain', 7 as never)).rejects.toThrow();
      await expect(client.transit.encrypt('plain', [{ plaintext: 'a', context: null as never }])).rejects.toThrow(
        'text or bytes',
      );
    });
  });

  test('given randomness and hashes, when asked for, then bytes', async () => {
    expect(await client.transit.randomBytes(48)).toHaveLength(48);
    expect(Buffer.from(await client.transit.hash('x', { algorithm: 'sha2-256' })).toString('hex')).toBe(
      '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    );
    await expect(client.transit.hash('x', { algorithm: 'sha2-1' })).rejects.toMatchObject({ status: 400 });
  });
});
