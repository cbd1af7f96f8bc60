import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, InjectSecret, SecretRef, InjectSecretRef, type SecretSource } from 'nestjs-hcp-vault'; // prettier-ignore
import pg from 'pg';
import { appRole, databaseCredentials, pkiCertificate, token, vault } from '../../lib/sources/vault/index.js';
import { called, withEnvironment } from '../cli/support/called.js';
import { describeOnEachVault } from '../servers/available.js';
import { hashiCorpVaultBinary, openBaoBinary } from '../servers/locations.mjs';
import { type PostgresServer, startPostgres } from '../servers/postgres.server.js';
import { startDevVault, type VaultProduct, type VaultServer } from '../servers/vault.server.js';
import { runShell, shellOf } from './shell.js';
import { CapturedLogger } from '../support/captured-logger.js';
import { textOf } from './markdown.js';

const PAGE = 'docs/setup/vault.md';

const folder = mkdtempSync(join(tmpdir(), 'setup-vault-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `vault` is on the PATH of the shell, whatever the product's own command is called. */
function shellFor(product: VaultProduct, { address, token }: VaultServer) {
  const own = mkdtempSync(join(folder, `${product}-`));
  const bin = join(own, 'bin');
  mkdirSync(bin);
  symlinkSync((product === 'vault' ? hashiCorpVaultBinary() : openBaoBinary())!, join(bin, 'vault'));
  const env = { PATH: [bin, process.env['PATH']].join(delimiter), VAULT_ADDR: address, VAULT_TOKEN: token };
  return {
    own,
    run: (script: string, more: Record<string, string> = {}) => runShell(script, own, { ...env, ...more }),
  };
}

async function policyOf(status: string): Promise<string> {
  const file = join(folder, 'status.json');
  writeFileSync(file, status);
  return (await called(['policy', '--for', 'vault', '--status', file])).out;
}

@Injectable()
class Shop {
  constructor(
    @InjectSecret('STRIPE_KEY') readonly key: string,
    @InjectSecretRef('DB', { optional: true }) readonly db: SecretRef<{ username: string; password: string }>,
  ) {}
}

async function inApp<T>(source: SecretSource, work: (shop: Shop, client: HcpVaultClient) => Promise<T>): Promise<T> {
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source })],
    providers: [Shop],
  })
    .setLogger(new CapturedLogger())
    .compile();
  try {
    await module.init();
    return await work(module.get(Shop), module.get(HcpVaultClient));
  } finally {
    await module.close();
  }
}

describeOnEachVault(['postgresql'], 'docs/setup/vault.md on %s', (product) => {
  let server: VaultServer;
  let postgres: PostgresServer;
  beforeAll(async () => void ([server, postgres] = await Promise.all([startDevVault(product), startPostgres()])), 60_000); // prettier-ignore
  afterAll(() => Promise.all([server?.stop(), postgres?.stop()]));

  test('given its shell blocks, when they are typed, then an app has its secrets by AppRole, a login of the database that works, and no other right', async () => {
    const { own, run } = shellFor(product, server);
    const ADMIN_DATABASE_URL = postgres.connectionString;
    await run(shellOf(PAGE, 'KV secrets', 'Database credentials', 'The policy', 'Certificates', 'AppRole', 'Audit'), {
      ADMIN_DATABASE_URL,
      DB_HOST: '127.0.0.1',
      DB_PORT: String(postgres.port),
      DB_NAME: 'postgres',
      DB_SSLMODE: 'disable',
    });
    const auth = appRole({ roleId: { file: join(own, 'role-id') }, secretId: { file: join(own, 'wrapped-secret-id') }, wrapped: true }); // prettier-ignore
    const options = { address: server.address, auth, kv: { document: 'prod/shop' } };
    const source = vault({ ...options, secrets: { DB: databaseCredentials('shop') } });
    const status = await inApp(source, async ({ key, db }, client) => {
      expect(key).toBe('made-up-key');
      const { username, password } = db.value;
      const pool = new pg.Client({ host: '127.0.0.1', port: postgres.port, database: 'postgres', user: username, password }); // prettier-ignore
      await pool.connect();
      await pool.query('CREATE SCHEMA AUTHORIZATION CURRENT_ROLE').catch(() => undefined); // of the database's owner only
      expect((await pool.query('SELECT current_user, session_user')).rows).toEqual([{ current_user: 'shop', session_user: username }]); // prettier-ignore
      const ended = new Promise<Error>((resolve) => pool.on('error', resolve));
      await expect(client.update('STRIPE_KEY', 'other')).rejects.toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
      const status = JSON.stringify(client.status());
      await run('printf %s next-key > key.txt && vault kv patch -mount=secret prod/shop STRIPE_KEY=@key.txt');
      await run(shellOf('docs/operations/leaked-secret.md', 'Vault and OpenBao').replace(/^psql .*$/m, 'true'));
      expect(await ended).toMatchObject({ code: '57P01' }); // by the revocation statements
      await run(/^psql .*$/m.exec(shellOf('docs/operations/leaked-secret.md', 'Vault and OpenBao'))![0], { ADMIN_DATABASE_URL }); // prettier-ignore
      await client.refresh();
      expect(client.get('STRIPE_KEY')).toBe('next-key');
      await client.reportRejected('DB');
      expect(db.value.username).not.toBe(username);
      return status;
    });
    expect(textOf(PAGE)).toContain(`<<'HCL'\n${(await policyOf(status)).trimEnd()}\nHCL\n`);
    const TLS = pkiCertificate('web', { commonName: 'web.shop.internal', ttl: '24h' });
    const other = vault({ ...options, auth: token(server.token), secrets: { TLS } });
    const withCertificate = await inApp(other, async (_, client) => {
      expect(await client.fetch('TLS', { field: 'certificate' })).toContain('BEGIN CERTIFICATE');
      return JSON.stringify(client.status());
    });
    const [path] = /path "pki[^]*?\n}\n/.exec(await policyOf(withCertificate))!;
    expect(textOf(PAGE)).toContain(`\n\`\`\`hcl\n${path}\`\`\`\n`);
    const restore = withEnvironment({ VAULT_ADDR: server.address, VAULT_TOKEN: server.token });
    const asked = await called(['get', 'STRIPE_KEY', '--source', 'vault:secret?document=prod/shop'], process.env);
    restore();
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining('STRIPE_KEY') as string });
    expect(readFileSync(join(own, 'vault-audit.log'), 'utf8')).toContain('"path":"database/creds/shop"');
  }, 60_000);
});
