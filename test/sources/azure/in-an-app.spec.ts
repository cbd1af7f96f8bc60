import { Injectable } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, InjectSecret, InjectSecretRef, type SecretRef } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../../support/captured-logger.js';
import { cleanUp, emulated } from './azure.js';

afterEach(cleanUp);

@Injectable()
class Payments {
  constructor(
    @InjectSecret('STRIPE_KEY') readonly key: string,
    @InjectSecretRef('DB') readonly db: SecretRef<{ user: string }>,
  ) {}
}

describe('azureKeyVault in an app', () => {
  it('given names with underscores, when the app starts, writes, and the vault rotates, then it has the values, and an expired one stands in the log', async () => {
    const { vault, source } = await emulated({ 'STRIPE-KEY': 'one', db: '{"user":"a"}' });
    vault.secrets.set('OLD', 'canary-old', { attributes: { exp: 1_600_000_000 } });
    const logger = new CapturedLogger();
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ ignoreEnvFile: true }),
        HcpVaultModule.forRoot({ source, config: { namespace: 'secrets' }, refresh: { enabled: false } }),
      ],
      providers: [Payments],
    })
      .setLogger(logger)
      .compile();
    const app = module.createNestApplication({ logger });
    await app.init();
    const [payments, client] = [app.get(Payments), app.get(HcpVaultClient)];
    expect([payments.key, payments.db.value.user]).toEqual(['one', 'a']);
    expect(app.get(ConfigService).get('secrets.STRIPE_KEY')).toBe('one');
    expect(Object.keys(await client.fetchSecrets()).sort()).toEqual(['DB', 'OLD', 'STRIPE_KEY']);
    await client.update('STRIPE_KEY', 'two');
    expect(client.get('STRIPE_KEY')).toBe('two');
    expect(await client.fetch('stripe-key')).toBe('two');
    vault.secrets.set('db', '{"user":"b"}');
    expect(await client.refresh()).toMatchObject({ changed: ['DB'], failed: [] });
    expect(payments.db.value.user).toBe('b');
    expect(logger.text).toMatch(/"OLD" at https:\S+ expired at 2020-09-13/);
    expect(logger.text).not.toContain('canary');
    await app.close();
  });
});
