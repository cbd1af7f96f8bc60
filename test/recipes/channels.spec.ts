import pg from 'pg';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { memorySource } from '../../lib/sources/memory/index.js';
import { describeWith } from '../servers/available.js';
import { startPostgres, type PostgresServer } from '../servers/postgres.server.js';
import { postgresEvents } from './channels/postgres-events.js';

const until = async (isTrue: () => boolean): Promise<void> => {
  for (const end = Date.now() + 10_000; !isTrue();) {
    if (Date.now() > end) throw new Error('it has not come to that');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

// The file of docs/channels.md, as it stands there.
describeWith(['postgresql'], 'a channel of one’s own', () => {
  let postgres: PostgresServer;
  let admin: pg.Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    admin = new pg.Client(postgres.connectionString);
    await admin.connect();
  }, 60_000);
  afterAll(async () => {
    await admin?.end();
    await postgres?.stop();
  });

  const listeners = async (): Promise<number> => {
    const found = await admin.query(`SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN secrets'`);
    return Number((found.rows as { count: string }[])[0]!.count);
  };

  it('given changes that are notified, a connection that is cut, and an end, when they come, then each is heard, nothing is lost, and no connection is left', async () => {
    const source = memorySource({ KEY: 'v1', OTHER: 'o1' });
    const push = postgresEvents(postgres.connectionString);
    const runtime = new SecretRuntime({ source, push, refresh: { jitter: 0 } });
    const client = new HcpVaultClient(runtime);
    const channel = () => client.status()[0]!.channel;
    await runtime.bootstrap([{ name: 'KEY', need: 'required' }, { name: 'OTHER', need: 'required' }], 'decorated'); // prettier-ignore
    runtime.start();
    await until(() => channel() === 'live' && runtime.options.policies.isEased);

    source.rotate('KEY', 'v2');
    await admin.query(`SELECT pg_notify('secrets', 'KEY')`);
    await until(() => client.get('KEY') === 'v2');

    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN secrets'`);
    await until(() => channel() === 'lost');
    expect(runtime.options.policies.isEased).toBe(false);
    source.rotate('OTHER', 'o2');
    await admin.query(`SELECT pg_notify('secrets', 'OTHER')`); // to nobody
    await until(() => channel() === 'live');
    await until(() => client.get('OTHER') === 'o2');
    expect(await listeners()).toBe(1);

    await runtime.shutdown();
    expect(await listeners()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await listeners()).toBe(0); // it does not come back
  }, 60_000);

  it('given a server that is not there, when the app starts, then it starts, and the channel is told as lost', async () => {
    const push = postgresEvents('postgres://nobody@127.0.0.1:9/none');
    const runtime = new SecretRuntime({ source: memorySource({ KEY: 'v1' }), push });
    const client = new HcpVaultClient(runtime);
    await runtime.bootstrap([{ name: 'KEY', need: 'required' }], 'decorated');
    runtime.start();
    await until(() => client.status()[0]!.channel === 'lost');
    expect(client.get('KEY')).toBe('v1');
    await runtime.shutdown();
  });
});
