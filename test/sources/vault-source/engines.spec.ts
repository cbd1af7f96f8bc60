import { X509Certificate } from 'node:crypto';
import pg from 'pg';
import type { Lease } from '../../../lib/core/secret/lease.js';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import {
  awsCredentials,
  databaseCredentials,
  pkiCertificate,
  read,
  staticDatabaseCredentials,
  token,
} from '../../../lib/sources/vault/index.js';
import { describeWith, describeOnEachVault } from '../../servers/available.js';
import type { MotoServer } from '../../servers/moto.server.js';
import { startMoto } from '../../servers/moto.server.js';
import type { PostgresServer } from '../../servers/postgres.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startServer, stopServers } from '../support/server.js';
import { until } from './support/app.js';
import { setRole, startVaultWithDatabase } from './support/database.js';
import { closeSources, context, outcomeOf, sourceOf, versionOf } from './support/sources.js';

interface Login {
  readonly username: string;
  readonly password: string;
}

describeOnEachVault(['postgresql'], 'vault() against %s: what engines issue', (product) => {
  let server: VaultServer;
  let postgres: PostgresServer;
  let client: VaultClient;
  let stop: (() => Promise<void>) | undefined;
  const leases = async () => (await client.sys.leases.list('database/creds/app')).data.keys;
  const make = (options: Partial<Parameters<typeof sourceOf>[0]>) =>
    sourceOf({ address: server.address, auth: token(server.token), ...options });

  async function query(sql: string, as?: Login): Promise<unknown> {
    const url = new URL(postgres.connectionString);
    if (as) [url.username, url.password] = [as.username, as.password].map(encodeURIComponent) as [string, string];
    const connection = new pg.Client({ connectionString: url.href });
    await connection.connect();
    try {
      return ((await connection.query({ text: sql, rowMode: 'array' })).rows as unknown[][])[0]?.[0];
    } finally {
      await connection.end();
    }
  }

  beforeAll(async () => {
    ({ server, postgres, client, stop } = await startVaultWithDatabase(product));
    await setRole(client, { defaultTtl: '1h', maxTtl: '24h' });
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await stop?.();
  });

  test('given database credentials, when opened, then a lease that can be extended and ended; looking for them opens none', async () => {
    const source = make({ secrets: { DB: databaseCredentials('app', { map: (data) => ({ values: data }) }) } });
    expect(await source.exists('DB', context())).toBe(true);
    expect(await source.list('D', context())).toEqual(['DB']);
    expect(await leases()).toEqual([]);
    const { value, lease } = await versionOf(source, 'DB');
    const { username, password } = (value as unknown as { values: Login }).values;
    expect(await query('select current_user', { username, password })).toBe(username);
    expect(lease).toMatchObject({ duration: 3_600_000, renewable: true });
    expect(await source.renew(lease!, context())).toMatchObject({ id: lease!.id, duration: 3_600_000 });
    await source.revoke(lease!, context());
    await until('the lease has ended', async () => (await leases()).length === 0);
    await expect(source.renew(lease!, context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    await source.revoke(lease!, context()); // twice is once
    expect(await outcomeOf(source, 'DB', '1')).toBeUndefined();
  });

  test('given an unknown role, when opened, then an error that waiting won’t heal, for that name alone', async () => {
    const source = make({ secrets: { DB: databaseCredentials('app'), NONE: databaseCredentials('none') } });
    const results = await source.read(['DB', 'NONE'], context());
    expect(results.get('DB')).toHaveProperty('lease');
    expect(results.get('NONE')).toMatchObject({ secretName: 'NONE', sourceKind: 'vault' });
    expect(['SECRET_CONFIGURATION', 'SECRET_NOT_FOUND']).toContain((results.get('NONE') as { code?: string }).code);
  });

  test('given `revokeOld`, when a replaced lease is released, then it is revoked, and the one in its place is not; without the option there is no releasing', async () => {
    const source = make({ secrets: { DB: databaseCredentials('app') }, revokeOld: true });
    const first = (await versionOf(source, 'DB')).lease!;
    const second = (await versionOf(source, 'DB')).lease!;
    const isThere = async ({ id }: Lease) => (await leases()).some((name) => id!.endsWith(name));
    const extended = await source.renew(first, context());
    expect(await isThere(first)).toBe(true);
    await source.release!(extended, context());
    await until('the old lease has ended', async () => !(await isThere(first)));
    expect(await isThere(second)).toBe(true);
    await source.release!(extended, context()); // twice is once
    expect(make({ secrets: { DB: databaseCredentials('app') } }).release).toBeUndefined();
  });

  test('given a token that another took the place of, when a lease of the old one is to be extended, then new credentials are due, for it ends with its token', async () => {
    const policies = ['app'];
    const made: string[] = [];
    const source = make({
      secrets: { DB: databaseCredentials('app') },
      auth: async () => {
        const { auth } = await client.auth.token.create({ policies, ttl: '3s', explicitMaxTtl: '3s' });
        made.push(auth.client_token);
        return auth.client_token;
      },
    });
    const lease = (await versionOf(source, 'DB')).lease!;
    expect(await source.renew(lease, context())).toMatchObject({ id: lease.id });
    const again = (await versionOf(source, 'DB')).lease!;
    await until('another token', () => made.length > 1);
    await until('it is in use', () =>
      source.renew(again, context()).then(
        () => false,
        ({ code }: { code: string }) => code === 'SECRET_NOT_FOUND',
      ),
    );
    expect(await leases()).not.toEqual([]); // it lives, as its token does
  });

  test('given a static role, when read, then no lease, but the time of the next rotation; readings in between are not a rotation', async () => {
    await query(`CREATE ROLE "batch" WITH LOGIN PASSWORD 'canary-first'`);
    await client.write('database/static-roles/batch', { db_name: 'pg', username: 'batch', rotation_period: '1h' });
    const source = make({ secrets: { BATCH: staticDatabaseCredentials('batch') } });
    const before = await versionOf(source, 'BATCH');
    expect(await query('select current_user', before.value as unknown as Login)).toBe('batch');
    expect(before.lease).toBeUndefined();
    expect(before.expiresAt!.getTime() - Date.now()).toBeGreaterThan(3_500_000);
    expect((await versionOf(source, 'BATCH')).version).toBe(before.version);
    await client.write('database/rotate-role/batch');
    const after = await versionOf(source, 'BATCH');
    expect(after.version).not.toBe(before.version);
    expect(await query('select current_user', after.value as unknown as Login)).toBe('batch');
  });

  test('given a PKI role, when issued, then a certificate with its key, leased as long as it is valid', async () => {
    await client.sys.enableEngine('pki');
    await client.write('pki/root/generate/internal', { common_name: 'canary ca', ttl: '24h' });
    await client.write('pki/roles/web', { allow_any_name: true, max_ttl: '12h' });
    const source = make({ secrets: { TLS: pkiCertificate('web', { commonName: 'web.test', ttl: '1h' }) } });
    const { value, lease, version, expiresAt } = await versionOf(source, 'TLS');
    const { certificate } = value as unknown as { certificate: string };
    expect(new Date(new X509Certificate(certificate).validTo)).toEqual(expiresAt);
    expect(version).toBe((value as unknown as { serial_number: string }).serial_number);
    expect(lease!.renewable).toBe(false);
    expect(lease!.duration / 60_000).toBeCloseTo(60, 0);
    await source.revoke(lease!, context()); // nothing to revoke
  });

  // OpenBao has no engine for AWS.
  const withAws = product === 'vault' ? describeWith : () => undefined;
  withAws(['moto'], 'with moto as AWS', () => {
    let moto: MotoServer;

    beforeAll(async () => {
      moto = await startMoto();
      await client.sys.enableEngine('aws');
      await client.write('aws/config/root', {
        access_key: 'canary-id',
        secret_key: 'canary-key',
        region: 'us-east-1',
        iam_endpoint: moto.endpoint,
        sts_endpoint: moto.endpoint,
      });
      const allow = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      });
      await client.write('aws/roles/user', { credential_type: 'iam_user', policy_document: allow });
      await client.write('aws/roles/assumed', {
        credential_type: 'assumed_role',
        role_arns: ['arn:aws:iam::123456789012:role/app'],
      });
    }, 60_000);
    afterAll(() => moto?.stop());

    test('given engines without a type of their own, when read with their method and the fields that count down, then as any', async () => {
      const secrets = {
        STS: read('aws/sts/assumed', { method: 'POST', body: { ttl: '15m' } }),
        STATIC: read('aws/static-creds/app', { ignore: ['expiration'] }),
      };
      const source = make({ secrets });
      const sts = await versionOf(source, 'STS');
      expect(sts.value).toMatchObject({ access_key: expect.any(String), security_token: expect.any(String) });
      expect(sts.lease).toMatchObject({ renewable: false });
      await fetch(`${moto.endpoint}/?Action=CreateUser&UserName=app&Version=2010-05-08`, {
        method: 'POST',
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/iam/aws4_request' },
      });
      await client.write('aws/static-roles/app', { username: 'app', rotation_period: '24h' });
      const before = await versionOf(source, 'STATIC');
      expect(before.value).toMatchObject({ access_key: expect.any(String), secret_key: expect.any(String) });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect((await versionOf(source, 'STATIC')).version).toBe(before.version); // no rotation, though time has passed
    });

    test('given roles of both types, when opened, then an extendable lease and one that is not; in the shape of HCP where asked', async () => {
      const source = make({
        secrets: { USER: awsCredentials('user'), STS: awsCredentials('assumed', { shape: 'hcp', ttl: '15m' }) },
      });
      const user = await versionOf(source, 'USER');
      expect(user.value).toMatchObject({ access_key: expect.any(String), secret_key: expect.any(String) });
      expect(user.lease).toMatchObject({ renewable: true });
      const sts = await versionOf(source, 'STS');
      expect(sts.value).toEqual({
        values: {
          access_key_id: expect.any(String),
          secret_access_key: expect.any(String),
          session_token: expect.any(String),
        },
      });
      expect(sts.lease).toMatchObject({ renewable: false });
    });
  });
});

