import { getEventListeners } from 'node:events';
import type { RequestListener } from 'node:http';
import { SecretNotFoundError, SecretSourceUnavailableError } from '../../../lib/core/errors/index.js';
import type { HttpTransportOptions } from '../../../lib/sources/http/index.js';
import { HttpTransport } from '../../../lib/sources/http/index.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';

const canary = 'canary-body-91c7';
const transports: HttpTransport[] = [];

function transportTo(url: string, options: Partial<HttpTransportOptions> = {}): HttpTransport {
  const transport = new HttpTransport({ url, urlOption: 'url', sourceKind: 'test', ...options });
  transports.push(transport);
  return transport;
}

async function serving(answer: RequestListener, options: Partial<HttpTransportOptions> = {}) {
  const server = await startServer(answer);
  return { server, transport: transportTo(server.url, options) };
}

const failureOf = (work: Promise<unknown>): Promise<SecretSourceUnavailableError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as SecretSourceUnavailableError,
  );

afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  await stopServers();
});

describe('HttpTransport: answers', () => {
  test('given JSON, when requested, then status, headers and body come back', async () => {
    const { server, transport } = await serving((request, response) => {
      response
        .writeHead(201, { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] })
        .end(JSON.stringify({ echo: request.headers['x-token'] }));
    });

    const response = await transport.request({
      method: 'POST',
      path: '/p?q=1',
      headers: { 'x-token': 't' },
      body: 'sent',
    });

    expect(response.status).toBe(201);
    expect(response.header('x-one')).toBe('1');
    expect(response.header('set-cookie')).toBe('a=1');
    expect(response.json()).toEqual({ echo: 't' });
    expect(server.requests).toMatchObject([{ method: 'POST', path: '/p?q=1', body: 'sent' }]);
  });

  test('given a base with a path, when requested, then it goes first', async () => {
    const server = await startServer((_, response) => response.end('{}'));
    await transportTo(`${server.url}/gateway/`).request({ path: '/v1' });
    expect(server.requests[0]?.path).toBe('/gateway/v1');
  });

  test('given requests one after another, when sent, then they share connections (undici keeps two in turn)', async () => {
    const { server, transport } = await serving((_, response) => response.end('{}'));
    for (let i = 0; i < 5; i++) await transport.request({ path: '/' });
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  test('given an answer in many parts, when read, then it is whole', async () => {
    const text = 'ü'.repeat(300_000);
    const { transport } = await serving((_, response) => {
      for (const part of text.match(/.{1,10001}/g) ?? []) response.write(part);
      response.end();
    });
    expect((await transport.request({ path: '/' })).text()).toBe(text);
  });

  test('given a body that is not JSON, when parsed, then the error quotes nothing of it', async () => {
    const { transport, server } = await serving((_, response) => response.end(`{"value": "${canary}`));
    const response = await transport.request({ path: '/' });
    const error = (() => {
      try {
        return response.json();
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    expect(error).toBeInstanceOf(SecretSourceUnavailableError);
    expect(printed(error)).not.toContain(canary);
    expect((error as Error).message).toContain(server.url);
    expect(printed(response)).not.toContain(canary);
  });
});

describe('HttpTransport: bounds', () => {
  test('given a declared length beyond the bound, when answered, then it fails before the body is read', async () => {
    const { transport } = await serving(
      (_, response) => response.writeHead(200, { 'content-length': '100' }).write(canary),
      { maxBody: 99 },
    );
    const error = await failureOf(transport.request({ path: '/' }));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'possible' });
    expect(error.message).toContain('larger than 99 bytes');
  });

  test('given an endless body, when it passes the bound, then it fails and the connection goes', async () => {
    const { transport, server } = await serving(
      (_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(1024)));
          response.once('drain', more);
        };
        more();
      },
      { maxBody: 50_000 },
    );
    const error = await failureOf(transport.request({ path: '/' }));
    expect(error.message).toContain('larger than 50000 bytes');
    await server.drained();
  });

  test('given a server that never answers, when the time is over, then the request ends', async () => {
    const { transport, server } = await serving(() => undefined);
    const error = await failureOf(transport.request({ path: '/', timeout: 30 }));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'possible' });
    expect(error.message).toContain('no whole answer within 30 ms');
    await server.drained();
  });

  test('given a server that stops in the middle of the body, when the time is over, then the request ends', async () => {
    const { transport } = await serving((_, response) => void response.writeHead(200).write('{"a":'), { timeout: 50 });
    const error = await failureOf(transport.request({ path: '/' }));
    expect(error.message).toContain('no whole answer within 50 ms');
  });

  test('given a running request, when its signal aborts, then it ends at once; a time-out is told as such', async () => {
    const controller = new AbortController();
    const { transport } = await serving(() => controller.abort());
    const error = await failureOf(transport.request({ path: '/', signal: controller.signal }));
    expect(error).toMatchObject({ effect: 'possible', cause: { name: 'AbortError' } });
    expect(error.message).toContain('was aborted');

    const late = await failureOf(transport.request({ path: '/', signal: AbortSignal.timeout(20) }));
    expect(late.message).toContain('no whole answer in time');
  });

  test('given a signal aborted before, when requested, then nothing is sent; a SecretError as reason comes back itself', async () => {
    const { transport, server } = await serving((_, response) => response.end());
    const reason = new SecretNotFoundError();
    expect(await failureOf(transport.request({ path: '/', signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await failureOf(transport.request({ path: '/', signal: AbortSignal.abort() }))).toMatchObject({
      effect: 'none',
    });
    expect(server.requests).toEqual([]);
  });

  test('given a settled request, when its signal is looked at, then no listener is left', async () => {
    const { transport } = await serving((_, response) => response.end());
    const { signal } = new AbortController();
    await transport.request({ path: '/', signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('HttpTransport: failures', () => {
  test('given nothing that listens, when requested, then it is unavailable without effect', async () => {
    const { transport, server } = await serving((_, response) => response.end());
    await server.stop();
    const error = await failureOf(transport.request({ path: '/' }));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none', cause: { code: 'ECONNREFUSED' } });
    expect(error.message).toMatch(/nothing listens at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Check the address/);
  });

  test('given a host that nobody knows, when requested, then it is unavailable without effect', async () => {
    const transport = transportTo('https://nowhere.invalid');
    const error = await failureOf(transport.request({ path: '/' }));
    expect(error).toMatchObject({ effect: 'none' });
    expect(error.message).toContain('https://nowhere.invalid');
  });

  test('given a body that is cut off, when read, then it is unavailable and an effect is possible', async () => {
    const { transport } = await serving((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write(canary, () => response.destroy());
    });
    const error = await failureOf(transport.request({ path: '/' }));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'possible' });
    expect(error.message).toContain('broke before the answer was whole');
    expect(printed(error)).not.toContain(canary);
  });

  test('given a connection closed without an answer, when repeatable, then it is sent once more, else not', async () => {
    let arrived = 0;
    const { transport } = await serving((_, response) =>
      ++arrived % 2 === 1 ? response.destroy() : response.end('again'),
    );

    expect((await transport.request({ path: '/', repeatable: true })).text()).toBe('again');
    expect(await failureOf(transport.request({ path: '/' }))).toMatchObject({ effect: 'possible' });
    expect(arrived).toBe(3);
  });

  test('given running requests, when closed, then they end, the sockets go, and the next request opens anew', async () => {
    let hang = true;
    const { transport, server } = await serving((_, response) => {
      if (hang) void transport.close();
      else response.end('open');
    });
    const error = await failureOf(transport.request({ path: '/' }));
    expect(error.message).toContain('was closed while');
    await server.drained();

    hang = false;
    expect((await transport.request({ path: '/' })).text()).toBe('open');
    await transport.close();
    await server.drained();
    await transport.close();
  });
});

describe('HttpTransport: redirects', () => {
  test('given a redirect within the origin, when followed, then once, with method, body and headers', async () => {
    const { transport, server } = await serving((request, response) =>
      request.url === '/new?a=1' ? response.end('here') : response.writeHead(307, { location: '/new?a=1' }).end(),
    );
    const response = await transport.request({ method: 'POST', path: '/old', body: 'b', headers: { 'x-token': 't' } });
    expect(response.text()).toBe('here');
    expect(server.requests[1]).toMatchObject({
      method: 'POST',
      path: '/new?a=1',
      body: 'b',
      headers: { 'x-token': 't' },
    });
  });

  test('given a redirect to another origin, when answered, then that origin gets nothing and the error names it alone', async () => {
    const other = await startServer((_, response) => response.end('stolen'));
    const { transport } = await serving((_, response) =>
      response.writeHead(302, { location: `${other.url}/x?${canary}` }).end(),
    );
    const error = await failureOf(transport.request({ path: '/', headers: { authorization: 'Bearer t' } }));
    expect(error.code).toBe('SECRET_SOURCE_UNAVAILABLE');
    expect(error.message).toContain(`redirects to ${other.url}, which is not followed`);
    expect(printed(error)).not.toContain(canary);
    expect(other.requests).toEqual([]);
  });

  test('given a caller who judges redirects itself, when one comes, then it is the answer and nothing is followed', async () => {
    const { transport, server } = await serving((_, response) => response.writeHead(307, { location: '/new' }).end());
    const response = await transport.request({ path: '/old', redirect: 'manual' });
    expect([response.status, response.header('location')]).toEqual([307, '/new']);
    expect(server.requests).toHaveLength(1);
  });

  test('given endless redirects, one to no URL, or a POST that would become a GET, when answered, then it is an error', async () => {
    const { transport } = await serving((request, response) =>
      response.writeHead(302, { location: request.url === '/bad' ? 'http://[' : '/loop' }).end(),
    );
    expect((await failureOf(transport.request({ path: '/loop' }))).message).toContain('redirects more than once');
    expect((await failureOf(transport.request({ path: '/bad' }))).message).toContain('what is not a URL');
    expect((await failureOf(transport.request({ path: '/', method: 'POST', body: 'x' }))).message).toContain(
      'redirects a POST',
    );
  });
});
