import type { RequestListener } from 'node:http';
import type { SourceEvent } from '../../../lib/core/source/source-event.js';
import { Lease } from '../../../lib/core/secret/lease.js';
import { databaseCredentials, staticDatabaseCredentials, token } from '../../../lib/sources/vault/index.js';
import { startServer, stopServers } from '../support/server.js';
import { closeSources, context, outcomeOf, sourceOf, valuesOf, versionOf } from './support/sources.js';

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

describe('vault(): numbers that make no sense', () => {
  // Vault 1.21 and OpenBao 2.7 refuse to store such a number; who knows what others keep.
  test('given a document with a number that no double holds, when read, by name and as a whole, then it is its text, within an object that field fails, and the others are there', async () => {
    const { url: address } = await startServer(({ url }, response) => {
      if (url === '/v1/auth/token/lookup-self') return response.end('{"data":{"ttl":3600,"renewable":true}}');
      return response.end('{"request_id":"r","data":{"GOOD":"canary","HUGE":1e999,"IN":{"a":[-1e999]}}}');
    });
    const source = sourceOf({ address, auth: token('canary-token'), kv: { version: 1, document: 'app' } });
    for (const all of [await source.readAll!(context()), await source.read(['GOOD', 'HUGE', 'IN'], context())]) {
      expect(valuesOf(all)).toEqual({ GOOD: 'canary', HUGE: '1e999' });
      expect(all.get('IN')).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: 'IN', sourceKind: 'vault' });
    }
  });

  afterEach(async () => {
    await closeSources();
    await stopServers();
  });

  /** A Vault whose token and lease live for so long, in JSON. */
  const granting =
    (life: string): RequestListener =>
    ({ url }, response) => {
      const lease = `"request_id":"r","lease_id":"l","renewable":true,"lease_duration":${life}`;
      if (url === '/v1/auth/token/lookup-self') return response.end(`{"data":{"ttl":${life},"renewable":true}}`);
      if (url === '/v1/secret/data/bound') return response.writeHead(429, { 'retry-after': '9'.repeat(400) }).end('{}');
      return response.end(`{${lease},"data":{"username":"u","password":"p"}}`);
    };

  test.each(['1e999', '1e300', '-1', '"soon"', 'null'])(
    'given %s in place of seconds, when opened and extended, then no date and no delay is broken by it',
    async (life) => {
      const { url: address } = await startServer(granting(life));
      const source = sourceOf({
        address,
        auth: token('canary-token'),
        kv: {},
        secrets: { DB: databaseCredentials('app'), ROLE: staticDatabaseCredentials('app') },
      });
      const events: SourceEvent[] = [];
      source.observe((event) => void events.push(event));
      const { lease } = await versionOf(source, 'DB');
      if (life.startsWith('1e')) {
        const hundredYears = 100 * 365 * 24 * 3_600_000;
        expect(lease?.duration).toBe(hundredYears);
        expect((await source.renew(lease!, context())).duration).toBe(hundredYears);
      } else expect(lease).toBeUndefined();
      const { expiresAt } = await versionOf(source, 'ROLE');
      for (const date of [expiresAt, ...events.map((event) => event.expiresAt)]) {
        expect(date?.getTime()).not.toBeNaN();
      }
      expect(await outcomeOf(source, 'bound')).toMatchObject({ code: 'SECRET_THROTTLED', retryAfter: 3_600_000 });
    },
  );
});
