import { HcpVaultClient, HcpVaultModule, type SecretEvent } from 'nestjs-hcp-vault';
import { Test, type TestingModule } from '@nestjs/testing';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { databaseCredentials, token } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { PostgresServer } from '../../servers/postgres.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { until } from './support/app.js';
import { connectDatabase, setRole, startVaultWithDatabase } from './support/database.js';
import { closeSources, sourceOf } from './support/sources.js';

describeOnEachVault(['postgresql'], 'vault() against %s, whose engine can’t reach its database', (product) => {
  let server: VaultServer;
  let postgres: PostgresServer;
  let client: VaultClient;
  let stop: (() => Promise<void>) | undefined;
  let app: TestingModule | undefined;

  beforeAll(async () => {
    ({ server, postgres, client, stop } = await startVaultWithDatabase(product));
    await setRole(client, { defaultTtl: '2s', maxTtl: '1h' });
  }, 60_000);
  afterAll(async () => {
    await app?.close();
    await closeSources();
    await stop?.();
  }, 30_000);

  test('given leases that end meanwhile, when it can again, then there are credentials within moments, and Vault was asked with back-off', async () => {
    const source = sourceOf({
      address: server.address,
      auth: token(server.token),
      secrets: { DB: databaseCredentials('app') },
    });
    app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, required: ['DB'], retry: { base: '200ms', max: '1s' } })],
    }).compile();
    await app.init();
    const secrets = app.get(HcpVaultClient);
    const events: SecretEvent[] = [];
    secrets.events$.subscribe((event) => events.push(event));
    const count = (...types: SecretEvent['type'][]) => events.filter(({ type }) => types.includes(type)).length;
    await connectDatabase(client, postgres, 1); // nothing listens there
    await until('the lease is over', () => count('ended') > 0);
    expect(() => secrets.get('DB')).toThrow('its lease has ended');
    const [before, since] = [count('failed'), Date.now()];
    await until('some more tries', () => count('failed') >= before + 5);
    // Full jitter up to a second: half a second each, and never one at the heels of another.
    expect((Date.now() - since) / 5).toBeGreaterThan(50);
    expect(secrets.status()[0]).toMatchObject({ lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    await connectDatabase(client, postgres);
    await until('credentials', () => count('recovered') > 0);
    expect(secrets.get('DB')).toMatchObject({ username: expect.stringMatching(/./) as string });
    expect(secrets.status()[0]).not.toHaveProperty('lastError');
  }, 45_000);
});
