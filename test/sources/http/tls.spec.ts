import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { SecretSourceUnavailableError } from '../../../lib/core/errors/index.js';
import { SecretConfigurationError } from '../../../lib/core/errors/index.js';
import type { HttpTransportOptions } from '../../../lib/sources/http/index.js';
import { HttpTransport } from '../../../lib/sources/http/index.js';
import type { TestCertificate } from '../support/certificate.js';
import { certificate } from '../support/certificate.js';
import { startServer, stopServers } from '../support/server.js';

let ours: TestCertificate;
let another: TestCertificate;
const transports: HttpTransport[] = [];

const transportTo = (url: string, options: Partial<HttpTransportOptions> = {}): HttpTransport => {
  const transport = new HttpTransport({ url, urlOption: 'url', sourceKind: 'test', ...options });
  transports.push(transport);
  return transport;
};
const serve = () => startServer((_, response) => response.end('safe'), ours);
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as SecretSourceUnavailableError,
  );

beforeAll(async () => {
  [ours, another] = await Promise.all([certificate(), certificate('another.test')]);
});

afterEach(async () => {
  delete process.env['NODE_EXTRA_CA_CERTS'];
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  await stopServers();
});

describe('HttpTransport: TLS', () => {
  test('given a self-signed certificate, when nothing vouches for it, then it is refused without effect, and the error says how', async () => {
    const { url, requests } = await serve();
    const error = await failureOf(transportTo(url).request({ path: '/' }));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    expect(error?.message).toMatch(
      /TLS with https:.* failed \(DEPTH_ZERO_SELF_SIGNED_CERT\)\. Give the server’s CA as `tls: \{ ca \}`/,
    );
    expect(requests).toEqual([]);
  });

  test('given a port that speaks plain HTTP, when asked by https, then the error says so, and no CA is asked for', async () => {
    const { url } = await startServer((_, response) => response.end('plain'));
    const error = await failureOf(transportTo(url.replace('http:', 'https:')).request({ path: '/' }));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    expect(error?.message).toMatch(/What listens there speaks no TLS\. Check the scheme and the port\.$/);
  });

  test('given a certificate for another host, when its CA is trusted, then the error asks for no CA', async () => {
    const { url } = await serve();
    const tls = { ca: ours.cert, serverName: 'elsewhere.test' };
    const error = await failureOf(transportTo(url, { tls }).request({ path: '/' }));
    expect(error?.message).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID\)\. The certificate there is for another host\./);
  });

  test.each([
    ['text', () => ours.cert],
    ['bytes', () => Buffer.from(ours.cert)],
    ['a list', () => [another.cert, Buffer.from(ours.cert)]],
  ])('given its CA as %s, when requested, then it is trusted', async (_, ca) => {
    const { url } = await serve();
    expect((await transportTo(url, { tls: { ca: ca() } }).request({ path: '/' })).text()).toBe('safe');
  });

  test('given another CA, when requested, then it is refused', async () => {
    const { url } = await serve();
    expect(await failureOf(transportTo(url, { tls: { ca: another.cert } }).request({ path: '/' }))).toMatchObject({
      effect: 'none',
    });
  });

  test('given a CA and NODE_EXTRA_CA_CERTS, when requested, then both are trusted; a file that is gone is passed over', async () => {
    const { url } = await serve();
    const file = join(mkdtempSync(join(tmpdir(), 'ca-')), 'extra.pem');
    writeFileSync(file, `# company CA\n${ours.cert}\n`);
    process.env['NODE_EXTRA_CA_CERTS'] = file;
    expect((await transportTo(url, { tls: { ca: another.cert } }).request({ path: '/' })).text()).toBe('safe');

    process.env['NODE_EXTRA_CA_CERTS'] = `${file}.gone`;
    expect(await failureOf(transportTo(url, { tls: { ca: another.cert } }).request({ path: '/' }))).toMatchObject({
      effect: 'none',
    });
  });

  test('given verify: false on loopback, when requested, then any certificate does', async () => {
    const { url } = await serve();
    expect((await transportTo(url, { verify: false }).request({ path: '/' })).text()).toBe('safe');
  });

  test('given a certificate for another host, when requested, then it is refused', async () => {
    const { port } = await startServer((_, response) => response.end(), ours, '127.0.0.2');
    const error = await failureOf(
      transportTo(`https://127.0.0.2:${port}`, { tls: { ca: ours.cert } }).request({ path: '/' }),
    );
    expect(error).toMatchObject({ effect: 'none', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
  });

  test('given the name that the certificate holds as serverName, when the address has another, then it is trusted', async () => {
    const { port } = await startServer((_, response) => response.end('safe'), another, '127.0.0.2');
    const tls = { ca: another.cert, serverName: 'another.test' };
    expect((await transportTo(`https://127.0.0.2:${port}`, { tls }).request({ path: '/' })).text()).toBe('safe');
  });

  test('given a certificate of our own, when the server asks for one, then it sees ours', async () => {
    const { url } = await startServer(
      (request, response) => response.end((request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody'),
      { ...ours, requestCert: true, rejectUnauthorized: true, ca: another.cert } as typeof ours,
    );
    const tls = { ca: ours.cert, cert: another.cert, key: another.key };
    expect((await transportTo(url, { tls }).request({ path: '/' })).text()).toBe('another.test');
  });

  test('given a certificate without its key, or one that is not PEM, when made, then it is a configuration error without either', () => {
    const make = (tls: HttpTransportOptions['tls']) => () => transportTo('https://127.0.0.1', { tls });
    expect(make({ cert: ours.cert })).toThrow(/tls\.cert and tls\.key belong together/);
    expect(make({ cert: 'canary', key: ours.key })).toThrow(SecretConfigurationError);
    expect(make({ cert: ours.cert, key: another.key })).toThrow(SecretConfigurationError);
  });

  test.each([['no PEM'], [''], [[]]])('given %j as CA, when made, then it is a configuration error', (ca) => {
    expect(() => transportTo('https://127.0.0.1', { tls: { ca } })).toThrow(SecretConfigurationError);
  });

  test('given a server that never shakes hands, when connecting takes too long, then it ends without effect', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const transport = transportTo(`https://127.0.0.1:${port}`, { connectTimeout: 100 });
    const error = await failureOf(transport.request({ path: '/' }));
    expect(error).toMatchObject({ effect: 'none' });
    expect(error?.message).toMatch(/no connection to https:.* within 100 ms/);

    const early = await failureOf(transport.request({ path: '/', signal: AbortSignal.timeout(10) }));
    expect(early).toMatchObject({ effect: 'none', cause: { name: 'TimeoutError' } });
    await transport.close();
    mute.close();
  });
});
