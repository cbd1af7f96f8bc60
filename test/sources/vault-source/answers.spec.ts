import type { RequestListener } from 'node:http';
import { Lease } from '../../../lib/core/secret/lease.js';
import { databaseCredentials, token } from '../../../lib/sources/vault/index.js';
import { startServer, stopServers } from '../support/server.js';
import { closeSources, context, outcomeOf, sourceOf } from './support/sources.js';

const NO_LEADER = 'local node not active but active cluster node not found';

/** A Vault that takes the token, and answers all else with this text. */
const failingWith =
  (text: string, status: number): RequestListener =>
  ({ url }, response) => {
    if (url === '/v1/auth/token/lookup-self') return response.end('{"data":{"ttl":3600,"renewable":true}}');
    return response.writeHead(status).end(JSON.stringify({ errors: [text] }));
  };

describe('vault(): what else a 400 or 500 means', () => {
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });

  async function sourceWith(text: string, status = 500) {
    const { url: address } = await startServer(failingWith(text, status));
    const auth = token('canary-token');
    return sourceOf({ address, auth, kv: { prefix: 'app' }, secrets: { DB: databaseCredentials('app') } });
  }
  const lease = Lease.of({ id: 'database/creds/app/1', duration: 60_000, renewable: true });

  test('given a lease that the engine fails to extend, when extended, then new credentials are due', async () => {
    const source = await sourceWith('failed to renew entry');
    await expect(source.renew(lease, context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  test('given a cluster without a leader, when a lease is extended or opened, then nothing happened, and it is worth another try', async () => {
    const source = await sourceWith(NO_LEADER);
    const waiting = { code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' };
    await expect(source.renew(lease, context())).rejects.toMatchObject(waiting);
    expect(await outcomeOf(source, 'DB')).toMatchObject(waiting);
  });

  test('given a KV engine that is being upgraded, as Vault has just started, when read, then that is worth another try, and nobody’s fault', async () => {
    const text =
      'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.';
    const source = await sourceWith(text, 400);
    expect(await outcomeOf(source, 'db')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
  });

  test('given any other 500, when credentials are opened, then there may be some', async () => {
    const source = await sourceWith('failed to create user');
    expect(await outcomeOf(source, 'DB')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'possible' });
  });
});
