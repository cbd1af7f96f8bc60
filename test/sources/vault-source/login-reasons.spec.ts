import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecretError } from 'nestjs-hcp-vault';
import type { VaultAuthentication, VaultClient } from '../../../lib/sources/vault/index.js';
import { appRole, cert, jwt, kubernetes, token, userpass } from '../../../lib/sources/vault/index.js';
import { printed } from '../../../lib/testing/contract/checks.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultProduct, VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { jwtOf, jwtPublicKey } from '../vault/support/jwt.js';
import { setUpKubernetes } from '../vault/support/kubernetes.js';
import { setUpAppRole } from './support/database.js';
import { closeSources, context, outcomeOf, sourceOf } from './support/sources.js';

const now = Math.floor(Date.now() / 1000);
const PAST = { iat: now - 9_000, nbf: now - 9_000, exp: now - 4_000 };
const FUTURE = { nbf: now + 4_000, exp: now + 9_000 };

/** A service account of Kubernetes, as its token says it. */
const account = (namespace: string, name: string, more: object = {}): string =>
  jwtOf({
    iss: 'kubernetes/serviceaccount',
    aud: ['vault'],
    sub: `system:serviceaccount:${namespace}:${name}`,
    'kubernetes.io': { namespace, serviceaccount: { name, uid: 'u-1' } },
    ...more,
  });

const person = (more: object = {}): string => jwtOf({ iss: 'me', aud: 'vault', sub: 'web', team: 'canary-a', ...more });

function fileWith(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'vault-refused-')), 'token');
  writeFileSync(file, content);
  return file;
}

interface Roles {
  readonly roleId: string;
  readonly secretId: string;
  readonly restricted: { readonly roleId: string; readonly secretId: string };
  readonly wrappingToken: string;
}

/** Why a login is refused, by what the error has to say; `unreviewed` is what Kubernetes says no to. */
const refusals: [string, string, (roles: Roles) => VaultAuthentication][] = [
  ['a wrong secret-id', 'secret-id is unknown, used up or past its end', ({ roleId }) => appRole({ roleId, secretId: 'canary-wrong' })],
  ['a wrong role-id', 'role-id or the secret-id is unknown', ({ secretId }) => appRole({ roleId: 'canary-wrong', secretId })],
  ['no secret-id', 'the role wants a secret-id', ({ roleId }) => appRole({ roleId })],
  ['another address', "this machine's address is not allowed for the secret-id", ({ restricted }) => appRole(restricted)],
  ['a wrapping token that was used', 'the wrapping token is unknown, was used already', ({ roleId, wrappingToken }) => appRole({ roleId, secretId: wrappingToken, wrapped: true })],
  ['a wrong password', 'the name or the password is wrong', () => userpass({ username: 'app', password: 'canary-wrong' })],
  ['a wrong role of Kubernetes', 'there is no such role', () => kubernetes({ role: 'canary-role', tokenFile: fileWith(account('shop', 'web')) })],
  ['another service account', "the pod's service account is not allowed for the role", () => kubernetes({ role: 'web', tokenFile: fileWith(account('shop', 'canary-other')) })],
  ['another namespace', "the namespace of the pod's service account is not allowed", () => kubernetes({ role: 'web', tokenFile: fileWith(account('canary-other', 'web')) })],
  ["a pod's token past its end", 'the JWT is past its end', () => kubernetes({ role: 'web', tokenFile: fileWith(account('shop', 'web', PAST)) })],
  ["a pod's token for others", 'another audience', () => kubernetes({ role: 'web', tokenFile: fileWith(account('shop', 'web', { aud: ['canary'] })) })],
  ['what is not a token of a pod', 'Kubernetes may not know the token', () => kubernetes({ role: 'web', tokenFile: fileWith('canary.is.none') })],
  ['a wrong role of JWT', 'there is no such role', () => jwt({ role: 'canary-role', jwt: person() })],
  ['a JWT past its end', 'the JWT is past its end', () => jwt({ role: 'web', jwt: person(PAST) })],
  ['a JWT of tomorrow', 'the JWT is not valid yet', () => jwt({ role: 'web', jwt: person(FUTURE) })],
  ['a JWT of another team', 'a claim of the JWT is missing, or is not', () => jwt({ role: 'web', jwt: person({ team: 'canary-b' }) })],
  ['a JWT of another issuer', 'another issuer', () => jwt({ role: 'web', jwt: person({ iss: 'canary' }) })],
  ['a JWT that others signed', 'not signed by whom the mount trusts', () => jwt({ role: 'web', jwt: `${person().slice(0, -8)}AAAAAAAA` })],
  ['no certificate', 'Vault got no client certificate', () => cert()],
  ['a token that is none', 'the token is unknown, was revoked, or is past its end', () => token('canary-token')],
]; // prettier-ignore

