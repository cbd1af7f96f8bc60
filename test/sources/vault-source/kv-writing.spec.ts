import { request } from 'undici';
import { HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { HcpVaultClient } from 'nestjs-hcp-vault';
import { Test } from '@nestjs/testing';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { kv, token } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { startServer, stopServers } from '../support/server.js';
import { closeSources, context, outcomeOf, sourceOf, valueOf, valuesOf, versionOf } from './support/sources.js';

describeOnEachVault([], 'vault() against %s: writing, and which KV there is', (product) => {
  let server: VaultServer;
  let client: VaultClient;
  const make = (options: Partial<Parameters<typeof sourceOf>[0]>) =>
    sourceOf({ address: server.address, auth: token(server.token), ...options });
  const withCas = (cas: string) => ({ ...context(), cas });

  const text = async (method: 'GET' | 'POST', path: string, body?: string): Promise<string> => {
    const answer = await request(`${server.address}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': server.token },
      ...(body !== undefined && { body }),
    });
    return answer.body.text();
  };

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await client.sys.enableEngine('kv', { path: 'old', options: { version: '1' } });
    await client.sys.enableEngine('kv', { path: 'team/old', options: { version: '1' } });
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test.each([
    [1, 'old'],
    [2, 'secret'],
  ] as const)(
    'given many writers of one document of version %i at once, when they write, then none is lost',
    async (_, mount) => {
      const source = make({ kv: { mount, document: 'contended' } });
      const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
      await Promise.all(names.map((name) => source.write(name, name, context())));
      expect(valuesOf(await source.readAll!(context()))).toEqual(Object.fromEntries(names.map((name) => [name, name])));
      const structured = names.map((name) => `o${name}`);
      await Promise.all(structured.map((name) => source.write(name, { name }, context())));
      expect([...(await source.list('o', context()))].sort()).toEqual([...structured].sort());
    },
  );

  test('given a writer that fails, when others wait for their turn, then they get it, and what was aborted is not sent', async () => {
    const source = make({ kv: { mount: 'old', document: 'turns' } });
    const gone = new AbortController();
    gone.abort();
    const writes = [
      source.write('A', 'a', context()),
      source.write('B', 'b', { signal: gone.signal }),
      source.write('C', 'c', context()),
    ];
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([...(await source.list('', context()))].sort()).toEqual(['A', 'C']);
  });

  test('given neighbours that are not text, when a field is written, then they stay as they are written', async () => {
    const neighbours =
      '"PORT":5432,"RATE":1.50,"HUGE":123456789012345678901,"BIG":1e21,"ON":true,"NONE":null,"IN":{"a":[1.0],"n":9007199254740993}';
    await text('POST', 'old/typed', `{${neighbours},"KEY":"canary-before"}`);
    const source = make({ kv: { mount: 'old', document: 'typed' } });
    await source.write('KEY', 'canary-after', context());
    await source.write('OTHER', { n: 1 }, context());
    const stored = await text('GET', 'old/typed');
    for (const neighbour of neighbours.split(/,(?="[A-Z])/)) {
      expect(stored).toContain(neighbour);
    }
    expect(stored).toContain('"KEY":"canary-after"');
    expect(await valueOf(source, 'RATE')).toBe('1.50');
    expect(await valueOf(source, 'BIG')).toBe('1e21');
    expect(await valueOf(source, 'HUGE')).toBe('123456789012345678901');
    expect(await outcomeOf(source, 'NONE')).toBeUndefined();
    await text('POST', 'secret/data/typed', '{"data":{"PORT":5432,"ON":true,"IN":{"a":1},"KEY":"x"}}');
    const second = make({ kv: { document: 'typed' } });
    await second.write('KEY', 'canary-after', context());
    await second.write('IN', { b: 2 }, context());
    expect((await client.kv.v2.read('typed')).data.data).toEqual({
      PORT: 5432,
      ON: true,
      IN: { b: 2 },
      KEY: 'canary-after',
    });
  });

  test('given a version that must be the latest, when written, then it is written where it is, and nothing where it is not', async () => {
    const folder = make({ kv: { prefix: 'cas' } });
    expect(folder.takesCas).toBe(true);
    await folder.write('db', { a: 1 }, withCas('0'));
    await expect(folder.write('db', { a: 2 }, withCas('0'))).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      secretName: 'db',
      message: expect.stringMatching(/version 0 is not the latest one: nothing was written/) as unknown,
    });
    await folder.write('db', { a: 3 }, withCas('1'));
    expect(await versionOf(folder, 'db')).toMatchObject({ value: { a: 3 }, version: '2' });
    const document = make({ kv: { document: 'cas/fields' } });
    await document.write('A', 'one', withCas('0'));
    for (const value of ['two', { two: 2 }]) {
      await expect(document.write('A', value, withCas('0'))).rejects.toThrow('nothing was written');
      await expect(document.write('A', value, withCas('7'))).rejects.toThrow('nothing was written');
    }
    await document.write('A', 'two', withCas('1'));
    await document.write('B', { b: 1 }, withCas('2'));
    expect(valuesOf(await document.readAll!(context()))).toEqual({ A: 'two', B: { b: 1 } });
    await expect(document.write('A', 'x', withCas('latest'))).rejects.toThrow('`cas` is not a number');
    const old = make({ kv: { mount: 'old', document: 'cas' } });
    await expect(old.write('A', 'x', withCas('0'))).rejects.toThrow('KV version 1 has no versions');
  });

  test('given the client of an app, when it updates with `cas`, then a second one that read the same is told; other sources refuse it', async () => {
    const app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: make({ kv: { document: 'app' } }) })],
    }).compile();
    const other = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ A: 'a' }) })],
    }).compile();
    try {
      const secrets = app.get(HcpVaultClient);
      await client.kv.v2.createOrUpdate('app', { A: 'one' });
      await secrets.fetch('A');
      const { version } = secrets.status()[0]!;
      await secrets.update('A', 'two', { cas: version });
      expect(secrets.get('A')).toBe('two');
      await expect(secrets.update('A', 'three', { cas: version })).rejects.toMatchObject({
        code: 'SECRET_CONFIGURATION',
      });
      for (const cas of [{}, '', -1, 1.5, true]) {
        await expect(secrets.update('A', 'three', { cas: cas as never })).rejects.toThrow('option "cas"');
      }
      await secrets.update('A', 'three', { cas: 2 });
      await expect(secrets.update('A', 'x', { cass: 2 } as never)).rejects.toThrow('cass');
      await expect(other.get(HcpVaultClient).update('A', 'x', { cas: 1 })).rejects.toThrow('`cas` is nothing');
      expect(await other.get(HcpVaultClient).fetch('A')).toBe('a');
    } finally {
      await Promise.all([app.close(), other.close()]);
    }
  });

  test('given a mount of version 1 and no version, when read, listed and written, then Vault was asked for it', async () => {
    await client.kv.v1.write('app/db', { password: 'canary-v1' }, { mount: 'team/old' });
    const folder = make({ kv: { mount: '/team/old/', prefix: '/app/' } });
    expect(await valueOf(folder, 'db')).toEqual({ password: 'canary-v1' });
    expect(await outcomeOf(folder, 'none')).toBeUndefined();
    expect(await outcomeOf(folder, 'db', '1')).toBeUndefined();
    expect(await make({ kv: { mount: 'team/old' } }).list('', context())).toEqual(['app/db']);
    expect(await outcomeOf(make({ kv: { mount: 'team/old', prefix: 'app' } }), 'db', '1')).toBeUndefined();
    const writing = make({ kv: { mount: 'team/old', document: 'app/new' } });
    await writing.write('A', 'canary-a', context());
    expect((await client.kv.v1.read('app/new', { mount: 'team/old' })).data).toEqual({ A: 'canary-a' });
    const { keys } = (await client.kv.v1.list('', { mount: 'team/old' })).data;
    expect(keys).toEqual(['app/']); // nothing was written to "data/app/new"
    const secrets = { DB: kv('app/db', { mount: 'team/old' }) };
    expect(await valueOf(make({ secrets }), 'DB')).toEqual({ password: 'canary-v1' });
  });

  test('given a mount of another version than is said, when read or written, then the mistake is told, and no default stands in', async () => {
    for (const kvOptions of [{ prefix: 'app' }, { document: 'app/db' }] as const) {
      const source = make({ kv: { mount: 'old', version: 2, ...kvOptions } });
      const outcome = outcomeOf(source, 'db').then((found) => {
        if (found instanceof Error) throw found;
      });
      await expect(outcome).rejects.toMatchObject({
        code: 'SECRET_CONFIGURATION',
        message: expect.stringMatching(/KV engine at "old" is of version 1, and not 2/) as unknown,
      });
      await expect(source.exists('db', context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
      await expect(source.write('db', '{"a":1}', context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    }
    expect((await client.kv.v1.list('', { mount: 'old' })).data.keys).not.toContain('data/');
  });

  test('given a token that may not see the mount, when read, then that is said as ever', async () => {
    await client.sys.createOrUpdatePolicy('narrow', 'path "secret/data/narrow/*" { capabilities = ["read"] }');
    const { auth } = await client.auth.token.create({ policies: ['narrow'], noDefaultPolicy: true });
    const source = make({ auth: token(auth.client_token), kv: { prefix: 'narrow' } });
    expect(await outcomeOf(source, 'none')).toBeUndefined();
    const other = make({ auth: token(auth.client_token), kv: { mount: 'old' } });
    expect(await outcomeOf(other, 'none')).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
  });

  test('given several documents, when read, then later ones stand in front, and a version is that of the document that has the field', async () => {
    await client.kv.v2.createOrUpdate('layers/application', { A: 'common-old' });
    await client.kv.v2.createOrUpdate('layers/application', { A: 'common', B: 'common', C: 'common' });
    await client.kv.v2.createOrUpdate('layers/shop', { B: 'shop', C: null, D: 'shop' });
    const source = make({ kv: { documents: ['layers/application', '/layers/shop/'] } });
    expect(valuesOf(await source.readAll!(context()))).toEqual({ A: 'common', B: 'shop', D: 'shop' });
    expect((await versionOf(source, 'A')).version).toBe('2');
    expect((await versionOf(source, 'B')).version).toBe('1');
    expect((await versionOf(source, 'A', '1')).value).toBe('common-old');
    expect(await outcomeOf(source, 'B', '2')).toBeUndefined();
    await source.write('A', 'common-new', context());
    await source.write('NEW', 'new', context());
    expect((await client.kv.v2.read('layers/application')).data.data).toMatchObject({ A: 'common-new' });
    expect((await client.kv.v2.read('layers/shop')).data.data).toMatchObject({ NEW: 'new', B: 'shop' });
    expect(source.describe('A')[0]!.name).toBe('secret/layers/shop or secret/layers/application, field "A"');
    const absent = make({ kv: { documents: ['layers/application', 'layers/none'] } });
    await expect(absent.read(['A'], context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    const optional = make({ kv: { documents: ['layers/application', 'layers/none'], optional: true } });
    expect(await valueOf(optional, 'B')).toBe('common');
  });

  test('given a document that may be absent, when it is, then its secrets are none, and a default may stand in', async () => {
    const source = make({ kv: { document: 'not/there', optional: true } });
    expect((await source.read(['A'], context())).size).toBe(0);
    expect((await source.readAll!(context())).size).toBe(0);
    expect(await source.exists('A', context())).toBe(false);
    await source.write('A', 'first', context());
    expect(await valueOf(source, 'A')).toBe('first');
  });
});

describe('vault(): a standby that lags behind, and options of KV', () => {
  afterEach(async () => {
    await closeSources();
    await closeClients();
    await stopServers();
  });

  test('given an answer older than what was written, when read, then it is not taken; a secret that was made anew is', async () => {
    const time = (second: number) => `2026-01-01T00:00:0${second}Z`;
    let answer = { version: 3, created_time: time(3) };
    const { url } = await startServer(({ method, url: path }, response) => {
      const data = path?.startsWith('/v1/sys/')
        ? { type: 'kv', options: { version: '2' } }
        : method === 'GET'
          ? { data: { a: answer.version }, metadata: { ...answer, deletion_time: '', destroyed: false } }
          : { version: 4, created_time: time(4) };
      response.end(JSON.stringify({ request_id: 'r', data }));
    });
    const source = sourceOf({ address: url, auth: async (it) => void (it.token = 't'), kv: { prefix: 'app' } });
    expect(await versionOf(source, 'db')).toMatchObject({ version: '3' });
    await source.write('db', { a: 4 }, context());
    expect(await outcomeOf(source, 'db')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'db' });
    answer = { version: 4, created_time: time(4) };
    expect(await versionOf(source, 'db')).toMatchObject({ version: '4' });
    await source.write('db', { a: 4 }, context());
    answer = { version: 1, created_time: time(5) };
    expect(await versionOf(source, 'db')).toMatchObject({ version: '1' });
  });

  test('given an answer that names the state of the cluster, when something was written, then later requests ask for no older one', async () => {
    const { url, requests } = await startServer((_, response) =>
      response.writeHead(200, { 'x-vault-index': 'canary-index' }).end('{"request_id":"r","data":{}}'),
    );
    const client = clientTo({ address: url, token: 't' });
    await client.read('a');
    await client.write('a', {});
    await client.read('a');
    expect(requests.map(({ headers }) => headers['x-vault-index'])).toEqual([undefined, undefined, 'canary-index']);
    expect(requests[2]!.headers['x-vault-inconsistent']).toBe('forward-active-node');
  });

  test.each([
    [{ document: 'a', documents: ['b'] }, '"kv.document" and "kv.documents" exclude each other'],
    [{ documents: [] }, '"kv.documents" names none'],
    [{ documents: ['a', '../b'] }, '"kv.documents" holds a dot segment'],
    [{ document: '/' }, '"kv.document" is empty'],
    [{ prefix: 'a', optional: true }, '"kv.optional" is of'],
  ])('given the options %j, when made, then it is a configuration error', (kvOptions, text) => {
    expect(() => sourceOf({ auth: token('t'), kv: kvOptions as never })).toThrow(text);
  });

  test('given an address that ends with /v1, when made, then that is told', () => {
    for (const address of ['https://vault.test/v1', 'https://vault.test/v1/']) {
      expect(() => sourceOf({ address, auth: token('t') })).toThrow(/address \(VAULT_ADDR\) ends with \/v1/);
    }
  });
});
