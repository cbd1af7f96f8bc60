import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VaultAuthentication, VaultClient } from '../../../lib/sources/vault/index.js';
import { azure, gcp, github, ldap, okta } from '../../../lib/sources/vault/index.js';
import { printed } from '../../../lib/testing/contract/checks.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { startServer, stopServers } from '../support/server.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { jwtOf, jwtPublicKey } from '../vault/support/jwt.js';
import { closeSources, outcomeOf, sourceOf, valueOf } from './support/sources.js';

const PASSWORD = 'canary-directory-password';

describeOnEachVault([], 'vault() against %s: logins with what others know', (product) => {
  let server: VaultServer;
  let root: VaultClient;
  const make = (auth: VaultAuthentication) => sourceOf({ address: server.address, kv: { prefix: 'app' }, auth });
  const file = (content: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'vault-credential-')), 'credential');
    writeFileSync(path, content);
    return path;
  };

  beforeAll(async () => {
    server = await startDevVault(product);
    root = clientTo(server);
    await root.kv.v2.createOrUpdate('app/db', { password: 'canary-value' });
    await root.sys.createOrUpdatePolicy('app', 'path "secret/*" { capabilities = ["read"] }');
    // Methods whose logins have the shape of these, in their places: nobody here has a directory, nor an account at Okta or Google.
    for (const path of ['ldap', 'okta']) {
      await root.sys.enableAuthMethod('userpass', { path });
      await root.write(`auth/${path}/users/mary`, { password: PASSWORD, token_policies: 'app' });
    }
    await root.sys.enableAuthMethod('jwt', { path: 'gcp' });
    await root.write('auth/gcp/config', { jwt_validation_pubkeys: [jwtPublicKey] });
    await root.write('auth/gcp/role/web', {
      role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault/web'], token_policies: 'app',
    }); // prettier-ignore
  }, 60_000);
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test.each([
    ['ldap', ldap],
    ['okta', okta],
  ])(
    'given %s, when the password in a file is replaced, then the next login reads it again; a wrong one is refused by name, and shows nothing',
    async (method, login) => {
      const password = file(`${PASSWORD}\n`);
      const auth = login({ username: 'mary', password: { file: password } });
      const source = make(auth);
      expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
      await source.close();
      writeFileSync(password, 'canary-wrong-password');
      const error = (await outcomeOf(source, 'db')) as Error & { code: string };
      expect(error.code).toBe('SECRET_AUTHENTICATION');
      expect(error.message.toLowerCase()).toContain(`the login at vault (${method})`);
      await root.write(`auth/${method}/users/mary`, { password: 'canary-wrong-password', token_policies: 'app' });
      await new Promise((resolve) => setTimeout(resolve, 1_100)); // refused credentials are not tried again at once
      expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
      for (const thing of [auth, source, error]) expect(printed(thing)).not.toContain('canary');
    },
  );

  test('given gcp, when logged in with what a function gives, then it is asked anew each time, and not shown', async () => {
    let asked = 0;
    const jwt = () => Promise.resolve(jwtOf({ sub: 'instance-1', aud: 'vault/web', jti: String(++asked) }));
    const auth = gcp({ role: 'web', jwt });
    const source = make(auth);
    expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
    await source.close();
    expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
    expect(asked).toBe(2);
    const wrong = gcp({ role: 'web', jwt: jwtOf({ sub: 'canary-instance', aud: 'elsewhere' }) });
    const error = (await outcomeOf(make(wrong), 'db')) as Error & { code: string };
    expect(error.code).toBe('SECRET_AUTHENTICATION');
    for (const thing of [auth, wrong, source, error]) expect(printed(thing)).not.toMatch(/eyJ|canary/);
  });

  // OpenBao has no GitHub.
  (product === 'vault' ? test : test.skip)(
    'given github, when logged in, then Vault asks GitHub with the token; one that GitHub does not know is refused, and not shown',
    async () => {
      const api = await startServer(({ url = '', headers }, response) => {
        response.setHeader('content-type', 'application/json');
        if (!headers.authorization?.includes('canary-github-token')) response.statusCode = 401;
        const organization = { login: 'acme', id: 7 };
        const answers: Record<string, unknown> = {
          '/user': { login: 'mary', id: 1 },
          '/user/orgs': [organization],
          '/user/teams': [{ name: 'shop', slug: 'shop', organization }],
        };
        response.end(JSON.stringify(answers[url.split('?')[0]!] ?? {}));
      });
      await root.sys.enableAuthMethod('github');
      await root.write('auth/github/config', { organization: 'acme', organization_id: 7, base_url: `${api.url}/` });
      await root.write('auth/github/map/teams/shop', { value: 'app' });
      const auth = github({ token: { file: file('canary-github-token\n') } });
      const source = make(auth);
      expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
      const wrong = (await outcomeOf(make(github({ token: 'canary-unknown' })), 'db')) as Error;
      expect(wrong).toMatchObject({ code: expect.stringMatching(/^SECRET_/) as unknown });
      for (const thing of [auth, source, wrong]) expect(printed(thing)).not.toContain('canary');
    },
  );

  test('given azure, when logged in, then Vault gets the token and where it comes from, and nothing of it is shown', async () => {
    const front = await startServer((_, response) => {
      const auth = {
        client_token: 'canary-token',
        lease_duration: 60,
        renewable: false,
        token_type: 'batch',
        policies: [],
      };
      response.end(JSON.stringify({ request_id: 'r', auth }));
    });
    const auth = azure({ role: 'web', jwt: { file: file('canary-jwt') }, vmName: 'vm-1', mount: '/az/' });
    const source = sourceOf({ address: front.url, kv: { prefix: 'app' }, auth });
    await outcomeOf(source, 'db');
    const [login] = front.requests;
    expect(login?.path).toBe('/v1/auth/az/login');
    expect(JSON.parse(login!.body)).toEqual({ role: 'web', jwt: 'canary-jwt', vm_name: 'vm-1' });
    for (const thing of [auth, source]) expect(printed(thing)).not.toContain('canary');
  });
});
