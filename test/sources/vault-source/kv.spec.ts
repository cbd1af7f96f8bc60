import { request } from 'undici';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { kv, read, token } from '../../../lib/sources/vault/index.js';
import { printed } from '../../../lib/testing/contract/checks.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { until } from './support/app.js';
import { closeSources, context, outcomeOf, sourceOf, valueOf, valuesOf, versionOf } from './support/sources.js';

describeOnEachVault([], 'vault() against %s: KV', (product) => {
  let server: VaultServer;
  let client: VaultClient;
  const make = (options: Partial<Parameters<typeof sourceOf>[0]>) =>
    sourceOf({ address: server.address, auth: token(server.token), ...options });

  /** Written as text, for JSON.stringify has no way to write these. */
  const writeText = (path: string, body: string) =>
    request(`${server.address}/v1/${path}`, { method: 'POST', headers: { 'X-Vault-Token': server.token }, body }).then(
      ({ body: answer }) => answer.dump(),
    );
  const nested = `${'['.repeat(220)}${']'.repeat(220)}`;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await client.sys.enableEngine('kv', { path: 'old', options: { version: '1' } });
    await client.kv.v2.createOrUpdate('app/db', { user: 'app', password: 'canary-one' });
    await client.kv.v2.createOrUpdate('app/db', { user: 'app', password: 'canary-two' });
    await client.kv.v2.createOrUpdate('app/deep/er/mail', { key: 'canary-mail' });
    await client.kv.v2.createOrUpdate('flat', { A: 'canary-a', B: { c: 1 }, PORT: 5432, ON: true, NONE: null });
    await client.kv.v1.write('app/db', { password: 'canary-v1' }, { mount: 'old' });
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given a prefix, when read, then the object at the path, with Vault’s version and time; a version asked for comes', async () => {
    const source = make({ kv: { prefix: '/app/' } });
    const { value, version, createdAt } = await versionOf(source, 'db');
    expect({ value, version }).toEqual({ value: { user: 'app', password: 'canary-two' }, version: '2' });
    expect(Math.abs(Date.now() - createdAt!.getTime())).toBeLessThan(60_000);
    expect((await versionOf(source, 'db', source.previousVersion('2'))).value).toMatchObject({
      password: 'canary-one',
    });
    expect(await valueOf(source, 'deep/er/mail')).toEqual({ key: 'canary-mail' });
    expect(await outcomeOf(source, 'db', '9')).toBeUndefined();
  });

  test('given a prefix, when listed and read as a whole, then all below it, by the names that read takes', async () => {
    const source = make({ kv: { prefix: 'app' } });
    expect([...(await source.list(undefined, context()))].sort()).toEqual(['db', 'deep/er/mail']);
    expect(await source.list('deep/e', context())).toEqual(['deep/er/mail']);
    expect([...(await source.readAll!(context())).keys()].sort()).toEqual(['db', 'deep/er/mail']);
    expect([...(await source.readPath!('deep', context())).keys()]).toEqual(['deep/er/mail']);
    expect([...(await source.readPath!('dee', context())).keys()]).toEqual([]);
  });

  test('given no prefix, when used, then names are paths of the mount, and there is no reading of all', async () => {
    const source = make({});
    expect(await valueOf(source, 'app/db')).toMatchObject({ password: 'canary-two' });
    expect(source.readAll).toBeUndefined();
  });

  test('given KV version 1, when read, written and listed, then it does the same, without versions of its own', async () => {
    const source = make({ kv: { mount: 'old', version: 1, prefix: 'app' } });
    const before = await versionOf(source, 'db');
    expect(before.value).toEqual({ password: 'canary-v1' });
    expect((await versionOf(source, 'db')).version).toBe(before.version);
    await source.write('db', { password: 'canary-v1-new' }, context());
    expect((await versionOf(source, 'db')).version).not.toBe(before.version);
    expect(await source.list(undefined, context())).toEqual(['db']);
    expect(await outcomeOf(source, 'db', '1')).toBeUndefined();
  });

  test('given deleted, destroyed and missing versions, when read, then none is found, and the error tells them apart', async () => {
    await client.kv.v2.createOrUpdate('gone/deleted', { a: 1 });
    await client.kv.v2.delete('gone/deleted');
    await client.kv.v2.createOrUpdate('gone/destroyed', { a: 1 });
    await client.kv.v2.destroy('gone/destroyed', [1]);
    const source = make({ kv: { prefix: 'gone' } });
    const told = async (name: string) => ((await outcomeOf(source, name)) as { message?: string } | undefined)?.message;
    expect(await told('deleted')).toMatch(/version 1 was deleted at 20/);
    expect(await told('destroyed')).toMatch(/version 1 was destroyed/);
    expect(await told('missing')).toBeUndefined();
    expect(await outcomeOf(source, 'deleted')).toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(await source.exists('deleted', context())).toBe(false);
    expect((await source.readAll!(context())).size).toBe(0);
  });

  test('given a document, when read, then each field is a secret of its own; scalars are text, null is none', async () => {
    const source = make({ kv: { document: 'flat' } });
    const all = await source.readAll!(context());
    expect(valuesOf(all)).toEqual({
      A: 'canary-a',
      B: { c: 1 },
      PORT: '5432',
      ON: 'true',
    });
    expect(await source.list('', context())).not.toContain('NONE');
    expect(await source.exists('NONE', context())).toBe(false);
    expect(await source.list('B', context())).toEqual(['B']);
  });

  test('given a document, when a field is written, then the others keep their values, and all show the document’s version', async () => {
    await client.kv.v2.createOrUpdate('written', { A: 'canary-a', B: { c: 1, d: 2 } });
    const source = make({ kv: { document: 'written' } });
    expect((await versionOf(source, 'A')).version).toBe('1');
    await source.write('B', { c: 3 }, context());
    await source.write('NEW', 'canary-new', context());
    expect((await client.kv.v2.read('written')).data.data).toEqual({
      A: 'canary-a',
      B: { c: 3 },
      NEW: 'canary-new',
    });
    const all = await source.readAll!(context());
    for (const name of ['A', 'B', 'NEW']) {
      const shown = { version: '3', versionKind: 'source', createdAt: expect.any(Date) as Date };
      expect(all.get(name)).toMatchObject(shown);
      expect(await versionOf(source, name)).toMatchObject(shown);
    }
    expect((await versionOf(source, 'B', source.previousVersion('3'))).value).toEqual({ c: 3 });
    expect((await versionOf(source, 'B', '1')).value).toEqual({ c: 1, d: 2 });
    const fresh = make({ kv: { document: 'not/there/yet' } });
    await fresh.write('A', 'canary-first', context());
    await client.kv.v2.delete('not/there/yet');
    await fresh.write('A', 'canary-again', context());
    expect(await valueOf(fresh, 'A')).toBe('canary-again');
  });

  test('given writers of one document at once, when they write, then no field is lost', async () => {
    const source = make({ kv: { document: 'contended' } });
    await source.write('zero', { n: 0 }, context());
    const names = Array.from({ length: 4 }, (_, index) => `f${index}`);
    await Promise.all(names.map((name) => source.write(name, { name }, context())));
    expect([...(await source.list('f', context()))].sort()).toEqual(names);
  });

  test('given no such document, when read, then it is a failure, and no proof of absence', async () => {
    const source = make({ kv: { document: 'none' } });
    await expect(source.read(['A'], context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  test('given a mount that takes no write without check-and-set, when written by path or by field, then it is, also where nothing was, and after a deletion', async () => {
    await client.sys.enableEngine('kv', { path: 'strict', options: { version: '2' } });
    // A new engine of version 2 is upgraded for some moments: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/upgrade
    await until('the engine is there', () =>
      client.write('strict/config', { cas_required: true }).then(
        () => true,
        () => false,
      ),
    );
    const folder = make({ kv: { mount: 'strict', prefix: 'app' } });
    await folder.write('db', { a: 1 }, context());
    await folder.write('db', { a: 2 }, context());
    await client.kv.v2.delete('app/db', { mount: 'strict' });
    await Promise.all([1, 2, 3].map((a) => folder.write('db', { a }, context())));
    expect(await versionOf(folder, 'db')).toMatchObject({ version: '5' });
    const document = make({ kv: { mount: 'strict', document: 'flat' } });
    await document.write('A', 'canary-a', context());
    await document.write('B', 'canary-b', context());
    expect((await client.kv.v2.read('flat', { mount: 'strict' })).data.data).toEqual({ A: 'canary-a', B: 'canary-b' });
  });

  test('given an integer that a double can’t hold, when read, then its digits are all there; KV v2 itself keeps doubles alone', async () => {
    await writeText('old/numbers', '{"id":123456789012345678,"port":5432}');
    const source = make({ kv: { mount: 'old', version: 1 } });
    expect(await valueOf(source, 'numbers')).toEqual({ id: '123456789012345678', port: 5432 });
  });

  test('given a document with fields nested without end, when read, by name and as a whole, then these fail, and the others are there', async () => {
    await writeText('old/spoilt', `{"GOOD":"canary-good","DEEP":${nested},"IN":{"a":${nested}}}`);
    const source = make({ kv: { mount: 'old', version: 1, document: 'spoilt' } });
    const names = ['GOOD', 'DEEP', 'IN'];
    for (const all of [await source.readAll!(context()), await source.read(names, context())]) {
      expect([...all.keys()].sort()).toEqual([...names].sort());
      expect(valuesOf(all)).toEqual({ GOOD: 'canary-good' });
      for (const secretName of names.slice(1)) {
        expect(all.get(secretName)).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName, sourceKind: 'vault' });
      }
      expect(printed([all, ...all.values()])).not.toContain('canary');
    }
  });

  test('given a folder, one of whose objects can be no value, when read, by name and as a whole, then that one fails, and the others are there', async () => {
    await writeText('old/mixed/good', '{"a":"canary-good"}');
    await writeText('old/mixed/deep', `{"a":${nested}}`);
    const secrets = { DEEP: kv('mixed/deep', { mount: 'old', version: 1 }), OK: kv('app/db') };
    const source = make({ kv: { mount: 'old', version: 1, prefix: 'mixed' }, secrets });
    const names = ['good', 'deep', 'DEEP', 'OK'];
    for (const all of [await source.readAll!(context()), await source.read(names, context())]) {
      expect([...all.keys()].sort()).toEqual([...names].sort());
      expect(valuesOf(all)).toEqual({
        good: { a: 'canary-good' },
        OK: expect.objectContaining({ password: 'canary-two' }) as unknown,
      });
      for (const secretName of ['deep', 'DEEP']) {
        expect(all.get(secretName)).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName });
      }
    }
    expect([...(await source.readPath!('', context())).keys()].sort()).toEqual(['deep', 'good']);
  });

  test('given names of `secrets`, when read, then they come from their own paths, mapped, and can’t be written', async () => {
    const source = make({
      secrets: {
        DB: kv('app/db', { map: ({ password }) => ({ values: { password } }) }),
        OLD: kv('app/db', { mount: 'old', version: 1 }),
        ANY: read('secret/data/app/db'),
        BROKEN: kv('app/db', {
          map: () => {
            throw new Error('canary-in-error');
          },
        }),
      },
    });
    expect(await valueOf(source, 'DB')).toEqual({ values: { password: 'canary-two' } });
    expect((await versionOf(source, 'DB')).version).toBe('2');
    expect(await valueOf(source, 'ANY')).toMatchObject({ data: { user: 'app' } });
    expect((await versionOf(source, 'OLD')).lease).toBeUndefined();
    expect(await outcomeOf(source, 'BROKEN')).toMatchObject({ code: 'SECRET_VALIDATION' });
    expect(await outcomeOf(source, 'app/db')).toBeUndefined(); // `secrets` alone: nothing else is asked for
    expect([...(await source.list(undefined, context()))]).toEqual(['DB', 'OLD', 'ANY', 'BROKEN']);
    await expect(source.write('DB', 'x', context())).rejects.toMatchObject({ code: 'SECRET_SOURCE_READ_ONLY' });
  });

  test('given a token without the right, when read and listed, then denied, once asked, for that name alone', async () => {
    await client.sys.createOrUpdatePolicy('narrow', 'path "secret/data/app/db" { capabilities = ["read"] }');
    const { auth } = await client.auth.token.create({ policies: ['narrow'], noDefaultPolicy: true });
    const source = make({ auth: token(auth.client_token), kv: { prefix: 'app' } });
    const results = await source.read(['db', 'deep/er/mail'], context());
    expect(results.get('db')).toMatchObject({ version: '2' });
    expect(results.get('deep/er/mail')).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    await expect(source.readAll!(context())).rejects.toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
  });

  test('given a mount that is not there, or of another version, when read, then that is not a secret that is not there: a default must not stand in', async () => {
    const lost = make({ kv: { mount: 'lost', prefix: 'app' } });
    const error = (await outcomeOf(lost, 'db')) as Error;
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: 'db' });
    expect(error.message).toMatch(/no such mount.*`mount`.*`kv.version`/);
    await expect(lost.exists('db', context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    await expect(lost.readAll!(context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    const older = make({ kv: { mount: 'secret', version: 1, prefix: 'app' } });
    expect(await outcomeOf(older, 'db')).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(await outcomeOf(make({ kv: { prefix: 'app' } }), 'none')).toBeUndefined();
  });

  test('given text in place of an object, when written by path, then it says what to do', async () => {
    const source = make({ kv: { prefix: 'app' } });
    await expect(source.write('x', 'canary-text', context())).rejects.toThrow(/A KV secret|a KV secret is an object/);
    await source.write('x', '{"a":1}', context());
    expect(await valueOf(source, 'x')).toEqual({ a: 1 });
  });
});
