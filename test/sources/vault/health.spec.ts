import type { RequestListener } from 'node:http';
import { VaultRateLimitError, VaultSealedError } from '../../../lib/sources/vault/index.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';

/** Clusters with replication are Enterprise's alone, so that what they answer is played: https://developer.hashicorp.com/vault/api-docs/system/health */
describe('sys/health of clusters', () => {
  afterEach(async () => {
    await closeClients();
    await stopServers();
  });

  async function answering(listener: RequestListener) {
    return clientTo({ address: (await startServer(listener)).url }, { retry: false });
  }

  test.each([
    [200, 'active', false, false],
    [429, 'standby', false, true],
    [472, 'dr-secondary', false, true],
    [473, 'performance-standby', false, true],
    [501, 'not-initialized', true, true],
    [503, 'sealed', true, true],
  ] as const)('given HTTP %i, when asked, then it is %s, and no error', async (status, state, sealed, standby) => {
    const client = await answering((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ initialized: status !== 501, sealed, standby, version: '1.21.0+ent' }));
    });
    expect(await client.sys.health()).toMatchObject({ status, state, data: { sealed, standby } });
  });

  test.each([
    [429, VaultRateLimitError],
    [503, VaultSealedError],
  ])('given HTTP %i of a proxy before Vault, when asked, then it is an error', async (status, Class) => {
    const client = await answering((_, response) => {
      response.writeHead(status, { 'content-type': 'text/html' });
      response.end('<h1>busy</h1>');
    });
    expect(await failureOf(client.sys.health())).toBeInstanceOf(Class);
  });
});