describe('pkiCertificate(): how long a certificate lives', () => {
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });

  /** A Vault whose clock is another one than ours, by so much (ms), and which issues certificates for an hour. */
  async function issuing(apart: number, tells = true) {
    const server = await startServer(({ url = '' }, response) => {
      response.sendDate = false;
      const now = Math.floor((Date.now() + apart) / 1000) * 1000;
      if (tells) response.setHeader('date', new Date(now).toUTCString());
      const data = url.includes('pki')
        ? { certificate: 'c', private_key: 'k', serial_number: '1', expiration: now / 1000 + 3600 }
        : {};
      response.end(JSON.stringify({ request_id: 'r', data }));
    });
    const TLS = pkiCertificate('web', { commonName: 'web.test' });
    const source = sourceOf({ address: server.url, auth: token('t'), secrets: { TLS } });
    return (await versionOf(source, 'TLS')).lease!.duration;
  }

  test.each([0, -7_200_000, 7_200_000])(
    'given a clock that is %i ms apart from Vault’s, when issued, then its life is what Vault gave it, and never longer',
    async (apart) => {
      const life = await issuing(apart);
      expect(life).toBeLessThanOrEqual(3_600_000);
      expect(life).toBeGreaterThan(3_590_000);
    },
  );

  test('given a Vault that does not tell its time, when issued, then our clock counts', async () => {
    const life = await issuing(-1_800_000, false);
    expect(Math.abs(life - 1_800_000)).toBeLessThan(10_000);
  });
});
