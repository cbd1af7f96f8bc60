import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule } from 'nestjs-hcp-vault';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { agent, token } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultAgentServer } from '../../servers/vault-agent.server.js';
import { startVaultAgent } from '../../servers/vault-agent.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { CapturedLogger } from '../../support/captured-logger.js';
import { printed } from '../../../lib/testing/contract/checks.js';
import { startProxy } from '../support/proxy.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients, failureOf } from '../vault/support/clients.js';
import { setUpAppRole } from './support/database.js';
import { closeSources, context, outcomeOf, sourceOf, valueOf } from './support/sources.js';

describeOnEachVault([], 'vault() behind the agent and the proxy of %s', (product) => {
  let server: VaultServer;
  let root: VaultClient;
  const agents: Partial<Record<'agent' | 'proxy', VaultAgentServer>> = {};

  beforeAll(async () => {
    server = await startDevVault(product);
    root = clientTo(server);
    await root.sys.createOrUpdatePolicy(
      'app',
      'path "secret/data/app/*" { capabilities = ["create", "read", "update", "patch"] }\npath "secret/metadata/*" { capabilities = ["list"] }',
    );
    await root.kv.v2.createOrUpdate('app/db', { password: 'canary-db' });
    await root.kv.v2.createOrUpdate('other', { a: 1 });
    const login = await setUpAppRole(root, { token_ttl: '1h' });
    for (const kind of ['agent', 'proxy'] as const)
      agents[kind] = await startVaultAgent(kind, product, server.address, login);
  }, 90_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await Promise.all(Object.values(agents).map((it) => it.stop()));
    await server?.stop();
  });

  test.each([
    ['agent', 'socket'],
    ['agent', 'address'],
    ['proxy', 'socket'],
    ['proxy', 'address'],
  ] as const)(
    'given the %s at its %s, when an app starts, writes and closes, then it has its secrets without a login of its own',
    async (kind, way) => {
      const source = sourceOf({ address: agents[kind]![way], auth: agent(), kv: { prefix: 'app' } });
      const events: string[] = [];
      source.observe(({ type }) => void events.push(type));
      const logger = new CapturedLogger();
      const app = await Test.createTestingModule({ imports: [HcpVaultModule.forRoot({ source, preload: 'all' })] })
        .setLogger(logger)
        .compile();
      await app.init();
      const secrets = app.get(HcpVaultClient);
      expect(secrets.get('db')).toEqual({ password: 'canary-db' });
      await secrets.update('written', { by: kind, way });
      expect(secrets.get('written')).toEqual({ by: kind, way });
      await root.kv.v2.createOrUpdate('app/db', { password: 'canary-rotated' });
      expect((await secrets.refresh()).changed).toEqual(['db']);
      await root.kv.v2.createOrUpdate('app/db', { password: 'canary-db' });
      await app.close();
      expect(events).toEqual([]); // no login, no renewal, no revocation, and no token that outlives a start
      // The agent's token is as it was.
      const after = sourceOf({ address: agents[kind]![way], auth: agent(), kv: { prefix: 'app' } });
      expect(await valueOf(after, 'db')).toEqual({ password: 'canary-db' });
      expect(printed([source, agent()])).not.toContain('canary');
    },
  );

  test('given what its token may not read, when read, then denied, asked once, and the place names the socket', async () => {
    const source = sourceOf({ address: agents.agent!.socket, auth: agent(), kv: {} });
    expect(await outcomeOf(source, 'other')).toMatchObject({ code: 'SECRET_ACCESS_DENIED', secretName: 'other' });
    expect(source.describe('other')[0]!.at).toBe(agents.agent!.socket);
  });

  test('given the client at the socket, when it is used without a token, then it is that of the agent', async () => {
    const client = clientTo({ address: agents.proxy!.socket });
    expect((await client.auth.token.lookupSelf()).data.policies).toContain('app');
    expect(client.origin).toBe(agents.proxy!.socket);
    expect(String(client)).toBe(`[vault ${agents.proxy!.socket}]`);
  });
});

