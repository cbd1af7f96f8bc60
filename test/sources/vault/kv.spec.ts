import type { VaultClient, VaultInvalidPathError } from '../../../lib/sources/vault/index.js';
import { isVaultError, VaultError, VaultInvalidRequestError } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

describeOnEachVault([], 'VaultClient against %s: KV', (product) => {
  let server: VaultServer;
  let client: VaultClient;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await client.sys.enableEngine('kv', { path: 'old', options: { version: '1' } });
  });
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  describe('version 2', () => {
    test('given a secret, when written and read, then the envelope holds data and metadata as Vault spells them', async () => {
      const written = await client.kv.v2.createOrUpdate('app/db', { user: 'u', pass_word: { deepKey: 1 } });
      const read = await client.kv.v2.read('app/db');

      expect(written.data).toMatchObject({ version: 1, destroyed: false, deletion_time: '' });
      expect(read).toEqual({
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        leaseId: '',
        leaseDuration: 0,
        renewable: false,
        data: {
          data: { user: 'u', pass_word: { deepKey: 1 } },
          metadata: expect.objectContaining({ version: 1, custom_metadata: null }),
        },
        warnings: null,
        auth: null,
        wrapInfo: null,
      });
    });

    test('given check-and-set, when the version is another, then it is a 400 with Vault’s text', async () => {
      await client.kv.v2.createOrUpdate('cas', { a: 1 }, { cas: 0 });
      const error = await failureOf<VaultError>(client.kv.v2.createOrUpdate('cas', { a: 2 }, { cas: 0 }));
      expect(error).toBeInstanceOf(VaultInvalidRequestError);
      expect(error).toMatchObject({ name: 'VaultInvalidRequestError', status: 400, path: 'secret/data/cas' });
      expect(error.errors[0]).toContain('check-and-set parameter did not match');
      expect((await client.kv.v2.createOrUpdate('cas', { a: 2 }, { cas: 1 })).data.version).toBe(2);
    });

    test('given several versions, when one is asked for, then it comes', async () => {
      for (const n of [1, 2, 3]) await client.kv.v2.createOrUpdate('versions', { n });
      expect((await client.kv.v2.read<{ n: number }>('versions', { version: 2 })).data.data.n).toBe(2);
      expect((await client.kv.v2.read<{ n: number }>('versions')).data.data.n).toBe(3);
    });

    test('given deleted, destroyed and missing versions, when read, then each tells itself apart', async () => {
      for (const n of [1, 2, 3]) await client.kv.v2.createOrUpdate('gone', { n });
      await client.kv.v2.deleteVersions('gone', [1]);
      await client.kv.v2.destroy('gone', [2]);
      const read = (version: number) => failureOf<VaultInvalidPathError>(client.kv.v2.read('gone', { version }));

      const deleted = await read(1);
      expect(deleted).toMatchObject({ name: 'VaultInvalidPathError', status: 404 });
      expect(deleted.metadata).toMatchObject({
        version: 1,
        destroyed: false,
        deletion_time: expect.stringMatching(/^20/),
      });
      expect(deleted.message).toContain('version 1 was deleted at 20');
      const destroyed = await read(2);
      expect(destroyed.metadata).toMatchObject({ version: 2, destroyed: true });
      expect(destroyed.message).toContain('version 2 is destroyed');
      const missing = await read(99);
      expect([missing.status, missing.metadata]).toEqual([404, undefined]);
      const nothing = await failureOf<VaultInvalidPathError>(client.kv.v2.read('never-was'));
      expect([nothing.status, nothing.errors, nothing.metadata]).toEqual([404, [], undefined]);
    });

    test('given a deleted version, when undeleted, then it is there again; given a destroyed one, then not', async () => {
      for (const n of [1, 2]) await client.kv.v2.createOrUpdate('back', { n });
      await client.kv.v2.delete('back');
      expect((await failureOf<VaultInvalidPathError>(client.kv.v2.read('back'))).metadata?.version).toBe(2);
      await client.kv.v2.undelete('back', [2]);
      expect((await client.kv.v2.read('back')).data.data).toEqual({ n: 2 });
      await client.kv.v2.destroy('back', [2]);
      await client.kv.v2.undelete('back', [2]);
      await expect(client.kv.v2.read('back')).rejects.toMatchObject({ metadata: { destroyed: true } });
    });

    test('given a version that will be deleted some day, when read, then it is alive', async () => {
      await client.kv.v2.updateMetadata('mortal', { deleteVersionAfter: '1h' });
      await client.kv.v2.createOrUpdate('mortal', { a: 1 });
      const { data } = await client.kv.v2.read('mortal');
      expect(data.data).toEqual({ a: 1 });
      expect(Date.parse(data.metadata.deletion_time)).toBeGreaterThan(Date.now());
    });

    test('given a patch, when applied, then named keys change, null removes, others stay', async () => {
      await client.kv.v2.createOrUpdate('patched', { keep: 1, change: 1, drop: 1 });
      const { data } = await client.kv.v2.patch('patched', { change: 2, drop: null }, { cas: 1 });
      expect(data.version).toBe(2);
      expect((await client.kv.v2.read('patched')).data.data).toEqual({ keep: 1, change: 2 });
      await expect(client.kv.v2.patch('never-was', { a: 1 })).rejects.toMatchObject({ status: 404 });
    });

    test('given folders, when listed, then names and sub-folders; an empty one is not an error, a missing mount is', async () => {
      await client.kv.v2.createOrUpdate('folder/one', { a: 1 });
      await client.kv.v2.createOrUpdate('folder/sub/two', { a: 1 });
      expect((await client.kv.v2.list('folder')).data).toEqual({ keys: ['one', 'sub/'] });
      expect((await client.kv.v2.list('folder/')).data).toEqual({ keys: ['one', 'sub/'] });
      expect((await client.kv.v2.list()).data.keys).toContain('folder/');
      expect((await client.kv.v2.list('')).data.keys).toContain('folder/');
      expect((await client.kv.v2.list('empty')).data).toEqual({ keys: [] });
      const error = await failureOf<VaultError>(client.kv.v2.list('x', { mount: 'nowhere' }));
      expect([error.status, error.errors[0]]).toEqual([404, expect.stringContaining('no handler for route')]);
    });

    test('given metadata, when updated, read and deleted with all versions, then so it is', async () => {
      await client.kv.v2.createOrUpdate('meta', { a: 1 });
      await client.kv.v2.updateMetadata('meta', {
        maxVersions: 3,
        casRequired: true,
        deleteVersionAfter: '72h',
        customMetadata: { ownerTeam: 'a' },
      });
      expect((await client.kv.v2.readMetadata('meta')).data).toMatchObject({
        max_versions: 3,
        cas_required: true,
        delete_version_after: '72h0m0s',
        current_version: 1,
        custom_metadata: { ownerTeam: 'a' },
        versions: { 1: { destroyed: false } },
      });
      await client.kv.v2.deleteMetadataAndAllVersions('meta');
      await expect(client.kv.v2.readMetadata('meta')).rejects.toMatchObject({ status: 404 });
    });

    test('given a path of version 1 on a version 2 mount, when read, then Vault’s warning is in the error', async () => {
      const error = await failureOf<VaultError>(client.read('secret/app/db'));
      expect(error.status).toBe(404);
      expect(error.warnings[0]).toContain('Invalid path for a versioned K/V secrets engine');
      expect(error.message).toContain('Invalid path for a versioned K/V secrets engine');
    });
  });

  describe('version 1', () => {
    const mount = 'old';
    test('given a secret, when written, read, listed and deleted, then so it is', async () => {
      expect((await client.kv.v1.list('', { mount })).data).toEqual({ keys: [] });
      expect((await client.kv.v1.write('a/b', { x: 'y' }, { mount })).data).toBeNull();
      expect((await client.kv.v1.read('a/b', { mount })).data).toEqual({ x: 'y' });
      expect((await client.kv.v1.list('a', { mount })).data).toEqual({ keys: ['b'] });
      expect((await client.kv.v1.list('', { mount })).data).toEqual({ keys: ['a/'] });
      await client.kv.v1.delete('a/b', { mount });
      await expect(client.kv.v1.read('a/b', { mount })).rejects.toMatchObject({ status: 404, path: 'old/a/b' });
    });
  });

  describe('any path', () => {
    test('given a path, when written, read, listed and deleted, then so it is', async () => {
      expect((await client.write('old/generic/x', { some_key: 'v' })).data).toBeNull();
      expect((await client.read('old/generic/x')).data).toEqual({ some_key: 'v' });
      expect((await client.list('old/generic')).data).toEqual({ keys: ['x'] });
      expect((await client.list('old/generic/')).data).toEqual({ keys: ['x'] });
      expect((await client.delete('old/generic/x')).data).toBeNull();
      expect((await client.list('old/generic')).data).toEqual({ keys: [] });
    });

    test.each([
      'ü/日本',
      'with space',
      'a?list=true',
      'a#b',
      'percent%',
      '50%25',
      'a&b=c',
      'semi;colon',
      "quote'",
      'a+b',
    ])('given the name %j, when written, then it is that name and no other', async (name) => {
      await client.kv.v2.createOrUpdate(`names/${name}`, { name });
      expect((await client.kv.v2.read(`names/${name}`)).data.data).toEqual({ name });
      const { keys } = (await client.kv.v2.list('names')).data;
      expect(keys).toContain(name.includes('/') ? `${name.split('/')[0]}/` : name);
    });

    test('given slashes around a mount or a path, when called, then it is the same without', async () => {
      await client.kv.v2.createOrUpdate('/slashes/a/', { a: 1 }, { mount: '/secret/' });
      expect((await client.kv.v2.read('slashes/a')).data.data).toEqual({ a: 1 });
      expect((await client.read('/secret/data/slashes/a/')).data).toMatchObject({ data: { a: 1 } });
      expect((await client.kv.v2.list('/slashes/', { mount: 'secret/' })).data).toEqual({ keys: ['a'] });
      expect((await client.kv.v2.list('/')).data.keys).toContain('slashes/');
    });

    test.each([
      '../sys/seal', 'a/../../sys/seal', 'a/..', '.', './a', '%2e%2e/x', '%2E./x', '.%2e', 'a/%252e%252e/b', 'a%2f..%2fb', 'a\\..\\b',
      'a//b', '/a//b', '', '/', 'a\u0000b', 'a\nb', 'a\u007fb', '\ud800',
    ])('given the path %j, when called, then it is refused before anything is sent', async (path) => {
      const calls = [
        client.kv.v2.read(path),
        client.kv.v2.createOrUpdate(path, { a: 1 }),
        client.kv.v1.delete(path, { mount: 'old' }),
        client.database.generateCredentials(path),
        client.sys.deletePolicy(path),
      ];
      for (const call of calls) {
        const error = await failureOf<VaultError>(call);
        expect(error).toBeInstanceOf(VaultError);
        expect(isVaultError(error)).toBe(true);
        expect(error.message).toContain('it is not sent');
      }
    }); // prettier-ignore

    test.each(['a/b', 'x/../y'])('given %j where one name is wanted, when called, then it is refused', async (name) => {
      await expect(client.transit.encrypt(name, 'x')).rejects.toThrow('a name with a slash');
      await expect(client.auth.userpass.login({ username: name, password: 'p' })).rejects.toThrow(
        'a name with a slash',
      );
      await expect(client.auth.appRole.generateSecretId(name)).rejects.toThrow('a name with a slash');
      await expect(client.pki.issue(name, { commonName: 'x' })).rejects.toThrow('a name with a slash');
    });
  });
});
