import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { VaultForbiddenError } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { SealableVault } from '../../servers/vault.server.js';
import { createSealableVault } from '../../servers/vault.server.js';
import { until } from '../vault-source/support/app.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';
import { kvReady } from './support/kv-ready.js';

describeOnEachVault([], 'VaultClient against %s: snapshots', (product) => {
  const folder = mkdtempSync(join(tmpdir(), 'vault-snapshot-'));
  let server: SealableVault;
  let client: VaultClient;

  beforeAll(async () => {
    server = await createSealableVault(product, 'raft');
    client = clientTo(server, { tls: { ca: server.ca } });
    const { data } = await client.write<{ keys_base64: string[]; root_token: string }>('sys/init', {
      secret_shares: 1,
      secret_threshold: 1,
    });
    await client.sys.unseal(data.keys_base64[0]!);
    client.token = data.root_token;
    await until('it is active', async () => (await client.sys.health()).state === 'active');
    await client.sys.enableEngine('kv', { path: 'secret', options: { version: '2' } });
    await kvReady(client);
  }, 60_000);
  afterAll(async () => {
    await closeClients();
    await server?.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  test('given secrets, when a snapshot is streamed to a file and restored, then they are as they were', async () => {
    const file = join(folder, 'vault.snap');
    await client.kv.v2.createOrUpdate('app', { a: 'before' });
    const { body, contentType } = await client.request('GET', 'sys/storage/raft/snapshot', { stream: true });
    expect(contentType).toMatch(/gzip/);
    await pipeline(body, createWriteStream(file));
    expect(gunzipSync(readFileSync(file)).includes('SHA256SUMS')).toBe(true);

    await client.kv.v2.createOrUpdate('app', { a: 'after' });
    await client.request('POST', 'sys/storage/raft/snapshot', { body: createReadStream(file) });
    await until('the snapshot is restored', async () => {
      const { data } = await client.kv.v2.read<{ a: string }>('app');
      return data.data.a === 'before';
    });
  });

  test('given a token without the right, when a snapshot is asked for, then an error and no stream', async () => {
    const { auth } = await client.auth.token.create({ policies: ['default'] });
    const own = clientTo({ address: server.address, token: auth.client_token }, { tls: { ca: server.ca } });
    const refused = failureOf(own.request('GET', 'sys/storage/raft/snapshot', { stream: true }));
    expect(await refused).toBeInstanceOf(VaultForbiddenError);
  });
});
