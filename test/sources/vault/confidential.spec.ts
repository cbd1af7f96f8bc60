import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { isVaultError } from '../../../lib/sources/vault/index.js';
import { errorOf } from '../../../lib/sources/vault/errors/vault.source.errors.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

const canary = (name: string) => `canary-${name}-5d1e`;
const TOKEN = canary('token');

/** All that a log line may make of a thing, and of what hangs on it. */
const seen = (thing: unknown) => printed(thing) + inspect(thing, { depth: 20, showHidden: true, getters: true });

async function clientOf(answer: RequestListener): Promise<VaultClient> {
  const server = await startServer(answer);
  return clientTo({ address: server.url, token: TOKEN }, { retry: false });
}

afterEach(async () => {
  await closeClients();
  await stopServers();
});

describe('VaultClient: what it holds stays hidden', () => {
  test('given a client, when it and its parts are printed, then its address and no token', async () => {
    const client = await clientOf((_, response) => response.end('{}'));
    const parts = [
      client, client.auth, client.auth.token, client.auth.appRole, client.kv, client.kv.v2, client.database, client.aws, client.pki,
      client.transit, client.transit.keys, client.ssh, client.totp, client.identity, client.sys, client.sys.leases,
      client.sys.wrapping, client.sys.quotas, client.sys.namespaces, client.withWrapping('60s'), client.withNamespace('a'),
      client.withSignal(new AbortController().signal),
    ]; // prettier-ignore
    for (const part of parts) expect(seen(part)).not.toContain('canary');
    expect(String(client)).toBe(`[vault ${client.origin}]`);
    expect(`${inspect({ client })}`).toBe(`{ client: [vault ${client.origin}] }`);
    expect(JSON.stringify({ client })).toBe(JSON.stringify({ client: `[vault ${client.origin}]` }));
    expect(Object.keys(client)).not.toContain('token');
  });

  test('given an answer, when printed, then it is plain data, secrets and all', async () => {
    const client = await clientOf((_, response) =>
      response.end(JSON.stringify({ request_id: 'r', data: { password: canary('value') } })),
    );
    const answer = await client.read('a');
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
    expect(inspect(answer)).toContain(canary('value'));
    expect(Object.getPrototypeOf(answer)).toBe(Object.prototype);
  });
});

