import { jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { VaultClient } from '../../../lib/sources/vault/index.js';
import { certificate } from '../support/certificate.js';
import { startProxy } from '../support/proxy.js';
import { startServer, stopServers } from '../support/server.js';

const NAMES = [
  'ADDR',
  'TOKEN',
  'NAMESPACE',
  'CACERT',
  'CAPATH',
  'CLIENT_CERT',
  'CLIENT_KEY',
  'SKIP_VERIFY',
  'TLS_SERVER_NAME',
  'AGENT_ADDR',
  'CACERT_BYTES',
  'CLIENT_TIMEOUT',
  'HEADERS',
  'HTTP_PROXY',
  'MAX_RETRIES',
  'PROXY_ADDR',
  'RATE_LIMIT',
];
const before = { ...process.env };
let home: string;
const clients: VaultClient[] = [];
const made = (...options: ConstructorParameters<typeof VaultClient>): VaultClient => {
  const client = new VaultClient(...options);
  clients.push(client);
  return client;
};

/** A server that tells what it got. */
const echo = (tls?: object) =>
  startServer((request, response) => {
    const certificate = (request.socket as Partial<TLSSocket>).getPeerCertificate?.();
    response.end(JSON.stringify({ headers: request.headers, peer: certificate?.subject?.CN }));
  }, tls as never);
type Echo = { headers: Record<string, string>; peer?: string };

beforeEach(() => {
  for (const name of NAMES) for (const prefix of ['VAULT_', 'BAO_']) delete process.env[prefix + name];
  home = mkdtempSync(join(tmpdir(), 'home-'));
  process.env['HOME'] = home;
});
afterEach(async () => {
  process.env = { ...before };
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await stopServers();
});

describe('VaultClient: the environment', () => {
  test('given the address of an agent, when called, then it comes before the server’s; an option comes first', async () => {
    const [agent, server] = [await echo(), await echo()];
    Object.assign(process.env, { VAULT_ADDR: server.url, VAULT_AGENT_ADDR: agent.url });
    await made().read('a');
    expect([agent.requests.length, server.requests.length]).toEqual([1, 0]);
    await made({ address: server.url }).read('a');
    expect(server.requests).toHaveLength(1);
    process.env['VAULT_AGENT_ADDR'] = 'unix:///run/vault.sock';
    expect(made().origin).toBe('unix:///run/vault.sock');
  });

  test('given headers, when called, then they go along; an option stands in their place', async () => {
    const server = await echo();
    Object.assign(process.env, { VAULT_ADDR: server.url, VAULT_HEADERS: '{"X-Gateway":"of-variable"}' });
    expect((await made().read<Echo>('a')).data.headers).toMatchObject({ 'x-gateway': 'of-variable' });
    const given = await made({ headers: { 'X-Other': 'of-option' } }).read<Echo>('a');
    expect(given.data.headers).toMatchObject({ 'x-other': 'of-option' });
    expect(given.data.headers).not.toHaveProperty('x-gateway');
  });

  test('given a number of retries, when all fail, then one more than that is sent; an option comes first', async () => {
    const server = await startServer((_, response) => response.writeHead(503).end());
    Object.assign(process.env, { VAULT_ADDR: server.url, VAULT_MAX_RETRIES: '1' });
    const clock = { sleep: () => Promise.resolve() };
    await expect(made({ clock }).read('a')).rejects.toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(2);
    process.env['VAULT_MAX_RETRIES'] = '0';
    await expect(made({ clock }).read('a')).rejects.toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(3);
    await expect(made({ clock, retry: { attempts: 2 } }).read('a')).rejects.toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(5);
  });

  test.each(['0.05', '50ms'])('given the time-out %s, when the server hangs, then it is held', async (text) => {
    const server = await startServer(() => undefined);
    Object.assign(process.env, { VAULT_ADDR: server.url, VAULT_CLIENT_TIMEOUT: text });
    await expect(made({ retry: false }).read('a')).rejects.toThrow('no whole answer within 50 ms');
  });

  test.each(['PROXY_ADDR', 'HTTP_PROXY'])(
    'given VAULT_%s, when called, then through it, and the first comes first',
    async (name) => {
      const server = await echo();
      const proxy = await startProxy(server.port);
      Object.assign(process.env, {
        VAULT_ADDR: server.url,
        VAULT_HTTP_PROXY: 'http://127.0.0.1:1',
        [`VAULT_${name}`]: proxy.url,
      });
      try {
        await made().read('a');
        expect(proxy.tunnels).toHaveLength(1);
        await made({ proxy: false }).read('a');
        expect(proxy.tunnels).toHaveLength(1);
      } finally {
        await Promise.all(clients.splice(0).map((client) => client.close()));
        proxy.stop();
      }
    },
  );

  // As Vault's own client reads it: requests a second, and how many of them may come at once.
  test.each([
    ['VAULT_RATE_LIMIT', '5', undefined, 5],
    ['BAO_RATE_LIMIT', '2:6', undefined, 6],
    ['VAULT_RATE_LIMIT', '0.5', undefined, 1],
    ['VAULT_RATE_LIMIT', '2', Number.POSITIVE_INFINITY, 2],
    ['VAULT_RATE_LIMIT', '2', 4, 4],
  ])(
    'given %s=%s and the option %p, when many are sent at once, then %i go, and the others later',
    async (name, text, rateLimit, atOnce) => {
      process.env[name] = text;
      const server = await echo();
      const client = made({ address: server.url, token: 't', ...(rateLimit !== undefined && { rateLimit }) });
      const answers = Promise.all(Array.from({ length: atOnce + 1 }, () => client.read('secret/a')));
      while (server.requests.length < atOnce) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 50)); // one more that is sent at once is there by then
      expect(server.requests).toHaveLength(atOnce);
      await answers;
    },
    10_000,
  );

  test.each(['', '0', '-1', 'fast', '5:', '5:x', '1e3', '9'.repeat(400)])(
    'given a rate limit of "%s", when a client is made, then it is refused by the variable’s name, or is none',
    (text) => {
      process.env['VAULT_RATE_LIMIT'] = text;
      const make = () => made({ address: 'http://127.0.0.1:1', token: 't' });
      if (text === '') expect(make).not.toThrow();
      else expect(make).toThrow('VAULT_RATE_LIMIT (or BAO_RATE_LIMIT) is not a rate');
    },
  );

  test('given the CA itself, when called, then it is trusted, and comes before its file', async () => {
    const { key, cert } = await certificate('127.0.0.1');
    const server = await echo({ key, cert });
    const tls = { serverName: '127.0.0.1' };
    Object.assign(process.env, { VAULT_ADDR: server.url, VAULT_CACERT_BYTES: cert, VAULT_CACERT: '/nowhere' });
    await made({ tls, retry: false }).read('a');
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['CLIENT_TIMEOUT', 'soon'],
    ['CLIENT_TIMEOUT', '0'],
    ['MAX_RETRIES', '-1'],
    ['HEADERS', 'X-Gateway: canary'],
    ['HEADERS', '{"X-Gateway":1}'],
    ['HEADERS', '{"X-Vault-Token":"canary"}'],
    ['PROXY_ADDR', 'http://user:canary%@:x'],
  ])('given VAULT_%s=%s, when made, then it is refused by name, without the text', (name, text) => {
    process.env[`VAULT_${name}`] = text;
    const make = (): void => void made();
    expect(make).toThrow(new RegExp(`VAULT_${name}`));
    expect(make).not.toThrow(/canary/);
  });

  test('given address, token and namespace as variables, when called, then they are used; options come first', async () => {
    const server = await echo();
    Object.assign(process.env, { VAULT_ADDR: server.url, VAULT_TOKEN: 'of-variable', VAULT_NAMESPACE: 'team/' });
    expect((await made().read<Echo>('a')).data.headers).toMatchObject({
      'x-vault-token': 'of-variable',
      'x-vault-namespace': 'team',
    });
    const given = await made({ token: 'of-option', namespace: 'other' }).read<Echo>('a');
    expect(given.data.headers).toMatchObject({ 'x-vault-token': 'of-option', 'x-vault-namespace': 'other' });
  });

  test('given OpenBao’s variables beside Vault’s, when called, then they come first', async () => {
    const server = await echo();
    Object.assign(process.env, { VAULT_ADDR: 'http://127.0.0.1:1', BAO_ADDR: server.url });
    Object.assign(process.env, { VAULT_TOKEN: 'of-vault', BAO_TOKEN: 'of-bao', BAO_NAMESPACE: '' });
    expect((await made().read<Echo>('a')).data.headers['x-vault-token']).toBe('of-bao');
  });

  test('given ~/.vault-token, when there is no other token, then it is used; an empty option is none', async () => {
    const { url: address } = await echo();
    expect(made({ address }).token).toBeUndefined();
    writeFileSync(join(home, '.vault-token'), 'of-file\n');
    expect((await made({ address }).read<Echo>('a')).data.headers['x-vault-token']).toBe('of-file');
    expect(made({ address, token: '' }).token).toBeUndefined();
    process.env['VAULT_TOKEN'] = 'of-variable';
    expect(made({ address }).token).toBe('of-variable');
  });

  test('given no address, when made, then it is Vault’s own default', () => {
    expect(made().origin).toBe('https://127.0.0.1:8200');
  });

  test('given CA file, client certificate and server name as variables, when called, then TLS is mutual; the file comes before the folder', async () => {
    const [ours, theirs] = [await certificate('app.test'), await certificate('vault.test')];
    const server = await echo({ ...theirs, requestCert: true, rejectUnauthorized: true, ca: ours.cert });
    const file = (name: string, text: string): string => {
      writeFileSync(join(home, name), text);
      return join(home, name);
    };
    mkdirSync(join(home, 'empty'));
    Object.assign(process.env, {
      VAULT_ADDR: server.url,
      VAULT_CACERT: file('ca.pem', theirs.cert),
      VAULT_CAPATH: join(home, 'empty'),
      VAULT_CLIENT_CERT: file('cert.pem', ours.cert),
      VAULT_CLIENT_KEY: file('key.pem', ours.key),
      VAULT_TLS_SERVER_NAME: 'vault.test',
    });
    expect((await made().read<Echo>('a')).data.peer).toBe('app.test');
    process.env['VAULT_TLS_SERVER_NAME'] = 'else.test';
    await expect(made({ retry: false }).read('a')).rejects.toMatchObject({ name: 'VaultConnectionError' });
    delete process.env['VAULT_CACERT'];
    expect(() => made()).toThrow('no readable PEM certificate');
    process.env['VAULT_CAPATH'] = join(home, 'nowhere');
    expect(() => made()).toThrow('tls.caPath (VAULT_CAPATH)');
  });

  test('given VAULT_SKIP_VERIFY, when true, then any certificate does on loopback; when false or absent, none does', async () => {
    const { url: address } = await echo(await certificate());
    for (const text of [undefined, '0', 'false', 'F']) {
      if (text) process.env['VAULT_SKIP_VERIFY'] = text;
      await expect(made({ address, retry: false }).read('a')).rejects.toMatchObject({ name: 'VaultConnectionError' });
    }
    process.env['VAULT_SKIP_VERIFY'] = 'True';
    expect((await made({ address }).read('a')).data).toBeTruthy();
    await expect(made({ address, tls: { skipVerify: false }, retry: false }).read('a')).rejects.toThrow('TLS with');
    expect(() => made({ address: 'https://vault.test' })).toThrow('refused but on loopback');
    process.env['VAULT_SKIP_VERIFY'] = 'perhaps';
    expect(() => made({ address })).toThrow('neither true nor false');
  });

  test.each([
    [{ address: 'vault:8200' }, 'address (VAULT_ADDR)'],
    [{ address: 'http://vault.test:8200' }, 'plain http is refused but on loopback'],
    [{ address: 'https://user:canary@vault.test' }, 'must not hold a user name'],
    [{ redirectTo: ['nonsense'] }, 'redirectTo'],
    [{ token: 'canary token' }, 'The token holds'],
    [{ namespace: 'a b\r\n' }, 'namespace'],
    [{ timeout: 'soon' }, 'timeout'],
    [{ tls: { caFile: '/nowhere.pem' } }, 'tls.caFile (VAULT_CACERT)'],
    [{ tls: { cert: 'x' } }, 'belong together'],
  ])('given %j, when made, then it is a configuration error without what it refuses', (options, text) => {
    let error: unknown;
    try {
      made(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(text) });
    expect(String((error as Error).stack)).not.toContain('canary');
  });

  test('given allowInsecure, when the address is plain http, then it warns once, and goes on', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    made({ address: 'http://vault.test:8200', allowInsecure: true });
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([
      expect.stringContaining('plain http to http://vault.test:8200'),
    ]);
    warn.mockRestore();
  });
});
