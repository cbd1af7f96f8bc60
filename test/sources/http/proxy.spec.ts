import type { SecretSourceUnavailableError } from '../../../lib/core/errors/index.js';
import type { HttpTransportOptions } from '../../../lib/sources/http/index.js';
import { HttpTransport } from '../../../lib/sources/http/index.js';
import type { TestCertificate } from '../support/certificate.js';
import { certificate } from '../support/certificate.js';
import { printed } from '../support/printed.js';
import type { TestProxy } from '../support/proxy.js';
import { startProxy } from '../support/proxy.js';
import { startServer, stopServers } from '../support/server.js';

const NAMES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
const before = NAMES.map((name) => [name, process.env[name]] as const);
const canary = 'canary-proxy-password';

let tls: TestCertificate;
let proxy: TestProxy | undefined;
let transport: HttpTransport | undefined;

beforeAll(async () => {
  tls = await certificate('secrets.test');
});
beforeEach(() => {
  for (const name of NAMES) delete process.env[name];
});
afterEach(async () => {
  await transport?.close();
  proxy?.stop();
  await stopServers();
});
afterAll(() => {
  for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
});

const transportTo = (url: string, options: Partial<HttpTransportOptions> = {}): HttpTransport =>
  (transport = new HttpTransport({ url, urlOption: 'url', sourceKind: 'test', tls: { ca: tls.cert }, ...options }));
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as SecretSourceUnavailableError,
  );

async function serverBehindProxy(status?: number) {
  const server = await startServer((_, response) => response.end('through'), tls);
  proxy = await startProxy(server.port, status);
  return { server, proxy };
}

describe('HttpTransport: proxies from the environment', () => {
  test.each(['HTTPS_PROXY', 'https_proxy'])(
    'given %s, when an https host is asked, then it goes through a tunnel, the server’s own TLS checked',
    async (name) => {
      const { proxy } = await serverBehindProxy();
      process.env[name] = proxy.url.replace('//', `//user:${canary}@`);

      expect((await transportTo('https://secrets.test').request({ path: '/' })).text()).toBe('through');
      expect(proxy.tunnels).toEqual([
        { target: 'secrets.test:443', authorization: `Basic ${Buffer.from(`user:${canary}`).toString('base64')}` },
      ]);
      expect(printed(transport)).not.toContain(canary);
    },
  );

  test('given a proxy without a scheme, when asked, then it is http', async () => {
    const { proxy } = await serverBehindProxy();
    process.env['HTTPS_PROXY'] = proxy.url.replace('http://', '');
    expect((await transportTo('https://secrets.test').request({ path: '/' })).text()).toBe('through');
  });

  test('given a server whose certificate nobody vouches for, when behind the proxy, then it is refused', async () => {
    const { proxy, server } = await serverBehindProxy();
    process.env['HTTPS_PROXY'] = proxy.url;
    const error = await failureOf(transportTo('https://secrets.test', { tls: undefined }).request({ path: '/' }));
    expect(error).toMatchObject({ effect: 'none', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    expect(server.requests).toEqual([]);
  });

  test.each(['secrets.test', '.test', '*.test', 'other,secrets.test:443', '*'])(
    'given NO_PROXY=%s, when asked, then the proxy is passed by',
    async (value) => {
      const { proxy } = await serverBehindProxy();
      process.env['HTTPS_PROXY'] = proxy.url;
      process.env['NO_PROXY'] = value;
      expect(await failureOf(transportTo('https://secrets.test').request({ path: '/' }))).toMatchObject({
        effect: 'none',
      });
      expect(proxy.tunnels).toEqual([]);
    },
  );

  test('given a loopback server, when proxies are set, then it is asked directly', async () => {
    const { proxy, server } = await serverBehindProxy();
    process.env['HTTPS_PROXY'] = proxy.url;
    process.env['HTTP_PROXY'] = proxy.url;
    expect((await transportTo(server.url).request({ path: '/' })).text()).toBe('through');
    expect(proxy.tunnels).toEqual([]);
  });

  test('given HTTP_PROXY alone, when an https host is asked, then it is not used', async () => {
    const { proxy } = await serverBehindProxy();
    process.env['HTTP_PROXY'] = proxy.url;
    expect(await failureOf(transportTo('https://secrets.test').request({ path: '/' }))).toMatchObject({
      effect: 'none',
    });
    expect(proxy.tunnels).toEqual([]);
  });

  test('given HTTP_PROXY, when a plain host is asked, then it goes through the proxy', async () => {
    const server = await startServer((_, response) => response.end('plain'));
    proxy = await startProxy(server.port);
    process.env['HTTP_PROXY'] = proxy.url;
    const plain = transportTo('http://secrets.test', { allowInsecure: true, warn: () => undefined });
    expect((await plain.request({ path: '/' })).text()).toBe('plain');
    expect(proxy.tunnels).toMatchObject([{ target: 'secrets.test:80' }]);
  });

  test.each([403, 407, 502])(
    'given a proxy that answers %i, when asked, then it is unavailable without effect',
    async (status) => {
      const { proxy } = await serverBehindProxy(status);
      process.env['HTTPS_PROXY'] = proxy.url;
      const error = await failureOf(transportTo('https://secrets.test').request({ path: '/' }));
      expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
      expect(error?.message).toContain(`the proxy refuses a tunnel to https://secrets.test (HTTP ${status})`);
    },
  );

  test('given a proxy that never answers, when connecting takes too long, then it ends without effect', async () => {
    const { proxy } = await serverBehindProxy(0);
    process.env['HTTPS_PROXY'] = proxy.url;
    const error = await failureOf(transportTo('https://secrets.test', { connectTimeout: 100 }).request({ path: '/' }));
    expect(error).toMatchObject({ effect: 'none' });
  });

  const MALFORMED = [
    `http://user:${canary}%ZZ@proxy.test:3128`,
    `http://${canary}%:x@proxy.test:3128`,
    `ftp://user:${canary}@proxy.test`,
    `http://user:${canary}@proxy.test:99999`,
    `http://user:${canary}@[::1`,
    `http://user:${canary}@proxy.test/path?query`,
    `user:${canary}@proxy test`,
    'http://',
  ];

  test.each(MALFORMED)('given the proxy %j, when made, then it is refused by its variable’s name, and shown nowhere', (text) => {
    for (const name of ['HTTPS_PROXY', 'https_proxy']) {
      process.env[name] = text;
      let error: unknown;
      try {
        transportTo('https://secrets.test');
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining('HTTPS_PROXY is not a URL of a proxy') });
      expect(printed(error)).not.toContain(canary);
      delete process.env[name];
    }
  }); // prettier-ignore

  test('given a proxy that becomes malformed while it runs, when opened anew, then that is what the request says', async () => {
    const transport = transportTo('https://secrets.test');
    await transport.close();
    process.env['HTTPS_PROXY'] = MALFORMED[0]!;
    const error = await failureOf(transport.request({ path: '/' }));
    delete process.env['HTTPS_PROXY'];
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(printed(error)).not.toContain(canary);
  });
});
