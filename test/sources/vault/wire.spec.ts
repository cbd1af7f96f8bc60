import type { RequestListener, ServerResponse } from 'node:http';
import type { VaultClientOptions, VaultError } from '../../../lib/sources/vault/index.js';
import {
  VaultConnectionError,
  VaultError as BaseError,
  VaultForbiddenError,
  VaultInvalidPathError,
  VaultInvalidRequestError,
  VaultNotInitializedError,
  VaultRateLimitError,
  VaultSealedError,
  VaultServerError,
  VaultUnauthorizedError,
} from '../../../lib/sources/vault/index.js';
import { describeWith } from '../../servers/available.js';
import { startDevVault } from '../../servers/vault.server.js';
import { certificate } from '../support/certificate.js';
import type { TestServer } from '../support/server.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

const TOKEN = 'canary-token-77';
const answer = { request_id: 'r', lease_id: '', lease_duration: 0, renewable: false, data: { value: 'fine' } };
const fine = (response: ServerResponse) => response.end(JSON.stringify(answer));

/** Waits that were asked for; none of them takes time. */
class SleepLog {
  readonly waits: number[] = [];
  sleep = (delay: number): Promise<void> => {
    this.waits.push(Math.round(delay));
    return Promise.resolve();
  };
}

/** A server that answers each request by the next of these, and fine once they are used up. */
async function scripted(...script: RequestListener[]) {
  const server = await startServer((request, response) => {
    const next = script.shift();
    if (next) next(request, response);
    else fine(response);
  });
  const clock = new SleepLog();
  const client = (options: VaultClientOptions = {}) =>
    clientTo({ address: server.url, token: TOKEN }, { clock, ...options });
  return { server, clock, client };
}

const status =
  (code: number, headers: Record<string, string> = {}, body: unknown = { errors: ['said'] }): RequestListener =>
  (_, response) =>
    response.writeHead(code, headers).end(JSON.stringify(body));
const cut: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{"data":{"value":"canary-half');
  setImmediate(() => response.destroy());
};
const reset: RequestListener = (request) => request.socket.destroy();

afterEach(async () => {
  await closeClients();
  await stopServers();
});

describe('VaultClient: requests', () => {
  test('given token, namespace and data, when called, then headers and body are as Vault wants them', async () => {
    const { server, client } = await scripted();
    const vault = client({ namespace: '/team/a/' });
    await vault.write('secret/x', { a: 'ü' });
    await vault.kv.v2.patch('x', { a: null });
    await vault.sys.sealStatus();
    await vault.withWrapping('90s').read('secret/x');

    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/secret/x',
      body: '{"a":"ü"}',
      headers: {
        'x-vault-request': 'true',
        'x-vault-token': TOKEN,
        'x-vault-namespace': 'team/a',
        'content-type': 'application/json',
      },
    });
    expect(server.requests[1]?.headers['content-type']).toBe('application/merge-patch+json');
    expect(server.requests[2]?.headers).not.toHaveProperty('x-vault-token');
    expect(server.requests[2]?.headers).not.toHaveProperty('x-vault-namespace');
    expect(server.requests[3]?.headers['x-vault-wrap-ttl']).toBe('90s');
  });

  test('given an address with a path, when called, then it goes first', async () => {
    const server = await startServer((_, response) => fine(response));
    await clientTo({ address: `${server.url}/gateway/` }).read('a');
    expect(server.requests[0]?.path).toBe('/gateway/v1/a');
  });

  test('given a login, when made with a dead token, then the dead token is not sent', async () => {
    const { server, client } = await scripted(
      status(200, {}, { request_id: 'r', auth: { client_token: 'canary-new-token' } }),
    );
    const vault = client();
    await vault.auth.userpass.login({ username: 'u', password: 'p' });
    await vault.read('a');
    expect(server.requests.map(({ headers }) => headers['x-vault-token'])).toEqual([undefined, 'canary-new-token']);
  });

  test('given 204, or 202 with nothing, when answered, then the envelope is there with null as data', async () => {
    const empty =
      (code: number): RequestListener =>
      (_, response) =>
        response.writeHead(code).end();
    const { client } = await scripted(empty(204), empty(202));
    expect(await client().delete('a')).toEqual({
      requestId: '',
      leaseId: '',
      leaseDuration: 0,
      renewable: false,
      data: null,
      warnings: null,
      auth: null,
      wrapInfo: null,
    });
    expect((await client().sys.leases.revoke('a/b')).data).toBeNull();
  });
});

