import { Readable } from 'node:stream';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

const RESTORE = 'sys/storage/raft/snapshot';
/** Three megabytes, a piece at a time. */
const PIECE = Buffer.alloc(64 * 1024, 'a');
const pieces = () => Readable.from(Array.from({ length: 48 }, () => PIECE));

/** A server that counts what it is sent. */
async function stage(status = 204, headers: Record<string, string> = {}) {
  const server = await startServer((_, response) => void response.writeHead(status, headers).end());
  return { server, address: server.url, sent: () => server.requests.map(({ method, body }) => [method, body.length]) };
}

describe('a body that is a stream', () => {
  afterEach(async () => {
    await closeClients();
    await stopServers();
  });

  it.each([
    ['the client’s own connections', {}],
    ['a fetch of one’s own', { fetch: globalThis.fetch as never }],
  ])('given %s, when it is sent, then it arrives whole, in pieces, with the token', async (_, options) => {
    const { address, server, sent } = await stage();
    const body = pieces();
    await clientTo({ address, token: 'canary-token' }, options).request('POST', RESTORE, { body });
    expect(sent()).toEqual([['POST', 48 * PIECE.length]]);
    expect(server.requests[0]!.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'transfer-encoding': 'chunked',
      'x-vault-token': 'canary-token',
    });
    expect(body.destroyed).toBe(true);
  });

  it('given a server that is not ready, when it is sent, then once, for a stream can’t be sent again, and it is left open nowhere', async () => {
    const { address, sent } = await stage(503);
    const body = pieces();
    const error = await failureOf(clientTo({ address, token: 't' }).request('POST', RESTORE, { body }));
    expect(error).toMatchObject({ status: 503 });
    expect([sent().length, body.destroyed]).toEqual([1, true]);
  });

  it('given a redirect, when it is sent, then it is not followed, and the error says where to send it', async () => {
    const active = await stage();
    const standby = await stage(307, { location: `${active.address}/v1/${RESTORE}` });
    const client = clientTo({ address: standby.address, token: 't' }, { redirectTo: [active.address] });
    const error = await failureOf(client.request('POST', RESTORE, { body: pieces() }));
    expect(error.message).toContain(`redirects to ${active.address}, and a stream can be sent once`);
    expect(active.sent()).toEqual([]);
  });

  it('given one that breaks, when it is sent, then the call fails, without its words', async () => {
    const { address } = await stage();
    const body = Readable.from(
      (async function* () {
        yield PIECE;
        throw new Error('canary-file');
      })(),
    );
    const error = await failureOf(clientTo({ address, token: 't' }).request('POST', RESTORE, { body }));
    expect(error.name).toBe('VaultConnectionError');
    expect(String(error)).not.toContain('canary');
  });

  it('given `repeatable`, when it is asked for, then it is refused; and a HEAD gives status and headers', async () => {
    const { address, sent } = await stage(200, { 'content-type': 'application/json', 'content-length': '300' });
    const client = clientTo({ address, token: 't' });
    const error = await failureOf(client.request('POST', RESTORE, { body: pieces(), repeatable: true }));
    expect(error.message).toContain('can be sent once');
    expect(await client.request('HEAD', 'sys/health', { raw: true })).toMatchObject({
      status: 200,
      contentType: 'application/json',
      body: Buffer.alloc(0),
    });
    expect(await client.request('HEAD', 'sys/health')).toMatchObject({ data: null });
    expect(sent()).toEqual([
      ['HEAD', 0],
      ['HEAD', 0],
    ]);
  });
});
