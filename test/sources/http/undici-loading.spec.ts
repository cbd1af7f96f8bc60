import { jest } from '@jest/globals';
import { ProxyAgent } from 'undici';
import { startServer, stopServers } from '../support/server.js';

const real = { ...(await import('undici')) };
let loads = 0;
let failures = 0;
jest.unstable_mockModule('undici', () => {
  loads += 1;
  if (failures > 0) throw Object.assign(new Error('canary-of-the-loader'), { code: 'ERR_MODULE_NOT_FOUND' });
  return real;
});

/** The wire as a process that has just begun has it. */
async function freshWire() {
  jest.resetModules();
  return import('../../../lib/sources/http/index.js');
}
const options = (url: string) => ({ url, urlOption: 'url', sourceKind: 'test' });

beforeEach(() => {
  loads = failures = 0;
});
afterEach(stopServers);

describe('what speaks HTTP', () => {
  it('given a transport, when it is made and closed, then it is not loaded; by the first requests it is, once', async () => {
    const server = await startServer((_, response) => response.end('told'));
    const { HttpTransport } = await freshWire();
    await new HttpTransport(options(server.url)).close();
    const [one, two] = [new HttpTransport(options(server.url)), new HttpTransport(options(server.url))];
    one.reopen();
    expect(loads).toBe(0);
    await Promise.all([one, two, one].map((transport) => transport.request({ path: '/' })));
    expect(loads).toBe(1);
    await Promise.all([one.close(), two.close()]);
  });

  it('given one that can’t be loaded, when requested, then an error tells so by name; the next request tries again', async () => {
    const server = await startServer((_, response) => response.end('told'));
    const { HttpTransport } = await freshWire();
    const transport = new HttpTransport(options(server.url));
    failures = 1;
    const thrown = await transport.request({ path: '/' }).catch((error: unknown) => error as Error);
    expect(thrown).toMatchObject({
      code: 'SECRET_CONFIGURATION',
      sourceKind: 'test',
      message: expect.stringMatching(/the package undici, which this source needs, (is not installed|could not be)/),
    });
    expect(String(thrown)).not.toContain('canary');
    failures = 0;
    expect((await transport.request({ path: '/' })).text()).toBe('told');
    await transport.close();
  });

  it('given a transport that is closed while its first request waits for the load, when loaded, then the request ends and nothing stays open', async () => {
    const server = await startServer(() => undefined);
    const { HttpTransport } = await freshWire();
    const transport = new HttpTransport(options(server.url));
    const asked = transport.request({ path: '/' }).then(
      () => 'answered',
      () => 'ended',
    );
    await transport.close();
    expect(await asked).toBe('ended');
    await server.drained();
  });

  it('given a signal that aborts during the load, when loaded, then nothing is sent', async () => {
    const server = await startServer((_, response) => response.end('told'));
    const { HttpTransport } = await freshWire();
    const transport = new HttpTransport(options(server.url));
    const controller = new AbortController();
    const asked = transport.request({ path: '/', signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ effect: 'none' });
    expect(server.connections()).toBe(0);
    await transport.close();
  });

  it.each([
    'http://proxy.test', 'http://proxy.test:3128/', 'https://user:pass%20word@proxy.test', 'HTTP://PROXY.TEST', 'socks5://proxy.test:1080',
    'socks://proxy.test', 'http://us%ZZer@proxy.test', 'http://us%ZZer:x@proxy.test', 'http://user:%@proxy.test', 'http://proxy.test/path',
    'http://proxy.test?query', 'http://proxy.test#hash', 'http://proxy.test:99999', 'http://[::1]:3128', 'http://[::1', 'ftp://proxy.test',
    'http://', 'https://proxy test', 'http://proxy.test//',
  ])('given the proxy %s, when a transport is made, then it is refused exactly where undici refuses it', async (url) => {
    const { HttpTransport } = await freshWire();
    const refuses = (make: () => unknown): boolean => {
      try {
        make();
        return false;
      } catch {
        return true;
      }
    };
    const given = { ...options('https://secrets.test'), proxy: { option: 'proxy', url } };
    expect(refuses(() => new HttpTransport(given))).toBe(refuses(() => new ProxyAgent(url)));
    expect(loads).toBe(0);
  }); // prettier-ignore
});
