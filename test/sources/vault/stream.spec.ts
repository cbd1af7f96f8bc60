import { once, getEventListeners } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inspect } from 'node:util';
import type { VaultClient, VaultClientOptions, VaultError } from '../../../lib/sources/vault/index.js';
import { VaultConnectionError, VaultForbiddenError } from '../../../lib/sources/vault/index.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { until } from '../vault-source/support/app.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

const CHUNK = Buffer.alloc(256 * 1024, 'canary-body ');

afterEach(async () => {
  await closeClients();
  await stopServers();
});

async function sizeOf(body: Readable): Promise<number> {
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) size += chunk.length;
  return size;
}

const breaking: RequestListener = (_, response) => {
  response.writeHead(200).write('canary-begin');
  setTimeout(() => response.destroy(), 20);
};

describe.each([
  ['our own connections', {}],
  ['a fetch of the user’s', { fetch: fetch }],
] as [string, VaultClientOptions][])('VaultClient: answers as streams, by %s', (_, options) => {
  async function serving(answer: RequestListener, more: VaultClientOptions = {}) {
    const server = await startServer(answer);
    const client = clientTo({ address: server.url, token: 'canary-token' }, { retry: false, ...options, ...more });
    return { server, client };
  }
  const streamOf = (client: VaultClient) => client.request('GET', 'sys/storage/raft/snapshot', { stream: true });

  test('given an answer larger than any that is gathered, when streamed, then it comes whole, no faster than it is read', async () => {
    let sent = 0;
    const write = (response: ServerResponse): void => {
      while (sent < 160) {
        sent += 1;
        if (!response.write(CHUNK)) return void response.once('drain', () => write(response));
      }
      response.end();
    };
    const { client } = await serving((__, response) => {
      write(response.writeHead(200, { 'content-type': 'application/gzip' }));
    });
    const answer = await streamOf(client);
    expect(answer).toMatchObject({ status: 200, contentType: 'application/gzip' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(100); // what buffers between us hold, and no more
    expect(await sizeOf(answer.body)).toBe(160 * CHUNK.length);
  });

  test('given a refusal, when streamed, then its error, as ever', async () => {
    const { client } = await serving((__, response) => response.writeHead(403).end('{"errors":["permission denied"]}'));
    const error = await failureOf<VaultError>(streamOf(client));
    expect(error).toBeInstanceOf(VaultForbiddenError);
    expect(error.errors).toEqual(['permission denied']);
  });

  test('given a fault before the answer, when streamed, then it is asked for again, as all that is idempotent', async () => {
    let asked = 0;
    const { client } = await serving(
      (__, response) => {
        asked += 1;
        if (asked === 1) response.writeHead(500).end('{"errors":[]}');
        else response.end('fine');
      },
      { retry: { base: '1ms' } },
    );
    expect(await sizeOf((await streamOf(client)).body)).toBe(4);
    expect(asked).toBe(2);
  });

  test('given an answer that breaks off, when read, then what came, then an error that names the call and nothing of it', async () => {
    const { client } = await serving(breaking);
    const { body } = await streamOf(client);
    let text = '';
    const error = await failureOf(
      (async () => {
        for await (const chunk of body as AsyncIterable<Buffer>) text += chunk.toString();
      })(),
    );
    expect(text).toBe('canary-begin');
    expect(error).toBeInstanceOf(VaultConnectionError);
    expect(error.message).toMatch(/^Vault: GET sys\/storage\/raft\/snapshot: .*whole/);
    expect(printed(error) + inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
    const piped = pipeline((await streamOf(client)).body, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) void chunk;
    });
    await expect(piped).rejects.toBeInstanceOf(VaultConnectionError);
  });

  test('given an answer that breaks off and that nobody reads, when the process goes on, then it does', async () => {
    const { client, server } = await serving(breaking);
    const { body } = await streamOf(client);
    await server.drained();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(sizeOf(body)).rejects.toBeInstanceOf(VaultConnectionError);
  });

  test('given an answer that pauses for too long, when read, then it ends with an error', async () => {
    const { client } = await serving((__, response) => response.writeHead(200).write('a'), { timeout: '300ms' });
    const { body } = await streamOf(client);
    await expect(sizeOf(body)).rejects.toMatchObject({ name: 'VaultConnectionError' });
  });

  test('given a signal, when it ends the call in the middle, then so the stream, and no listener is left', async () => {
    const { client, server } = await serving((__, response) => response.writeHead(200).write('a'));
    const controller = new AbortController();
    const { body } = await client
      .withSignal(controller.signal)
      .request('GET', 'sys/storage/raft/snapshot', { stream: true });
    const ended = failureOf(sizeOf(body));
    setTimeout(() => controller.abort(), 10);
    expect((await ended).message).toContain('was aborted');
    await server.drained();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('given a stream that is destroyed, when the rest is not wanted, then the connection is let go', async () => {
    const { client, server } = await serving((__, response) => response.writeHead(200).write('a'));
    const controller = new AbortController();
    const { body } = await client.withSignal(controller.signal).request('GET', 'a', { stream: true });
    await once(body, 'readable');
    body.destroy();
    if (!options.fetch) await server.drained(); // the global fetch takes seconds to it
    await until('no listener is left', () => getEventListeners(controller.signal, 'abort').length === 0);
  });

  test('given a stream, when printed, then nothing of it; those that ended leave their connections for the next', async () => {
    const { client, server } = await serving((__, response) => response.end('canary-whole'));
    const answer = await streamOf(client);
    await once(answer.body, 'readable');
    expect(inspect(answer, { depth: 9 }) + JSON.stringify(answer) + String(answer.body)).not.toContain('canary');
    expect(await sizeOf(answer.body)).toBe(12);
    for (let again = 0; again < 5; again += 1) await streamOf(client).then(({ body }) => sizeOf(body));
    expect(server.connections()).toBeLessThanOrEqual(2);
  });
});

test('given both kinds of answer at once, when requested, then that is refused', async () => {
  const client = clientTo({ address: 'http://127.0.0.1:1' });
  const both = client.request('GET', 'a', { raw: true, stream: true } as never);
  await expect(both).rejects.toThrow('"raw" and "stream" of client.request exclude each other');
});

test('given a client that is closed in the middle, when read, then the stream ends with an error', async () => {
  const server = await startServer((_, response) => response.writeHead(200).write('a'));
  const client = clientTo({ address: server.url });
  const { body } = await client.request('GET', 'a', { stream: true });
  const ended = failureOf(sizeOf(body));
  await client.close();
  expect((await ended).message).toContain('was closed while it talked');
});