describe('VaultClient: errors', () => {
  test.each([
    [400, VaultInvalidRequestError],
    [401, VaultUnauthorizedError],
    [403, VaultForbiddenError],
    [404, VaultInvalidPathError],
    [405, BaseError],
    [413, BaseError],
    [429, VaultRateLimitError],
    [473, BaseError],
    [500, VaultServerError],
    [501, VaultNotInitializedError],
    [502, VaultServerError],
    [503, VaultSealedError],
  ])('given HTTP %i, when answered, then it is a %p with Vault’s texts', async (code, Class) => {
    const denied = '1 error occurred:\n\t* permission denied\n\n';
    const { client } = await scripted(
      status(code, {}, { errors: [denied, 'plugin: canary'], warnings: ['no data provided'] }),
    );
    const error = await failureOf<VaultError>(client({ retry: false }).read('a/b'));
    expect(error.constructor).toBe(Class);
    expect(error).toMatchObject({
      name: Class.name,
      status: code,
      errors: [denied, '[hidden]'],
      warnings: ['no data provided'],
      path: 'a/b',
      message: `Vault: GET a/b: HTTP ${code}: 1 error occurred: * permission denied; [hidden]; no data provided`,
    });
  });

  test('given a page that is none of Vault’s, when answered, then nothing of it is in the error', async () => {
    const page: RequestListener = (_, response) => response.writeHead(502).end('<html>canary-page</html>');
    const { client } = await scripted(page, (_, response) => response.end('<html>canary-page</html>'));
    const failed = await failureOf<VaultError>(client({ retry: false }).read('a'));
    expect([failed.status, failed.errors]).toEqual([502, []]);
    const signIn = await failureOf<VaultConnectionError>(client({ retry: false }).read('a'));
    expect(signIn).toMatchObject({ name: 'VaultConnectionError', path: 'a', effect: 'possible' });
    expect(failed.message + signIn.message).not.toContain('canary-page');
  });
});

