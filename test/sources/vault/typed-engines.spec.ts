import { createPublicKey, verify } from 'node:crypto';
import type { VaultClient, VaultError } from '../../../lib/sources/vault/index.js';
import {
  VaultForbiddenError,
  VaultInvalidPathError,
  VaultInvalidRequestError,
  VaultRateLimitError,
} from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';
import { sshPublicKey } from './support/ssh.js';
import { totpOf } from './support/totp.js';

describeOnEachVault([], 'VaultClient against %s: SSH, TOTP, identity tokens, quotas, metadata', (product) => {
  let server: VaultServer;
  let client: VaultClient;
  const stranger = () => clientTo({ address: server.address });

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server, { retry: false });
  }, 60_000);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  describe('ssh', () => {
    beforeAll(async () => {
      await client.sys.enableEngine('ssh');
      await client.write('ssh/config/ca', { generate_signing_key: true, key_type: 'ed25519' });
      await client.write('ssh/roles/people', {
        key_type: 'ca',
        allow_user_certificates: true,
        allow_user_key_ids: true,
        allowed_users: 'ubuntu,deploy',
        default_user: 'ubuntu',
        allowed_extensions: 'permit-pty',
        ttl: '30m',
      });
      await client.write('ssh/roles/once', { key_type: 'otp', default_user: 'ubuntu', cidr_list: '10.0.0.0/8' });
    });

    test('given a public key, when signed, then its certificate, as asked for', async () => {
      const key = sshPublicKey();
      const { data } = await client.ssh.sign('people', {
        publicKey: key.text,
        validPrincipals: 'deploy',
        keyId: 'build-7',
        ttl: '5m',
        extensions: { 'permit-pty': '' },
      });
      expect(data.serial_number).toMatch(/^[0-9a-f]+$/);
      const [type, blob] = data.signed_key.split(' ');
      expect(type).toBe('ssh-ed25519-cert-v01@openssh.com');
      const certificate = Buffer.from(blob!, 'base64');
      for (const part of [key.bytes, 'deploy', 'build-7', 'permit-pty']) expect(certificate.includes(part)).toBe(true);
      expect(certificate.includes('ubuntu')).toBe(false);
    });

    test('given what a role does not allow, when signed, then Vault says why', async () => {
      const publicKey = sshPublicKey().text;
      const host = await failureOf<VaultError>(client.ssh.sign('people', { publicKey, certType: 'host' }));
      expect(host.message).toContain("cert_type 'host' is not allowed by role");
      const other = client.ssh.sign('people', { publicKey, validPrincipals: 'canary-user' });
      expect(await failureOf<VaultError>(other)).toMatchObject({
        errors: ['… is not a valid value for valid_principals'],
      });
      expect(await failureOf(client.ssh.sign('none', { publicKey }))).toBeInstanceOf(VaultInvalidRequestError);
      await expect(client.ssh.sign('a/b', { publicKey })).rejects.toThrow('it is not sent');
    });

    test('given a role, when a key is issued, then private key and certificate; wrapped too', async () => {
      const { data } = await client.ssh.issue('people', { keyType: 'ed25519', ttl: '5m' });
      expect(data).toMatchObject({
        private_key: expect.stringContaining('OPENSSH PRIVATE KEY'),
        private_key_type: 'ed25519',
        signed_key: expect.stringContaining('ssh-ed25519-cert-v01@openssh.com'),
      });
      const wrapped = await client.withWrapping('60s').ssh.issue('people');
      expect(wrapped).toMatchObject({ data: null, wrapInfo: { creation_path: 'ssh/issue/people' } });
    });

    test('given a password for one use, when verified, then once, without a token', async () => {
      const { data, leaseId } = await client.ssh.generateCredentials('once', { ip: '10.1.2.3' });
      expect(data).toMatchObject({ key_type: 'otp', ip: '10.1.2.3', port: 22, username: 'ubuntu' });
      expect(leaseId).toMatch(/^ssh\/creds\/once\//);
      const verified = await stranger().ssh.verifyOtp(data.key);
      expect(verified.data).toMatchObject({ ip: '10.1.2.3', username: 'ubuntu', role_name: 'once' });
      const again = await failureOf<VaultError>(stranger().ssh.verifyOtp(data.key));
      expect(again).toMatchObject({ status: 400, errors: ['OTP not found'] });
      const refused = await failureOf<VaultError>(client.ssh.generateCredentials('once', { ip: '11.1.2.3' }));
      expect(refused.message).toContain('IP does not belong to role');
    });

    test('given a CA, when its public key is read, then as text, without a token; none is an error', async () => {
      expect(await stranger().ssh.readPublicKey()).toMatch(/^ssh-ed25519 \S+$/);
      const raw = await stranger().request('GET', 'ssh/public_key', { raw: true });
      expect(raw).toMatchObject({ status: 200, contentType: 'text/plain' });
      expect(raw.body.toString().trim()).toBe(await client.ssh.readPublicKey());
      await client.sys.enableEngine('ssh', { path: 'ssh-new' });
      const error = await failureOf(client.ssh.readPublicKey({ mount: 'ssh-new' }));
      expect(error).toBeInstanceOf(product === 'vault' ? VaultInvalidPathError : VaultInvalidRequestError);
    });
  });

  describe('totp', () => {
    beforeAll(() => client.sys.enableEngine('totp'));

    test('given a key that Vault makes, when codes are checked, then each is good once', async () => {
      const { data } = await client.totp.createKey('app', {
        generate: true,
        issuer: 'Shop',
        accountName: 'mary@shop.test',
        qrSize: 0,
      });
      const secret = new URL(data!.url).searchParams.get('secret')!;
      const code = totpOf(secret, Date.now());
      expect((await client.totp.validateCode('app', code)).data.valid).toBe(true);
      const again = await failureOf<VaultError>(client.totp.validateCode('app', code));
      expect(again.message).toContain('code already used; wait until the next time period');
      const wrong = code === '000000' ? '111111' : '000000';
      expect((await client.totp.validateCode('app', wrong)).data.valid).toBe(false);
      const withheld = await client.totp.createKey('held', {
        generate: true,
        exported: false,
        issuer: 'Shop',
        accountName: 'joe@shop.test',
      });
      expect(withheld.data).toBeNull();
    });

    test('given the key of another service, when a code is asked for, then that of now', async () => {
      const secret = 'Y64VEVMBTSXCYIWRSHRNDZW62MPGVU2G';
      await client.totp.createKey('other', { url: `otpauth://totp/Else:a@b.test?secret=${secret}&issuer=Else` });
      expect((await client.totp.readKey('other')).data).toMatchObject({
        account_name: 'a@b.test',
        issuer: 'Else',
        algorithm: 'SHA1',
        digits: 6,
        period: 30,
      });
      const before = totpOf(secret, Date.now());
      const { code } = (await client.totp.generateCode('other')).data;
      expect([before, totpOf(secret, Date.now())]).toContain(code);
      expect((await client.totp.listKeys()).data.keys).toContain('other');
      await client.totp.deleteKey('other');
      expect(await failureOf(client.totp.readKey('other'))).toBeInstanceOf(VaultInvalidPathError);
      const gone = await failureOf<VaultError>(client.totp.generateCode('other'));
      expect(gone).toMatchObject({ status: 400, errors: ['unknown key: other'] });
    });
  });

  describe('identity tokens', () => {
    let user: VaultClient;
    beforeAll(async () => {
      await client.sys.enableAuthMethod('userpass');
      await client.sys.createOrUpdatePolicy('tokens', 'path "identity/oidc/token/*" { capabilities = ["read"] }');
      await client.write('auth/userpass/users/mary', { password: 'canary-password', token_policies: 'tokens' });
      user = stranger();
      await user.auth.userpass.login({ username: 'mary', password: 'canary-password' });
      await client.identity.createOrUpdateKey('main', { algorithm: 'ES256', allowedClientIds: ['*'] });
      await client.identity.createOrUpdateRole('app', { key: 'main', clientId: 'shop', ttl: '5m' });
    });

    test('given a role, when a token is asked for, then a JWT that the public keys verify, and Vault takes', async () => {
      const { data } = await user.identity.generateToken('app');
      expect(data).toMatchObject({ client_id: 'shop', ttl: 300 });
      const [header, claims, signature] = data.token.split('.') as [string, string, string];
      const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
      expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ aud: 'shop' });
      const { keys } = (await stranger().identity.readPublicKeys()).data;
      const key = createPublicKey({ key: keys.find((one) => one['kid'] === kid)!, format: 'jwk' });
      const signed = Buffer.from(`${header}.${claims}`);
      const check = { key, dsaEncoding: 'ieee-p1363' } as const;
      expect(verify('sha256', signed, check, Buffer.from(signature, 'base64url'))).toBe(true);

      expect((await client.identity.introspectToken(data.token)).data).toEqual({ active: true });
      const other = (await client.identity.introspectToken(data.token, { clientId: 'other' })).data;
      expect(other).toMatchObject({ active: false, error: expect.any(String) });
    });

    test('given keys and roles, when read, listed, rotated and deleted, then as asked for', async () => {
      const { identity } = client;
      expect((await identity.readKey('main')).data).toMatchObject({ algorithm: 'ES256', allowed_client_ids: ['*'] });
      expect((await identity.readRole('app')).data).toMatchObject({ key: 'main', client_id: 'shop', ttl: 300 });
      expect((await identity.listKeys()).data.keys).toContain('main');
      expect((await identity.listRoles()).data.keys).toEqual(['app']);
      const before = (await identity.readPublicKeys()).data.keys.length;
      await identity.rotateKey('main', { verificationTtl: '10m' });
      expect((await identity.readPublicKeys()).data.keys.length).toBe(before + 1);
      const used = await failureOf<VaultError>(identity.deleteKey('main'));
      expect(used.message).toContain('unable to delete key "main" because it is currently referenced by these roles');
      await identity.createOrUpdateKey('spare');
      await identity.deleteKey('spare');
      expect(await failureOf(identity.readKey('spare'))).toBeInstanceOf(VaultInvalidPathError);
      await identity.createOrUpdateRole('brief', { key: 'main' });
      await identity.deleteRole('brief');
      expect(await failureOf(identity.readRole('brief'))).toBeInstanceOf(VaultInvalidPathError);
    });

    test('given an issuer, when configured, then discovery tells it', async () => {
      await client.identity.configure({ issuer: 'https://vault.test' });
      expect((await client.identity.readConfiguration()).data).toMatchObject({ issuer: 'https://vault.test' });
      expect((await stranger().identity.readDiscovery()).data).toMatchObject({
        issuer: 'https://vault.test/v1/identity/oidc',
      });
      await client.identity.configure({ issuer: '' });
    });

    test('given a token without an entity, or without the right, when it asks, then it is told why', async () => {
      const root = await failureOf<VaultError>(client.identity.generateToken('app'));
      expect(root).toMatchObject({ status: 400, errors: ["no entity associated with the request's token"] });
      const unknown = await failureOf<VaultError>(user.identity.generateToken('none'));
      expect(unknown).toMatchObject({ status: 400, errors: ['role "none" not found'] });
      expect(await failureOf(user.identity.readKey('main'))).toBeInstanceOf(VaultForbiddenError);
    });
  });

  test('given a quota, when made, read, listed and deleted, then so it is; what is beyond it is refused', async () => {
    const { quotas } = client.sys;
    await client.kv.v2.createOrUpdate('app', { a: 1 });
    await quotas.configure({ enableRateLimitResponseHeaders: true });
    expect((await quotas.readConfiguration()).data).toMatchObject({ enable_rate_limit_response_headers: true });
    await quotas.createOrUpdate('kv', { path: 'secret', rate: 2, interval: '60s' });
    expect((await quotas.read('kv')).data).toMatchObject({ path: 'secret/', rate: 2, interval: 60, block_interval: 0 });
    expect((await quotas.list()).data.keys).toEqual(['kv']);
    const same = await failureOf<VaultError>(quotas.createOrUpdate('same', { path: 'secret', rate: 1 }));
    expect(same).toMatchObject({ status: 400, errors: ['quota rule with similar properties exists under the name …'] });
    const reads = await Promise.allSettled([1, 2, 3, 4].map(() => client.kv.v2.read('app')));
    const refused = reads.flatMap((read) => (read.status === 'rejected' ? [read.reason as unknown] : []));
    expect(refused).toHaveLength(2);
    for (const error of refused) expect(error).toBeInstanceOf(VaultRateLimitError);
    await quotas.delete('kv');
    expect((await client.kv.v2.read('app')).data.data).toEqual({ a: 1 });
    expect(await failureOf(quotas.read('kv'))).toBeInstanceOf(VaultInvalidPathError);
  });

  test('given custom metadata, when patched, then keys are set and removed, and the others stay', async () => {
    const { v2 } = client.kv;
    await v2.createOrUpdate('owned', { a: 1 });
    await v2.updateMetadata('owned', { customMetadata: { owner: 'a', team: 'b' }, maxVersions: 3 });
    await v2.patchMetadata('owned', { customMetadata: { owner: null, since: '2026' } });
    expect((await v2.readMetadata('owned')).data).toMatchObject({
      custom_metadata: { team: 'b', since: '2026' },
      max_versions: 3,
    });
    await v2.patchMetadata('owned', { casRequired: true });
    expect((await v2.readMetadata('owned')).data).toMatchObject({ cas_required: true, max_versions: 3 });
    expect((await v2.readMetadata('owned')).data.custom_metadata).not.toHaveProperty('owner');
    const none = await failureOf(v2.patchMetadata('none', { customMetadata: { a: '1' } }));
    expect(none).toBeInstanceOf(VaultInvalidPathError);
    expect(none.message).not.toContain('none of Vault');
  });

  test('given a mount of KV v2, when configured, then what is left out stays', async () => {
    const { v2 } = client.kv;
    await v2.configure({ maxVersions: 7 });
    await v2.configure({ deleteVersionAfter: '72h' });
    expect((await v2.readConfiguration()).data).toMatchObject({ max_versions: 7, delete_version_after: '72h0m0s' });
    await v2.configure({ maxVersions: 0, deleteVersionAfter: '0s' });
  });

  test('given metrics, when requested raw, then as Prometheus has them', async () => {
    const metrics = await client.request('GET', 'sys/metrics', { query: { format: 'prometheus' }, raw: true });
    expect(metrics.contentType).toContain('text/plain');
    expect(metrics.body.toString()).toContain('# TYPE go_goroutines gauge'); // Vault's own come every ten seconds
  });

  if (product === 'vault') {
    test('given HashiCorp Vault without a licence, when asked for namespaces, then it says so', async () => {
      const error = await failureOf<VaultError>(client.sys.namespaces.list());
      expect(error).toMatchObject({ status: 404, errors: ['enterprise-only feature'] });
    });
  }
});
