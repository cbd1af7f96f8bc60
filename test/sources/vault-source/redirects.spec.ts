import { token } from '../../../lib/sources/vault/index.js';
import { startServer, stopServers } from '../support/server.js';
import { closeSources, outcomeOf, sourceOf, valueOf } from './support/sources.js';

describe('vault() behind a standby that redirects', () => {
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });

  async function cluster() {
    const active = await startServer(({ url }, response) =>
      response.end(
        url === '/v1/auth/token/lookup-self'
          ? '{"data":{"ttl":3600,"renewable":true}}'
          : '{"request_id":"1","data":{"data":{"a":1},"metadata":{"version":1,"created_time":"2026-01-01T00:00:00Z"}}}',
      ),
    );
    const standby = await startServer(({ url }, response) =>
      response.writeHead(307, { location: active.url + url }).end(),
    );
    return { active, standby, options: { address: standby.url, auth: token('canary-token') } };
  }

  test('given the active node in `redirectTo`, when read, then the node answers', async () => {
    const { active, options } = await cluster();
    expect(await valueOf(sourceOf({ ...options, redirectTo: [active.url] }), 'app')).toEqual({ a: 1 });
    expect(active.requests.at(-1)?.headers['x-vault-token']).toBe('canary-token');
  });

  test('given a node that is not named, when read, then no token goes there, and the error names it', async () => {
    const { active, options } = await cluster();
    const error = (await outcomeOf(sourceOf(options), 'app')) as Error;
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(error.message).toContain(active.url);
    expect(active.requests).toEqual([]);
  });
});