describe('VaultClient: retries', () => {
  test.each([
    ['412', status(412)],
    ['429', status(429)],
    ['500', status(500)],
    ['502 from a proxy', (_: unknown, response: ServerResponse) => response.writeHead(502).end('page')],
    ['503', status(503)],
    ['a body that breaks off', cut],
  ] as [string, RequestListener][])('given %s twice, when read, then the third attempt answers', async (_, fault) => {
    const { server, clock, client } = await scripted(fault, fault);
    expect((await client().read('a')).data).toEqual({ value: 'fine' });
    expect(server.requests.length).toBeGreaterThanOrEqual(3);
    expect(clock.waits).toHaveLength(2);
    expect(clock.waits[0]).toBeLessThanOrEqual(250);
    expect(clock.waits[1]).toBeLessThanOrEqual(500);
  });

  test('given connections that break, when read, then the next ones answer; the first is replaced at once, as the server may just have closed it', async () => {
    const { clock, client } = await scripted(reset, reset, reset);
    expect((await client().read('a')).data).toEqual({ value: 'fine' });
    expect(clock.waits).toHaveLength(1);
  });

  test.each([400, 403, 404, 405, 501])('given HTTP %i, when read, then once', async (code) => {
    const { server, client } = await scripted(status(code));
    await expect(client().read('a')).rejects.toMatchObject({ status: code });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [
      400,
      'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.',
    ],
    [500, 'local node not active but active cluster node not found'],
  ])(
    'given HTTP %i of a Vault that has only just started, when anything is sent, then it is sent again, for nothing was done',
    async (code, text) => {
      const notYet: RequestListener = (_, response) => response.writeHead(code).end(JSON.stringify({ errors: [text] }));
      const { server, client } = await scripted(notYet, notYet);
      await client().kv.v2.createOrUpdate('a', { b: 1 });
      expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
    },
  );

  test('given failures without end, when read, then it gives up after the attempts it has', async () => {
    const { server, client } = await scripted(...Array.from({ length: 9 }, () => status(503)));
    await expect(client({ retry: { attempts: 5 } }).read('a')).rejects.toBeInstanceOf(VaultSealedError);
    expect(server.requests).toHaveLength(5);
    await expect(client({ retry: false }).read('a')).rejects.toBeInstanceOf(VaultSealedError);
    expect(server.requests).toHaveLength(6);
  });

  test('given Retry-After, when read, then that long; beyond the longest wait it is an error at once', async () => {
    const { server, clock, client } = await scripted(status(429, { 'retry-after': '3' }));
    expect((await client().read('a')).data).toEqual({ value: 'fine' });
    expect(clock.waits).toEqual([3000]);
    expect(server.requests).toHaveLength(2);

    const { client: third, clock: none } = await scripted(status(429, { 'retry-after': '3600' }));
    await expect(third().read('a')).rejects.toMatchObject({ name: 'VaultRateLimitError', retryAfter: 3_600_000 });
    expect(none.waits).toEqual([]);
  });

  test.each([
    ['1000000000', 3_600_000],
    ['9'.repeat(400), 3_600_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['-5', undefined],
    ['Infinity', undefined],
    ['NaN', undefined],
  ])(
    'given Retry-After: %s, when read, then no more than an hour is told, and nothing of what is not a pause',
    async (asked, told) => {
      const { client } = await scripted(status(429, { 'retry-after': asked }));
      await expect(client({ retry: false }).read('a')).rejects.toMatchObject({ status: 429, retryAfter: told });
    },
  );

  test.each([
    ['write', (c: Client) => c.write('a', {})],
    ['a new version', (c: Client) => c.kv.v2.createOrUpdate('a', {})],
    ['a patch', (c: Client) => c.kv.v2.patch('a', {})],
    ['database credentials', (c: Client) => c.database.generateCredentials('a')],
    ['AWS credentials', (c: Client) => c.aws.generateCredentials('a')],
    ['a certificate', (c: Client) => c.pki.issue('a', { commonName: 'a' })],
    ['a token', (c: Client) => c.auth.token.create()],
    ['a login', (c: Client) => c.auth.appRole.login({ roleId: 'a' })],
    ['unwrapping', (c: Client) => c.sys.wrapping.unwrap('canary-wrap')],
    ['a read that says so', (c: Client) => c.read('database/creds/a', { repeatable: false })],
  ] as [string, (c: Client) => Promise<unknown>][])(
    'given a fault, when it hits %s, then it is sent once',
    async (_, call) => {
      for (const fault of [status(412), status(429), status(503), reset]) {
        const { server, client } = await scripted(fault);
        await expect(call(client())).rejects.toBeInstanceOf(BaseError);
        expect(server.requests).toHaveLength(1);
      }
    },
  );

  test.each([
    ['delete', (c: Client) => c.delete('a')],
    ['list', (c: Client) => c.list('a')],
    ['a static role', (c: Client) => c.database.readStaticCredentials('a')],
    ['a policy', (c: Client) => c.sys.createOrUpdatePolicy('a', '')],
    ['renewing a lease', (c: Client) => c.sys.leases.renew('a/b')],
    ['destroying versions', (c: Client) => c.kv.v2.destroy('a', [1])],
  ] as [string, (c: Client) => Promise<unknown>][])(
    'given a fault, when it hits %s, then it is tried again',
    async (_, call) => {
      const { server, client } = await scripted(status(503));
      await call(client());
      expect(server.requests).toHaveLength(2);
    },
  );

  test('given a server that is down for a moment, when read, then it is tried again', async () => {
    const gone = await startServer((_, response) => fine(response));
    await gone.stop();
    const clock = new SleepLog();
    const error = await failureOf(clientTo({ address: gone.url }, { clock }).read('a'));
    expect(error).toMatchObject({ name: 'VaultConnectionError', effect: 'none', transient: true, path: 'a' });
    expect(clock.waits).toHaveLength(2);
  });

  test('given a server that hangs, when the time is over, then it ends and is not repeated', async () => {
    const { server, client } = await scripted(() => undefined);
    const error = await failureOf<VaultConnectionError>(client({ timeout: '60ms' }).read('a'));
    expect(error).toMatchObject({ name: 'VaultConnectionError', effect: 'possible', transient: false });
    expect(error.message).toContain('no whole answer within 60 ms');
    expect(server.requests).toHaveLength(1);
  });

  test('given a signal, when it says stop, then a hanging request and a wait end', async () => {
    const { client } = await scripted(() => undefined);
    const controller = new AbortController();
    const call = client().withSignal(controller.signal).read('a');
    setTimeout(() => controller.abort(), 20);
    expect((await failureOf(call)).message).toContain('aborted');

    const { server, client: waiting } = await scripted(status(503));
    const stop = new AbortController();
    const forever = {
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          signal?.addEventListener('abort', () => resolve());
          setTimeout(() => stop.abort(), 10);
        }),
    };
    await expect(waiting({ clock: forever }).withSignal(stop.signal).read('a')).rejects.toBeInstanceOf(
      VaultSealedError,
    );
    expect(server.requests).toHaveLength(1);
  });

  test('given an answer beyond any measure, when read, then it ends', async () => {
    const { client } = await scripted((_, response) =>
      response.writeHead(200, { 'content-length': String(64 * 1024 * 1024) }).write('{'),
    );
    await expect(client({ retry: false }).read('a')).rejects.toThrow('larger than');
  });

  test.each([[{ attempts: 0 }], [{ factor: 0.5 }], [{ base: 'soon' }]])(
    'given retry %j, when made, then it is a configuration error',
    (retry) => {
      expect(() => clientTo({ address: 'http://127.0.0.1:1' }, { retry })).toThrow(
        expect.objectContaining({ code: 'SECRET_CONFIGURATION' }),
      );
    },
  );
});

