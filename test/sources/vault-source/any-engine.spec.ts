import { generateKeyPairSync } from 'node:crypto';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { kv, read, token, userpass, VaultSecret } from '../../../lib/sources/vault/index.js';
import { printed } from '../../../lib/testing/contract/checks.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { closeSources, outcomeOf, sourceOf, valueOf, versionOf } from './support/sources.js';

/** As `ssh-keygen` writes it. */
function sshKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(raw)]).toString('base64')}`;
}

describeOnEachVault([], 'vault() against %s: any engine', (product) => {
  let server: VaultServer;
  let client: VaultClient;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await client.sys.enableAuthMethod('userpass');
    await client.sys.createOrUpdatePolicy('identity', 'path "identity/oidc/token/*" { capabilities = ["read"] }');
    await client.write('auth/userpass/users/app', { password: 'canary-password', token_policies: ['identity'] });
    await client.write('identity/oidc/key/k', { allowed_client_ids: '*' });
    await client.write('identity/oidc/role/app', { key: 'k', ttl: '3s' });
    await client.sys.enableEngine('ssh');
    await client.write('ssh/config/ca', { generate_signing_key: true });
    await client.write('ssh/roles/app', {
      key_type: 'ca',
      allow_user_certificates: true,
      allowed_users: '*',
      ttl: '30m',
      algorithm_signer: 'default',
    });
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given an identity token of three seconds, when read with its lifetime, then it is replaced within that, and never served after it', async () => {
    const source = sourceOf({
      address: server.address,
      auth: userpass({ username: 'app', password: 'canary-password' }),
      secrets: {
        ID: read('identity/oidc/token/app', {
          lifetime: ({ ttl }) => `${Number(ttl)}s`,
          ignore: ['ttl'],
          map: ({ token: jwt }) => jwt,
        }),
      },
    });
    const { value, lease } = await versionOf(source, 'ID');
    expect(value).toMatch(/^eyJ/);
    expect(lease).toMatchObject({ duration: 3_000, renewable: false });
  });

  test('given an engine that is written to, when read, then its body is sent, and the answer lives as told', async () => {
    const secret = read('ssh/sign/app', {
      method: 'POST',
      body: { public_key: sshKey(), valid_principals: 'app' },
      lifetime: () => new Date(Date.now() + 1_800_000),
    });
    const source = sourceOf({ address: server.address, auth: token(server.token), secrets: { SSH: secret } });
    const { value, lease } = await versionOf(source, 'SSH');
    expect(value).toMatchObject({ signed_key: expect.stringMatching(/^ssh-ed25519-cert/) as unknown });
    expect(lease!.duration).toBeGreaterThan(1_790_000);
    expect(lease!.id).toBeUndefined();
    expect(printed([secret, source])).not.toContain('ssh-ed25519');
  });

  test('given an engine of one’s own, when it says when it is read again, then so', async () => {
    const secret = VaultSecret.of({
      verb: 'reading',
      place: 'secret/app/own',
      reading: 'stays',
      open: async (calls, { now }) => {
        const { data, metadata } = (await calls.kv.v2.read('app/own')).data;
        return { data, version: String(metadata.version), expiresAt: new Date(now + 60_000) };
      },
    });
    await client.kv.v2.createOrUpdate('app/own', { a: 1 });
    const source = sourceOf({
      address: server.address,
      auth: token(server.token),
      secrets: { OWN: secret, KV: kv('app/own') },
    });
    expect(await versionOf(source, 'OWN')).toMatchObject({ value: { a: 1 }, version: '1', lease: undefined });
    expect([...((await source.readAll?.({ signal: AbortSignal.timeout(5_000) })) ?? [])]).toEqual([]);
  });
});

describe('read(): what it sends, and what it makes of the answer', () => {
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });

  /** An engine whose `ttl` counts down. */
  const engine = (envelope: object = {}) => {
    let ttl = 60;
    return startServer(({ url = '' }, response) => {
      const isLookup = url.endsWith('lookup-self');
      const data = isLookup ? { ttl: 3600, renewable: false } : { username: 'canary-user', ttl: (ttl -= 10) };
      response.end(JSON.stringify({ request_id: 'r', data, ...(!isLookup && envelope) }));
    });
  };
  const from = async (options: Parameters<typeof read>[1], envelope?: object) => {
    const server = await engine(envelope);
    const source = sourceOf({ address: server.url, auth: token('t'), secrets: { X: read('x/creds/app', options) } });
    return { server, source };
  };

  test('given fields that count down, when they are ignored, then two readings are the same version', async () => {
    const { source } = await from({ ignore: ['ttl'] });
    const [first, second] = [await versionOf(source, 'X'), await versionOf(source, 'X')];
    expect(first.value).toEqual({ username: 'canary-user' });
    expect(second.version).toBe(first.version);
    const { source: other } = await from({});
    expect((await versionOf(other, 'X')).version).not.toBe((await versionOf(other, 'X')).version);
  });

  test('given method, query and body, when read, then they are sent, once', async () => {
    const { source, server } = await from({
      method: 'PUT',
      query: { ttl: '1h', all: true },
      body: { kubernetes_namespace: 'shop' },
    });
    await valueOf(source, 'X');
    const [sent] = server.requests.filter(({ path }) => path.includes('creds'));
    expect(sent).toMatchObject({
      method: 'PUT',
      path: '/v1/x/creds/app?ttl=1h&all=true',
      body: '{"kubernetes_namespace":"shop"}',
    });
  });

  test('given Vault’s lease and a lifetime, when read, then the shorter one counts; what is over already is asked for a minute later', async () => {
    const leased = { lease_id: 'x/creds/app/1', lease_duration: 30, renewable: true };
    const leaseOf = async (options: Parameters<typeof read>[1]) =>
      (await versionOf((await from(options, leased)).source, 'X')).lease;
    expect(await leaseOf({})).toMatchObject({ id: leased.lease_id, duration: 30_000, renewable: true });
    expect(await leaseOf({ lifetime: () => '1h' })).toMatchObject({ duration: 30_000, renewable: true });
    expect(await leaseOf({ lifetime: ({ ttl }) => Number(ttl) * 100 })).toMatchObject({
      id: leased.lease_id,
      duration: 5_000,
      renewable: false,
    });
    const { source } = await from({ lifetime: () => new Date(0) });
    expect((await versionOf(source, 'X')).lease).toMatchObject({ duration: 60_000 });
  });

  test.each([
    ['throws', () => { throw new Error('canary'); }],
    ['gives no time', () => 'canary'],
    ['gives no number', () => Number.NaN],
  ])('given a lifetime that %s, when read, then that is this secret’s error, and shows nothing', async (_, lifetime) => {
    const { source } = await from({ lifetime });
    const error = await outcomeOf(source, 'X');
    expect(error).toMatchObject({ code: 'SECRET_VALIDATION', secretName: 'X' });
    expect(printed(error)).not.toContain('canary');
  }); // prettier-ignore

  test('given a body without a method that takes one, when made, then that is told', () => {
    expect(() => read('a', { body: {} })).toThrow('a body needs the method POST or PUT, and not GET');
    expect(() => read('a', { method: 'DELETE' as never })).toThrow('method');
  });
});
