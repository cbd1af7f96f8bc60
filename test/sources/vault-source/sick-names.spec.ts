import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { token } from '../../../lib/sources/vault/index.js';
import { CapturedLogger } from '../../support/captured-logger.js';
import { startServer, stopServers } from '../support/server.js';
import { closeSources, context, sourceOf, valuesOf } from './support/sources.js';

const NAMES = Array.from({ length: 40 }, (_, index) => `s${index}`);
const ENVELOPE = { request_id: 'id', lease_id: '', renewable: false, lease_duration: 0, warnings: null, auth: null };

/** A Vault with forty secrets; from one of them no answer ever comes, or from none once `isDown`. */
async function stage(sick: string, after = Number.POSITIVE_INFINITY) {
  let answered = 0;
  const { url } = await startServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://vault');
    const say = (data: object): void =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...ENVELOPE, data }));
    if (pathname.startsWith('/v1/sys/internal')) return say({ options: { version: '2' }, type: 'kv', path: 'secret/' });
    if (request.method === 'LIST' || searchParams.has('list')) return say({ keys: NAMES });
    const name = pathname.split('/').at(-1)!;
    if (!pathname.startsWith('/v1/secret/data/')) return say({ ttl: 0, renewable: false });
    // The backend of one secret, behind a gateway that can't reach it: told when others, begun later, are there.
    if (answered >= after) return void response.writeHead(503).end();
    if (name === sick) return void setTimeout(() => response.writeHead(503).end(), 60);
    answered += 1;
    say({ data: { value: name }, metadata: { version: 1, created_time: '2026-01-01T00:00:00Z' } });
  });
  const source = sourceOf({ address: url, auth: token('canary-token'), kv: { prefix: 'app' } });
  const runtime = new SecretRuntime({ source, logger: new CapturedLogger() });
  return { source, runtime, client: new HcpVaultClient(runtime) };
}

describe('a listing with a secret that gives no answer', () => {
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });

  it.each(['s7', 's39'])('given that %s gives none, when all are read, then it is its error alone', async (sick) => {
    const { source, runtime, client } = await stage(sick);
    const all = await source.readAll!(context());
    expect(Object.keys(valuesOf(all))).toHaveLength(39);
    expect(all.get(sick)).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: sick, isAlone: true });
    expect(Object.keys(await client.fetchSecrets())).toHaveLength(39);
    expect(client.status().find(({ name }) => name === sick)).toMatchObject({
      lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' },
    });
    await runtime.shutdown();
  });

  it('given that none is answered from the tenth on, when all are read, then that is the failure of the whole', async () => {
    const { source, runtime, client } = await stage('none', 10);
    const failure = { code: 'SECRET_SOURCE_UNAVAILABLE' };
    await expect(source.readAll!(context())).rejects.toMatchObject(failure);
    await expect(client.fetchSecrets()).rejects.toMatchObject(failure);
    await runtime.shutdown();
  });
});