type Client = ReturnType<typeof clientTo>;

describe('VaultClient: redirects', () => {
  const to =
    (location: string, code = 307): RequestListener =>
    (_, response) =>
      response.writeHead(code, { location }).end();

  test('given a redirect within the origin, when called, then it is followed once, with everything', async () => {
    const { server, client } = await scripted(to('/v1/b?x=1'));
    await client().write('a', { k: 1 });
    expect(server.requests[1]).toMatchObject({
      method: 'POST',
      path: '/v1/b?x=1',
      body: '{"k":1}',
      headers: { 'x-vault-token': TOKEN },
    });
  });

  test('given another origin, when it is not allowed, then nothing is sent there, and the error says how to allow it', async () => {
    const other = await startServer((_, response) => fine(response));
    const { client } = await scripted(to(`${other.url}/v1/a?canary-location`));
    const error = await failureOf(client().read('a'));
    expect(error).toBeInstanceOf(VaultConnectionError);
    expect(error.message).toContain(`redirects to ${other.url}: nothing is sent there. Name it in \`redirectTo\``);
    expect(error.message).not.toContain('canary-location');
    expect([other.requests, other.connections()]).toEqual([[], 0]);
  });

  test('given another origin in redirectTo, when called, then it is followed once, and no further', async () => {
    const other: TestServer = await startServer((request, response) =>
      request.url === '/v1/loop' ? to(`${other.url}/v1/loop`)(request, response) : fine(response),
    );
    const { client } = await scripted(to(`${other.url}/v1/a`), to(`${other.url}/v1/loop`));
    const vault = client({ redirectTo: [`${other.url}/`] });
    expect((await vault.read('a')).data).toEqual({ value: 'fine' });
    expect(other.requests[0]).toMatchObject({ path: '/v1/a', headers: { 'x-vault-token': TOKEN } });
    await expect(vault.read('loop')).rejects.toThrow('redirects once more');
    expect(other.requests).toHaveLength(2);
  });

  test('given https, when it redirects to http, then never, allowed or not', async () => {
    const { key, cert } = await certificate();
    const plain = await startServer((_, response) => fine(response));
    const secure = await startServer(to(`${plain.url}/v1/a`), { key, cert });
    const options = { tls: { ca: cert }, redirectTo: [plain.url] };
    const error = await failureOf(clientTo({ address: secure.url, token: TOKEN }, options).read('a'));
    expect(error.message).toContain('redirects from https to http');
    expect(plain.requests).toEqual([]);
  });

  test.each([301, 302, 303])(
    'given HTTP %i for a write, when answered, then it is not turned into a read',
    async (code) => {
      const { server, client } = await scripted(to('/v1/b', code));
      await expect(client().write('a', {})).rejects.toThrow(`redirects a POST with HTTP ${code}`);
      expect(server.requests).toHaveLength(1);
    },
  );

  test.each(['http://[', ''])('given the location %j, when answered, then it is an error', async (location) => {
    const { client } = await scripted(to(location), to(location));
    await expect(client({ retry: false }).read('a')).rejects.toBeInstanceOf(VaultConnectionError);
  });
});