async function setUp(root: VaultClient): Promise<Roles> {
  await root.sys.createOrUpdatePolicy('app', 'path "secret/data/mine" { capabilities = ["read"] }');
  const { roleId, secretId } = await setUpAppRole(root, { token_ttl: '1h' });
  await root.write('auth/approle/role/restricted', { token_policies: ['app'] });
  const { data } = await root.read<{ role_id: string }>('auth/approle/role/restricted/role-id');
  const made = await root.write<{ secret_id: string }>('auth/approle/role/restricted/secret-id', {
    cidr_list: '10.0.0.0/8',
  });
  const { wrapInfo } = await root.withWrapping('60s').auth.appRole.generateSecretId('app');
  await root.sys.wrapping.unwrap(wrapInfo.token);
  await root.sys.enableAuthMethod('userpass');
  await root.write('auth/userpass/users/app', { password: 'canary-password', token_policies: ['app'] });
  await setUpKubernetes(root, 'app');
  await root.sys.enableAuthMethod('jwt');
  await root.write('auth/jwt/config', { jwt_validation_pubkeys: jwtPublicKey, bound_issuer: 'me' });
  const bound = { bound_audiences: 'vault', bound_subject: 'web', bound_claims: { team: 'canary-a' } };
  await root.write('auth/jwt/role/web', { role_type: 'jwt', user_claim: 'sub', token_policies: 'app', ...bound });
  await root.sys.enableAuthMethod('cert');
  const restricted = { roleId: data.role_id, secretId: made.data.secret_id };
  return { roleId, secretId, restricted, wrappingToken: wrapInfo.token };
}

describeOnEachVault([], 'vault() against %s: what is refused', (product: VaultProduct) => {
  let server: VaultServer;
  let root: VaultClient;
  let roles: Roles;

  beforeAll(async () => {
    server = await startDevVault(product);
    root = clientTo(server);
    roles = await setUp(root);
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await stopServers();
    await server?.stop();
  });

  test.each(refusals)('given %s, when logged in, then the text says why, and quotes nothing', async (_, why, make) => {
    const auth = make(roles);
    const error = (await outcomeOf(sourceOf({ address: server.address, auth, kv: {} }), 'mine')) as SecretError;
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION', reason: expect.stringContaining(why) });
    expect(printed(error)).not.toMatch(/canary|eyJ/);
    expect(error.message.includes('wrapping')).toBe(why.includes('wrapping'));
  });

  test('given a token without rights, when read, listed and written, then the texts name path and capability as a policy has them', async () => {
    const source = sourceOf({
      address: server.address,
      auth: appRole({ roleId: roles.roleId, secretId: roles.secretId }),
      kv: { prefix: 'shop' },
    });
    const reasonOf = async (work: Promise<unknown>): Promise<string> =>
      ((await work.catch((error: unknown) => error)) as SecretError).reason;
    expect(await reasonOf(outcomeOf(source, 'JWT'))).toBe(
      'reading secret/shop/JWT was answered with HTTP 403: no policy of the token allows `read` on `secret/data/shop/JWT`.',
    );
    expect(await reasonOf(source.list('', context()))).toContain('allows `list` on `secret/metadata/shop`.');
    expect(await reasonOf(source.write('JWT', { a: 'canary' }, context()))).toContain(
      'allows `create` or `update` on `secret/data/shop/JWT`.',
    );
    expect(source.describe('JWT')).toEqual([
      { source: 'vault', name: 'secret/shop/JWT', at: server.address, asked: ['GET secret/data/shop/JWT'] },
    ]);
  });

  test('given a namespace, when a place is described, then it is named', () => {
    const source = sourceOf({
      address: server.address,
      namespace: '/shop/',
      auth: token('x'),
      kv: { document: 'app' },
    });
    expect(source.describe('JWT')).toEqual([
      {
        source: 'vault',
        name: 'secret/app, field "JWT"',
        at: `${server.address}, namespace "shop"`,
        asked: ['GET secret/data/app'],
      },
    ]);
  });
});

describe('vault() behind a gateway that answers in its place', () => {
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });

  const page = '<html><body>403 Forbidden, canary-page</body></html>';

  test.each([400, 401, 403, 404])(
    'given a page with HTTP %i, when logged in, then Vault is unavailable: that is not a verdict',
    async (status) => {
      const { url } = await startServer((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end(page);
      });
      const source = sourceOf({ address: url, auth: appRole({ roleId: 'r', secretId: 's' }), kv: {} });
      const error = (await outcomeOf(source, 'mine')) as SecretError;
      expect(error).toMatchObject({
        code: 'SECRET_SOURCE_UNAVAILABLE',
        reason: expect.stringContaining("none of Vault's or OpenBao's own"),
      });
      expect(printed(error)).not.toContain('canary');
    },
  );

  test.each([400, 401, 403, 404])(
    'given a page with HTTP %i, when read, listed or looked for, then it is not a verdict either, and nobody logs in again',
    async (status) => {
      let logins = 0;
      const { url } = await startServer(({ url: path = '' }, response) => {
        if (path.endsWith('/login')) {
          logins += 1;
          const auth = { client_token: 't', lease_duration: 3600, renewable: true, token_type: 'service' };
          return void response
            .setHeader('content-type', 'application/json')
            .end(JSON.stringify({ request_id: 'r', auth }));
        }
        // A gateway's own JSON is a page too.
        response.writeHead(status).end(path.includes('other') ? '{"message":"Forbidden"}' : page);
      });
      const source = sourceOf({ address: url, auth: appRole({ roleId: 'r', secretId: 's' }), kv: { prefix: 'p' } });
      const unavailable = { code: 'SECRET_SOURCE_UNAVAILABLE' };
      expect(await outcomeOf(source, 'mine')).toMatchObject(unavailable);
      expect(await outcomeOf(source, 'other')).toMatchObject(unavailable);
      await expect(source.list('', context())).rejects.toMatchObject(unavailable);
      await expect(source.exists('mine', context())).rejects.toMatchObject(unavailable);
      await expect(source.write('mine', { a: 1 }, context())).rejects.toMatchObject(unavailable);
      expect(logins).toBe(1);
    },
  );
});