describe('vault(): what goes with each request', () => {
  afterEach(async () => {
    await closeSources();
    await closeClients();
    await stopServers();
  });

  const answering = () =>
    startServer((_, response) =>
      response.end(
        JSON.stringify({
          request_id: 'r',
          data: { ttl: 3600, renewable: false, data: { a: 1 }, metadata: { version: 1 } },
        }),
      ),
    );

  test('given no socket there, when read, then the error names it', async () => {
    const client = clientTo({ address: 'unix:///nowhere/vault.sock' }, { retry: false });
    const error = await failureOf(client.read('a'));
    expect(error).toMatchObject({ name: 'VaultConnectionError', effect: 'none' });
    expect(error.message).toContain('unix:///nowhere/vault.sock');
  });

  test.each(['unix:relative.sock', 'unix://', 'unix:///a\0b'])(
    'given the address %j, when made, then it is refused',
    (address) => {
      expect(() => clientTo({ address })).toThrow('must name a socket by its whole path');
    },
  );

  test('given headers of one’s own, when requests are sent, then they go along, and ours stay as they are', async () => {
    const { url, requests } = await answering();
    const headers = { 'X-Gateway': 'canary-gateway' };
    const source = sourceOf({ address: url, auth: token('t'), headers, kv: { prefix: 'app' } });
    await source.read(['db'], context());
    expect(requests.length).toBeGreaterThan(1); // the look at the token too
    for (const request of requests) {
      expect(request.headers).toMatchObject({
        'x-gateway': 'canary-gateway',
        'x-vault-request': 'true',
        'x-vault-token': 't',
      });
    }
    expect(printed([source, clientTo({ address: url }, { headers })])).not.toContain('canary');
  });

  test.each([
    [{ 'X-Vault-Token': 'canary' }, 'is set by the client itself'],
    [{ 'content-type': 'canary' }, 'is set by the client itself'],
    [{ 'no name': 'canary' }, 'is not a name of a header'],
    [{ 'X-A': 'canary\r\nX-Vault-Token: canary' }, 'has a value that no header can carry'],
  ])('given the headers %j, when made, then they are refused without a value', async (headers, why) => {
    const error = await failureOf((async () => clientTo({ address: 'http://127.0.0.1:1' }, { headers: headers }))());
    expect(error.message).toContain(why);
    expect(printed(error)).not.toMatch(/canary/);
  });

  test('given a fetch of one’s own, when the source reads, then it goes by that', async () => {
    const asked: string[] = [];
    const fetch = (url: string): Promise<Response> => {
      asked.push(url);
      return Promise.resolve(Response.json({ request_id: 'r', data: { data: { a: 1 }, metadata: { version: 1 } } }));
    };
    const source = sourceOf({ address: 'https://vault.test', auth: agent(), fetch, kv: { prefix: 'app' } });
    expect(await valueOf(source, 'db')).toEqual({ a: 1 });
    expect(asked).toEqual(['https://vault.test/v1/secret/data/app/db']);
    expect(() => sourceOf({ auth: agent(), fetch, proxy: 'http://proxy.test' })).toThrow(
      '"fetch" and "proxy" exclude each other',
    );
  });

  test('given a proxy, when read, then through it, whatever the environment says; false goes straight', async () => {
    const target = await answering();
    const proxy = await startProxy(target.port);
    try {
      const through = clientTo({ address: target.url }, { proxy: proxy.url, retry: false });
      await through.read('a');
      expect(proxy.tunnels.map((tunnel) => tunnel.target)).toEqual([`127.0.0.1:${target.port}`]);
      await clientTo({ address: target.url }, { proxy: false }).read('a');
      expect(proxy.tunnels).toHaveLength(1);
      const source = sourceOf({ address: target.url, auth: agent(), proxy: proxy.url, kv: {} });
      await source.read(['a'], context());
      expect(proxy.tunnels).toHaveLength(2);
    } finally {
      await closeSources();
      await closeClients();
      proxy.stop();
    }
    expect(() => clientTo({ address: target.url }, { proxy: 'http://user:canary%@:x' })).toThrow(
      'proxy is not a URL of a proxy.',
    );
    expect(() => clientTo({ address: target.url }, { proxy: true as never })).toThrow(
      '"proxy" is the URL of a proxy, or false',
    );
  });
});