describeWith(['vault'], 'VaultClient: a redirect to a real Vault', () => {
  test('given a standby’s redirect, when the active server is allowed, then it answers; else its token never leaves', async () => {
    const active = await startDevVault();
    try {
      const direct = clientTo(active);
      await direct.kv.v2.createOrUpdate('a', { b: 'c' });
      const standby = await startServer((request, response) =>
        response.writeHead(307, { location: `${active.address}${request.url}` }).end(),
      );
      const address = { address: standby.url, token: active.token };
      const allowed = clientTo(address, { redirectTo: [active.address] });
      expect((await allowed.kv.v2.read('a')).data.data).toEqual({ b: 'c' });
      await allowed.kv.v2.createOrUpdate('a', { b: 'd' }, { cas: 1 });
      expect((await direct.kv.v2.read('a')).data.data).toEqual({ b: 'd' });
      await expect(clientTo(address).kv.v2.read('a')).rejects.toThrow('nothing is sent there');
    } finally {
      await active.stop();
    }
  });
});

describe('VaultClient: a fetch of the user’s own', () => {
  const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);
  const address = { address: 'http://127.0.0.1:8200', token: TOKEN };

  test('given one, when called, then it gets URL, method, headers and body, and no redirect is its business', async () => {
    const calls: unknown[][] = [];
    const fetch = (...call: unknown[]) => {
      calls.push(call);
      return Promise.resolve(json(answer));
    };
    expect((await clientTo(address, { fetch }).write('a/ü', { k: 1 })).data).toEqual({ value: 'fine' });
    expect(calls[0]?.[0]).toBe('http://127.0.0.1:8200/v1/a/%C3%BC');
    expect(calls[0]?.[1]).toMatchObject({
      method: 'POST',
      redirect: 'manual',
      body: '{"k":1}',
      headers: { 'X-Vault-Token': TOKEN },
    });
  });

  test('given a fetch that fails, hangs, or answers too much, when called, then the same errors, and its text stays out', async () => {
    const clock = new SleepLog();
    const failing = () => Promise.reject(new TypeError(`fetch failed with ${TOKEN}`));
    const failed = await failureOf(clientTo(address, { fetch: failing, clock }).read('a'));
    expect(failed).toMatchObject({ name: 'VaultConnectionError', transient: true, cause: { name: 'TypeError' } });
    expect(failed.message + failed.stack).not.toContain(TOKEN);
    expect(clock.waits).toHaveLength(2);

    const hanging = clientTo(address, { fetch: () => new Promise(() => undefined), timeout: 30 });
    await expect(hanging.read('a')).rejects.toThrow('no whole answer within 30 ms');

    const endless = () =>
      Promise.resolve(new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(8 * 1024 * 1024)) })));
    await expect(clientTo(address, { fetch: endless }).read('a')).rejects.toThrow('larger than');
  });

  test('given a redirect to elsewhere, when it answers so, then nothing more is asked', async () => {
    let calls = 0;
    const fetch = () => {
      calls += 1;
      return Promise.resolve(new Response(null, { status: 307, headers: { location: 'https://evil.test/v1/a' } }));
    };
    await expect(clientTo(address, { fetch }).read('a')).rejects.toThrow('redirects to https://evil.test');
    expect(calls).toBe(1);
  });

  test('given plain http beyond loopback, or TLS options beside it, when made, then it is refused', () => {
    const fetch = () => Promise.resolve(json({}));
    expect(() => clientTo({ address: 'http://vault.test' }, { fetch })).toThrow('refused but on loopback');
    expect(() => clientTo(address, { fetch, tls: { serverName: 'x' } })).toThrow('exclude each other');
  });
});
