import { createDecipheriv, createCipheriv, randomBytes } from 'node:crypto';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { VaultError, VaultInvalidRequestError } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

const textOf = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString();

describeOnEachVault([], 'VaultClient against %s: transit', (product) => {
  let server: VaultServer;
  let client: VaultClient;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await client.sys.enableEngine('transit');
    await client.write('transit/keys/main');
    await client.write('transit/keys/derived', { derived: true });
    await client.write('transit/keys/rsa', { type: 'rsa-2048' });
    await client.write('transit/keys/ed', { type: 'ed25519' });
  });
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given text, when encrypted and decrypted, then the same as bytes, with a buffer of their own', async () => {
    const ciphertext = await client.transit.encrypt('main', 'grüße');
    expect(ciphertext).toMatch(/^vault:v1:/);
    const bytes = await client.transit.decrypt('main', ciphertext);
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(textOf(bytes)).toBe('grüße');
  });

  test('given bytes, also a view into a larger buffer, when encrypted and decrypted, then exactly those', async () => {
    const bytes = new Uint8Array([0, 255, 128, 10, 13, 0]);
    const view = bytes.subarray(1, 4);
    expect(await client.transit.decrypt('main', await client.transit.encrypt('main', bytes))).toEqual(bytes);
    expect(await client.transit.decrypt('main', await client.transit.encrypt('main', view))).toEqual(
      new Uint8Array([255, 128, 10]),
    );
    expect(await client.transit.decrypt('main', await client.transit.encrypt('main', ''))).toEqual(new Uint8Array());
  });

  test('given a list, when encrypted and decrypted, then a list in its order; an empty one asks nothing', async () => {
    const ciphertexts = await client.transit.encrypt('main', ['a', Buffer.from('b'), 'c']);
    expect(ciphertexts).toHaveLength(3);
    const bytes = await client.transit.decrypt('main', ciphertexts as string[]);
    expect(bytes.map(textOf)).toEqual(['a', 'b', 'c']);
    expect(await client.transit.encrypt('main', [])).toEqual([]);
    expect(await client.transit.decrypt('no-such-key', [])).toEqual([]);
  });

  test('given a list with a bad item, when decrypted, then an error in its place and the others as ever', async () => {
    const good = await client.transit.encrypt('main', 'good');
    const [first, bad, last] = await client.transit.decrypt('main', [good, 'vault:v1:canary-broken', good]);
    expect([textOf(first), textOf(last)]).toEqual(['good', 'good']);
    expect(bad).toBeInstanceOf(VaultInvalidRequestError);
    expect(bad).toMatchObject({ status: 400, path: 'transit/decrypt/main' });
    expect((bad as VaultError).errors).toHaveLength(1);
    expect((bad as VaultError).message).not.toContain('canary-broken');
    const all = await client.transit.decrypt('main', ['nonsense', 'vault:v9:AAAA']);
    expect(all.every((item) => item instanceof VaultError)).toBe(true);
  });

  test('given a list of 600, when encrypted, then HashiCorp Vault does it, and OpenBao takes no more than 1000 texts in one request', async () => {
    const encrypted = client.transit.encrypt('main', Array<string>(600).fill('x'));
    if (product === 'vault') return expect(await encrypted).toHaveLength(600);
    const error = await failureOf<VaultError>(encrypted);
    expect(error).toBeInstanceOf(VaultInvalidRequestError);
    expect(error.errors[0]).toContain('exceeded maximum number of strings');
  });

  test('given a single bad ciphertext, or an unknown key, when decrypted, then it rejects', async () => {
    await expect(client.transit.decrypt('main', 'nonsense')).rejects.toMatchObject({ status: 400 });
    const good = await client.transit.encrypt('main', 'x');
    const error = await failureOf<VaultError>(client.transit.decrypt('unknown', good));
    expect(error.status).toBe(400);
    expect(error.errors[0]).toContain('encryption key not found');
    await expect(client.transit.decrypt('unknown', [good])).rejects.toBeInstanceOf(VaultError);
  });

  test('given a derived key, when the context differs, then it is not valid; alone or in a batch', async () => {
    const context = 'tenant-1';
    const one = await client.transit.encrypt('derived', 'x', { context });
    expect(textOf(await client.transit.decrypt('derived', one, { context }))).toBe('x');
    await expect(client.transit.decrypt('derived', one, { context: 'tenant-2' })).rejects.toMatchObject({
      status: 400,
    });
    const many = (await client.transit.encrypt('derived', ['a', 'b'], { context })) as string[];
    expect((await client.transit.decrypt('derived', many, { context })).map(textOf)).toEqual(['a', 'b']);
  });

  test('given associated data, when they differ, then it is not valid', async () => {
    const ciphertext = await client.transit.encrypt('main', 'x', { associatedData: 'row-1' });
    expect(textOf(await client.transit.decrypt('main', ciphertext, { associatedData: 'row-1' }))).toBe('x');
    await expect(client.transit.decrypt('main', ciphertext, { associatedData: 'row-2' })).rejects.toMatchObject({
      status: 400,
    });
  });

  test('given a rotated key, when rewrapped, then the latest version holds the same', async () => {
    await client.write('transit/keys/turning');
    const old = await client.transit.encrypt('turning', 'x');
    await client.write('transit/keys/turning/rotate');
    const rewrapped = await client.transit.rewrap('turning', old);
    expect(rewrapped).toMatch(/^vault:v2:/);
    expect(textOf(await client.transit.decrypt('turning', rewrapped))).toBe('x');
    expect(await client.transit.rewrap('turning', [old, 'nonsense'])).toEqual([
      expect.stringMatching(/^vault:v2:/),
      expect.any(VaultError),
    ]);
    expect(await client.transit.encrypt('turning', 'x', { keyVersion: 1 })).toMatch(/^vault:v1:/);
  });

  test.each([
    ['ed', {}],
    ['rsa', { hashAlgorithm: 'sha2-512', signatureAlgorithm: 'pkcs1v15' }],
    ['rsa', { signatureAlgorithm: 'pss', saltLength: 'hash' }],
  ] as const)(
    'given a key %s with %j, when signed and verified, then true for the input alone',
    async (key, options) => {
      const signature = await client.transit.sign(key, 'message', options);
      expect(await client.transit.verify(key, Buffer.from('message'), signature, options)).toBe(true);
      expect(await client.transit.verify(key, 'other', signature, options)).toBe(false);
    },
  );

  test('given lists, when signed and verified, then pairwise', async () => {
    const signatures = (await client.transit.sign('ed', ['a', 'b'])) as string[];
    expect(await client.transit.verify('ed', ['a', 'b'], signatures)).toEqual([true, true]);
    expect(await client.transit.verify('ed', ['b', 'b'], signatures)).toEqual([false, true]);
    expect(await client.transit.verify('ed', ['a', 'b'], [signatures[0] ?? '', 'nonsense'])).toEqual([
      true,
      expect.any(VaultError),
    ]);
    await expect(client.transit.verify('ed', ['a', 'b'], [])).rejects.toThrow('as many signatures as inputs');
  });

  test('given an HMAC, when verified, then true for the input alone', async () => {
    const hmac = await client.transit.hmac('main', 'message');
    expect(hmac).toBe(await client.transit.hmac('main', 'message', { keyVersion: 1 }));
    expect(await client.transit.hmac('main', 'message', { algorithm: 'sha2-512' })).not.toBe(hmac);
    expect(await client.transit.hmac('main', ['message', 'x'])).toEqual([hmac, expect.stringMatching(/^vault:v1:/)]);
    expect(await client.transit.verify('main', 'message', hmac, { kind: 'hmac' })).toBe(true);
    expect(await client.transit.verify('main', 'other', hmac, { kind: 'hmac' })).toBe(false);
  });

  test('given a data key, when generated, then it encrypts here, and Vault gives it back', async () => {
    const { plaintext, ciphertext } = await client.transit.generateDataKey('main');
    expect(plaintext).toHaveLength(32);
    expect(await client.transit.decrypt('main', ciphertext)).toEqual(plaintext);
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-256-cbc', plaintext, iv);
    const sealed = Buffer.concat([cipher.update('data'), cipher.final()]);
    const decipher = createDecipheriv('aes-256-cbc', plaintext, iv);
    expect(decipher.update(sealed, undefined, 'utf8') + decipher.final('utf8')).toBe('data');
    const wrapped = await client.transit.generateDataKey('main', { type: 'wrapped', bits: 512 });
    expect(Object.keys(wrapped)).toEqual(['ciphertext']);
    expect(await client.transit.decrypt('main', wrapped.ciphertext)).toHaveLength(64);
  });

  test('given another mount, when named, then it is used', async () => {
    await client.sys.enableEngine('transit', { path: 'team/keys' });
    await client.write('team/keys/keys/k');
    const mount = 'team/keys';
    expect(
      textOf(await client.transit.decrypt('k', await client.transit.encrypt('k', 'x', { mount }), { mount })),
    ).toBe('x');
  });

  test('given a wrapping client, when a typed transit call is made, then it is refused, and write does it', async () => {
    const wrapping = client.withWrapping('60s');
    const untyped = wrapping as unknown as VaultClient;
    await expect(untyped.transit.encrypt('main', 'x')).rejects.toThrow('is not sent');
    const { wrapInfo } = await wrapping.write('transit/encrypt/main', { plaintext: 'eA==' });
    const { data } = await client.sys.wrapping.unwrap<{ ciphertext: string }>(wrapInfo.token);
    expect(textOf(await client.transit.decrypt('main', data.ciphertext))).toBe('x');
  });
});
