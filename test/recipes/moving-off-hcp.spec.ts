import { Injectable, type DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { HcpVaultModule, hcpVaultSecrets, InjectSecret, InjectSecretField, type SecretSource } from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import { appRole, awsCredentials, staticDatabaseCredentials, vault, VaultClient } from 'nestjs-hcp-vault/vault';
import pg from 'pg';
import { describeWith } from '../servers/available.js';
import { startMoto } from '../servers/moto.server.js';
import { startPostgres } from '../servers/postgres.server.js';
import { startDevVault } from '../servers/vault.server.js';
import { until } from '../sources/vault-source/support/app.js';
import { connectDatabase } from '../sources/vault-source/support/database.js';

/** As it was written for HCP Vault Secrets. */
@Injectable()
class Payments {
  constructor(@InjectSecret('STRIPE_KEY') readonly stripeKey: string) {}
  @InjectSecretField('SOME_SECRET_AWS', 'values.access_key_id') readonly accessKeyId!: string;
  @InjectSecretField('DB', 'values.username') readonly user!: string;
  @InjectSecretField('DB', 'values.password') readonly password!: string;
  /** A `kv` secret that holds JSON. */
  @InjectSecretField('SMTP', 'port') readonly smtpPort!: number;
}

async function paymentsWith<R>(source: SecretSource, work: (payments: Payments) => R | Promise<R>): Promise<R> {
  const secrets: DynamicModule = HcpVaultModule.forRoot({ source });
  const app = await Test.createTestingModule({ imports: [secrets], providers: [Payments] }).compile();
  await app.init();
  try {
    return await work(app.get(Payments));
  } finally {
    await app.close();
  }
}

const flat = { STRIPE_KEY: 'canary-stripe', SMTP: '{"host":"mail","port":2525}' };

test('given classes that were written for HCP Vault Secrets, when they run there, then they have their secrets', async () => {
  const emulator = await HcpVaultSecretsEmulator.start({
    organizationId: 'org',
    projectId: 'project',
    clientId: 'canary-id',
    clientSecret: 'canary-secret',
    apps: {
      payments: {
        ...flat,
        SOME_SECRET_AWS: { type: 'dynamic', values: { access_key_id: 'AKIA' }, ttl: '3600s' },
        DB: { type: 'rotating', values: { username: 'payments', password: 'canary-db' } },
      },
    },
  });
  const source = hcpVaultSecrets({
    appName: 'payments',
    organizationId: 'org',
    projectId: 'project',
    clientId: 'canary-id',
    clientSecret: 'canary-secret',
    apiUrl: emulator.apiUrl,
    authUrl: emulator.authUrl,
  });
  await paymentsWith(source, (payments) => {
    expect(payments).toMatchObject({ stripeKey: 'canary-stripe', user: 'payments', smtpPort: 2525 });
    expect(payments.accessKeyId).toMatch(/^AKIA/);
  });
  await emulator.stop();
});

describeWith(['HashiCorp Vault', 'postgresql', 'moto'], 'the same classes, moved to Vault', () => {
  test('given the source of docs/moving-off-hcp.md, when nothing else is changed, then they have their secrets, and these work', async () => {
    const [server, postgres, moto] = await Promise.all([startDevVault(), startPostgres(), startMoto()]);
    const root = new VaultClient({ address: server.address, token: server.token });
    try {
      const admin = new pg.Client({ connectionString: postgres.connectionString });
      await admin.connect();
      await admin.query(`CREATE ROLE "payments" WITH LOGIN PASSWORD 'canary-first'`);
      await admin.end();

      await root.kv.v2.createOrUpdate('prod/payments', flat);
      await root.sys.enableEngine('database');
      await connectDatabase(root, postgres);
      const role = { db_name: 'pg', username: 'payments', rotation_period: '1h' };
      await root.write('database/static-roles/payments', role);
      await root.sys.enableEngine('aws');
      const aws = { access_key: 'test', secret_key: 'test', region: 'us-east-1' };
      await root.write('aws/config/root', { ...aws, iam_endpoint: moto.endpoint, sts_endpoint: moto.endpoint });
      const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
      const user = { credential_type: 'iam_user', policy_document: JSON.stringify(policy) };
      await root.write('aws/roles/payments', user);
      await root.sys.createOrUpdatePolicy('payments', {
        path: {
          'secret/data/prod/payments': { capabilities: ['read'] },
          'database/static-creds/payments': { capabilities: ['read'] },
          'aws/creds/payments': { capabilities: ['read'] },
        },
      });
      await root.sys.enableAuthMethod('approle');
      await root.write('auth/approle/role/payments', { token_policies: ['payments'], token_ttl: '1h' });
      const { data } = await root.read<{ role_id: string }>('auth/approle/role/payments/role-id');
      const secretId = (await root.auth.appRole.generateSecretId('payments')).data.secret_id;

      const source = vault({
        address: server.address,
        auth: appRole({ roleId: data.role_id, secretId }),
        kv: { document: 'prod/payments' },
        secrets: {
          SOME_SECRET_AWS: awsCredentials('payments', { shape: 'hcp' }),
          DB: staticDatabaseCredentials('payments', {
            map: ({ username, password }) => ({ values: { username, password } }),
          }),
        },
      });
      await paymentsWith(source, async (payments) => {
        expect(payments).toMatchObject({ stripeKey: 'canary-stripe', smtpPort: 2525 });
        expect(payments.accessKeyId).toMatch(/^AKIA/);
        const { user, password } = payments;
        const connection = new pg.Client({
          host: '127.0.0.1',
          port: postgres.port,
          database: 'postgres',
          user,
          password,
        });
        await connection.connect();
        expect((await connection.query<{ who: string }>('SELECT current_user AS who')).rows[0]?.who).toBe('payments');
        await connection.end();
      });
      await until('what was leased has ended with the app', async () => {
        return (await root.sys.leases.list('aws/creds/payments')).data.keys.length === 0;
      });
    } finally {
      await root.close();
      await Promise.all([server.stop(), postgres.stop(), moto.stop()]);
    }
  }, 60_000);
});