describe('VaultClient: errors tell neither token nor payload', () => {
  const secrets = {
    password: canary('password'),
    nested: { list: [canary('nested')] },
    jwt: canary('jwt'),
  };
  /** A server that quotes all it got in its errors, as plugins do. */
  const quoting: RequestListener = (request, response) => {
    const quoted = `upstream refused ${JSON.stringify(secrets)} ${String(request.headers['x-vault-token'])}`;
    const wrapped = `1 error occurred:\n\t* permission denied: token ${canary('wrapping')} secret-id ${canary('secret-id')}\n\n`;
    response.writeHead(400).end(
      JSON.stringify({
        errors: [quoted, wrapped],
        warnings: [quoted],
        data: { secret: canary('body'), batch_results: 'none' },
      }),
    );
  };

  test('given a server that quotes the request, when it fails, then what Vault says by itself is left', async () => {
    const client = await clientOf(quoting);
    const error = await failureOf(client.write('database/config/x', secrets));
    expect(isVaultError(error)).toBe(true);
    expect(error).toMatchObject({
      errors: ['[hidden]', '1 error occurred:\n\t* permission denied: [hidden]\n\n'],
      warnings: ['[hidden]'],
    });
    expect(seen(error)).not.toMatch(/canary|upstream/);
  });

  test.each([
    [
      'a login',
      (c: VaultClient) => c.auth.appRole.login({ roleId: 'app', secretId: canary('secret-id') }),
      'secret-id',
    ],
    ['unwrapping', (c: VaultClient) => c.sys.wrapping.unwrap(canary('wrapping')), 'wrapping'],
    ['a wrapping lookup', (c: VaultClient) => c.sys.wrapping.lookup(canary('wrapping')), 'wrapping'],
    ['a patch', (c: VaultClient) => c.kv.v2.patch('a', secrets), 'password'],
    [
      'a user’s login',
      (c: VaultClient) => c.auth.userpass.login({ username: 'u', password: secrets.password }),
      'password',
    ],
    ['unsealing', (c: VaultClient) => c.sys.unseal(canary('secret-id')), 'secret-id'],
    ['a key of TOTP', (c: VaultClient) => c.totp.createKey('k', { key: canary('password') }), 'password'],
    ['a code', (c: VaultClient) => c.totp.validateCode('k', canary('password')), 'password'],
    ['a password for one use', (c: VaultClient) => c.ssh.verifyOtp(canary('password')), 'password'],
    ['an identity token', (c: VaultClient) => c.identity.introspectToken(canary('jwt')), 'jwt'],
    ['a backup of a key', (c: VaultClient) => c.transit.keys.restore(canary('password')), 'password'],
  ] as [string, (c: VaultClient) => Promise<unknown>, string][])(
    'given %s that is quoted, when it fails, then its secret is taken out',
    async (_, call, name) => {
      const error = await failureOf(call(await clientOf(quoting)));
      expect(seen(error)).not.toContain(canary(name));
      expect(error.message).toContain('permission denied');
    },
  );

  test('given a deleted version with custom metadata, when read, then its state alone is in the error', async () => {
    const metadata = {
      version: 3,
      created_time: '2026-11-20T08:00:00.123456789Z',
      deletion_time: '2026-11-27T09:00:00.123456789Z',
      destroyed: false,
      custom_metadata: { owner: canary('custom') },
    };
    const client = await clientOf((_, response) =>
      response.writeHead(404).end(JSON.stringify({ data: { data: null, metadata } })),
    );
    const error = await failureOf(client.kv.v2.read('a'));
    expect(error).toMatchObject({ metadata: { version: 3, deletion_time: '2026-11-27T09:00:00.123Z' } });
    expect(error.message).toContain('version 3 was deleted at 2026-11-27T09:00:00.123Z');
    expect(seen(error)).not.toContain('canary');
  });

  test.each([
    [{ version: 1, created_time: canary('t1'), deletion_time: `\n${canary('t2')}` }, 'version 1 was deleted'],
    [{ version: 1, created_time: [canary('t1')], deletion_time: { t: canary('t2') } }, 'version 1 was deleted'],
    [{ version: 1, destroyed: true, deletion_time: canary('t2') }, 'version 1 is destroyed'],
    [{ version: canary('v'), deletion_time: '2026-11-27T09:00:00Z' }, 'nothing there'],
    [{ version: 1e308, deletion_time: '2026-11-27T09:00:00Z' }, 'nothing there'],
  ])(
    'given a 404 with the metadata %j, when told, then numbers and times alone, also by the source',
    async (metadata, told) => {
      const client = await clientOf((_, response) =>
        response.writeHead(404).end(JSON.stringify({ data: { data: null, metadata } })),
      );
      const error = await failureOf(client.kv.v2.read('a'));
      expect(error.message).toBe(`Vault: GET secret/data/a: HTTP 404: ${told}`);
      const ofSource = errorOf(error, { operation: 'reading' });
      expect(ofSource.message).toMatch(/was deleted;|was destroyed;|there is nothing/);
      expect(seen([error, ofSource])).not.toContain('canary');
    },
  );

  test.each([
    ['an answer that is not JSON', (_: unknown, response: { end(text: string): void }) => response.end(canary('body'))],
    [
      'a body that breaks off',
      (_: unknown, response: { writeHead(s: number, h: object): { write(t: string): void }; destroy(): void }) => {
        response.writeHead(200, { 'content-length': '999' }).write(canary('body'));
        setImmediate(() => response.destroy());
      },
    ],
  ] as [string, RequestListener][])('given %s, when it fails, then nothing of it is in the error', async (_, fault) => {
    const error = await failureOf((await clientOf(fault)).write('a', secrets));
    expect(error).toMatchObject({ name: 'VaultConnectionError' });
    expect(seen(error)).not.toContain('canary');
  });

  test('given a batch of transit with a failed item that is quoted, when answered, then it is taken out', async () => {
    const client = await clientOf((_, response) =>
      response
        .writeHead(400)
        .end(JSON.stringify({ request_id: 'r', data: { batch_results: [{ error: `bad ${canary('ciphertext')}` }] } })),
    );
    const [error] = await client.transit.decrypt('k', [canary('ciphertext')]);
    expect(error).toMatchObject({ status: 400, errors: ['[hidden]'] });
    expect(seen(error)).not.toContain('canary');
  });

  test('given items of a batch with secrets of their own, when refused here or there, then none of them is in the error', async () => {
    const client = await clientOf(quoting);
    const item = { plaintext: canary('plain'), context: canary('context'), associatedData: canary('data') };
    const errors = [
      await failureOf(client.transit.encrypt('k', [item])),
      await failureOf(client.transit.encrypt('k', [{ ...item, [canary('field')]: 1, nonc: canary('nonce') } as never])),
      await failureOf(client.transit.encrypt('k', [{ ...item, context: { a: canary('object') } as never }])),
    ];
    expect(seen(errors).replaceAll(canary('field'), '')).not.toContain('canary');
  });

  test('given a batch of transit with items that failed by very long texts, when answered, then that takes no time to speak of', async () => {
    const texts = [`a${' '.repeat(80_000)}x`, 'a: '.repeat(80_000), `1 error occurred:${'\n\t* x'.repeat(20_000)}`];
    const body = JSON.stringify({ request_id: 'r', data: { batch_results: texts.map((error) => ({ error })) } });
    const client = await clientOf((_, response) => response.writeHead(400).end(body));
    const begun = performance.now();
    const errors = await client.transit.decrypt('k', ['a', 'b', 'c']);
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(errors).toHaveLength(3);
    for (const error of errors) expect((error as unknown as Error).message.length).toBeLessThan(5000);
  });
});
