import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule } from 'nestjs-hcp-vault';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import {
  appRole,
  databaseCredentials,
  jwt,
  kubernetes,
  kv,
  read,
  token,
  userpass,
} from '../../../lib/sources/vault/index.js';
import { printed } from '../../../lib/testing/contract/checks.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { CapturedLogger } from '../../support/captured-logger.js';
import { clientTo, closeClients, failureOf } from '../vault/support/clients.js';
import { until } from './support/app.js';
import { setUpAppRole } from './support/database.js';
import { closeSources, context, outcomeOf, sourceOf, valueOf } from './support/sources.js';

describeOnEachVault([], 'vault() against %s: logins', (product) => {
  let server: VaultServer;
  let client: VaultClient;
  let roleId: string;
  let secretId: string;
  const make = (options: Pick<Parameters<typeof sourceOf>[0], 'auth'> & Partial<Parameters<typeof sourceOf>[0]>) =>
    sourceOf({ address: server.address, kv: { prefix: 'app' }, ...options });
  const accessors = async () => (await client.list('auth/token/accessors')).data.keys;
  /** Accessors of the tokens that were made meanwhile and live. */
  async function tokensOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = new Set(await accessors());
    await work();
    return (await accessors()).filter((one) => !before.has(one));
  }
  const isGood = (it: string) => clientTo({ address: server.address, token: it }).isAuthenticated();
  const revoke = (accessor: string | undefined) => client.write('auth/token/revoke-accessor', { accessor });

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await client.kv.v2.createOrUpdate('app/db', { password: 'canary-value' });
    await client.sys.createOrUpdatePolicy('app', 'path "secret/*" { capabilities = ["read", "list"] }');
    ({ roleId, secretId } = await setUpAppRole(client, { token_ttl: '1h' }));
    await client.sys.enableAuthMethod('userpass');
    await client.write('auth/userpass/users/app', { password: 'canary-password', token_policies: ['app'] });
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given many readers at once, when none has a token yet, then there is one login; closing revokes it, and use opens anew', async () => {
    const source = make({ auth: appRole({ roleId, secretId }) });
    const made = await tokensOf(() => Promise.all(Array.from({ length: 20 }, () => valueOf(source, 'db'))));
    expect(made).toHaveLength(1);
    await source.close();
    expect(await accessors()).not.toContain(made[0]);
    expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
  });

  test('given `revokeOnClose: false`, when closed, then the token lives on', async () => {
    const source = make({ auth: appRole({ roleId, secretId }), revokeOnClose: false });
    const made = await tokensOf(() => valueOf(source, 'db'));
    await source.close();
    expect(await accessors()).toContain(made[0]);
    await revoke(made[0]);
  });

  test('given a token of the user’s, when closed, then it is not revoked', async () => {
    const { auth } = await client.auth.token.create({ policies: ['app'], ttl: '1h' });
    const source = make({ auth: token(auth.client_token) });
    await valueOf(source, 'db');
    await source.close();
    expect(await isGood(auth.client_token)).toBe(true);
  });

  test('given a wrapped secret-id, when logged in, then it is unwrapped once, and kept for the next login', async () => {
    const { wrapInfo } = await client.withWrapping('60s').auth.appRole.generateSecretId('app');
    const file = join(mkdtempSync(join(tmpdir(), 'vault-wrapped-')), 'token');
    writeFileSync(file, `${wrapInfo.token}\n`);
    const source = make({ auth: appRole({ roleId, secretId: { file }, wrapped: { role: 'app' } }) });
    const [made] = await tokensOf(() => valueOf(source, 'db'));
    await revoke(made);
    const [again] = await tokensOf(() => valueOf(source, 'db'));
    expect(again).toBeDefined();
    writeFileSync(file, ''); // taken away
    await revoke(again);
    expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
  });

  test('given a wrapping token that something else made, or that is used, when logged in, then it is refused', async () => {
    const { wrapInfo } = await client.withWrapping('60s').auth.token.create({ policies: ['app'] });
    const source = make({ auth: appRole({ roleId, secretId: wrapInfo.token, wrapped: true }) });
    const error = (await outcomeOf(source, 'db')) as Error;
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(printed(error)).not.toContain(wrapInfo.token);
    expect(error.message).toContain('somebody may have exchanged it on the way');
  });

  test('given a wrapping token that was forged or used, when logged in, then that is an alarm of its own, once in the log', async () => {
    const forged = (await client.withWrapping('60s').auth.token.create({ policies: ['app'] })).wrapInfo.token;
    const used = (await client.withWrapping('60s').auth.appRole.generateSecretId('app')).wrapInfo.token;
    await client.sys.wrapping.unwrap(used);
    for (const secretId of [forged, used]) {
      const source = make({ auth: appRole({ roleId, secretId, wrapped: true }) });
      const events: string[] = [];
      source.observe(({ type, error }) => void events.push(`${type} ${error?.code}`));
      await outcomeOf(source, 'db');
      expect(events).toEqual(['wrapping-token-refused SECRET_AUTHENTICATION', 'login-failed SECRET_AUTHENTICATION']);
      const logger = new CapturedLogger();
      const app = Test.createTestingModule({
        imports: [
          HcpVaultModule.forRoot({
            source: make({ auth: appRole({ roleId, secretId, wrapped: true }) }),
            required: ['db'],
            bootstrapTimeout: '1s',
          }),
        ],
      }).setLogger(logger);
      const failed = await failureOf((async () => (await app.compile()).init())());
      expect(failed).toMatchObject({ code: 'SECRET_BOOTSTRAP' });
      expect(logger.at('error').filter((line) => line.includes('wrapping token'))).toHaveLength(1);
      expect(printed([logger.lines, failed])).not.toContain(secretId);
    }
    const wrong = make({ auth: appRole({ roleId, secretId: 'canary-wrong' }) });
    const events: string[] = [];
    wrong.observe(({ type }) => void events.push(type));
    await outcomeOf(wrong, 'db');
    expect(events).toEqual(['login-failed']);
  });

  test('given a credential whose file is written while the app starts, when it starts, then it waits for it', async () => {
    const { wrapInfo } = await client.withWrapping('60s').auth.appRole.generateSecretId('app');
    const file = join(mkdtempSync(join(tmpdir(), 'vault-late-')), 'wrapped');
    const source = make({ auth: appRole({ roleId, secretId: { file }, wrapped: true }) });
    const starting = Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, required: ['db'], retry: { base: '50ms', max: '100ms' } })],
    })
      .setLogger(new CapturedLogger())
      .compile();
    await new Promise((resolve) => setTimeout(resolve, 150));
    writeFileSync(file, ''); // made, and not written yet
    await new Promise((resolve) => setTimeout(resolve, 150));
    writeFileSync(file, wrapInfo.token);
    const app = await (await starting).init();
    expect(app.get(HcpVaultClient).get('db')).toEqual({ password: 'canary-value' });
    await app.close();
  });

  test('given a token that was revoked, when read, then there is another login, and the reading succeeds', async () => {
    const source = make({ auth: userpass({ username: 'app', password: () => Promise.resolve('canary-password') }) });
    const [made] = await tokensOf(() => valueOf(source, 'db'));
    await revoke(made);
    expect(await valueOf(source, 'db')).toEqual({ password: 'canary-value' });
  });

  test('given batch tokens, which can be neither extended nor revoked, when used, then another is logged in for ahead of the end, and closing leaves it to that', async () => {
    await client.write('auth/approle/role/batch', { token_policies: ['app'], token_type: 'batch', token_ttl: '3s' });
    const { data } = await client.read<{ role_id: string }>('auth/approle/role/batch/role-id');
    const made = (await client.auth.appRole.generateSecretId('batch')).data;
    const source = make({ auth: appRole({ roleId: data.role_id, secretId: made.secret_id }) });
    const events: string[] = [];
    source.observe(({ type }) => events.push(type));
    await valueOf(source, 'db');
    await until('another login', () => events.length > 1);
    await valueOf(source, 'db');
    await source.close();
    expect(new Set(events)).toEqual(new Set(['logged-in']));
  });

  test('given a token in a file, when another is written there, then it is taken when the old one is refused', async () => {
    const [one, two] = await Promise.all([
      client.auth.token.create({ policies: ['app'] }),
      client.auth.token.create({ policies: ['app'] }),
    ]);
    const file = join(mkdtempSync(join(tmpdir(), 'vault-token-')), 'token');
    writeFileSync(file, one.auth.client_token);
    const source = make({ auth: token({ file }) });
    await valueOf(source, 'db');
    await revoke(one.auth.accessor);
    expect(await outcomeOf(source, 'db')).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    writeFileSync(file, two.auth.client_token);
    await until('the other token is used', async () => !(await isFailure(outcomeOf(source, 'db'))));
  });

  test.each([
    ['AppRole', (file: string) => appRole({ roleId: 'r', secretId: { file } })],
    ['a token', (file: string) => token({ file })],
    ['userpass', (file: string) => userpass({ username: 'app', password: { file } })],
    ['a JWT', (file: string) => jwt({ role: 'ci', jwt: { file } })],
    ['Kubernetes', (file: string) => kubernetes({ role: 'web', tokenFile: file })],
  ])(
    'given %s whose file is not there, when read, then the error names the file, and promises nothing',
    async (_, auth) => {
      const file = join(mkdtempSync(join(tmpdir(), 'vault-none-')), 'nope');
      const { message } = (await outcomeOf(make({ auth: auth(file) }), 'db')) as Error;
      expect(message).toContain(`can't be read: "${file}" does not exist (ENOENT). Check the path`);
      expect(message).toContain('that its mount is there.');
      expect(message).not.toMatch(/again/);
    },
  );

  test('given a credential that is empty, or that its function does not give, when read, then the error says which, and not what the function said', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'vault-empty-')), 'token');
    writeFileSync(file, '\n');
    const failing = () => Promise.reject(new RangeError('canary-value'));
    const texts = await Promise.all(
      [token({ file }), token(''), token(failing)].map(async (auth) => String(await outcomeOf(make({ auth }), 'db'))),
    );
    expect(texts[0]).toMatch(`is empty: there is nothing in "${file}".`);
    expect(texts[1]).toMatch(/`token` for the login at Vault is empty\. Give it, or the variable/);
    expect(texts[2]).toMatch(/is not given by its function: RangeError\. Correct the function/);
    expect(texts.join()).not.toMatch(/canary|again/);
  });

  test('given https where Vault speaks plain http, or a port where nothing listens, when read, then there is one advice, and it is true', async () => {
    const auth = () => appRole({ roleId, secretId });
    const wrong = make({ auth: auth(), address: server.address.replace('http:', 'https:') });
    expect(String(await outcomeOf(wrong, 'db'))).toMatch(
      /\(ERR_SSL_\w+\)\. What listens there speaks no TLS\. Check the scheme and the port\.$/,
    );
    const away = String(await outcomeOf(make({ auth: auth(), address: 'http://127.0.0.1:9' }), 'db'));
    expect(away).toMatch(/\(ECONNREFUSED\)\. Check the address, the network, and HTTPS_PROXY and NO_PROXY\.$/);
    expect(away.match(/Check/g)).toHaveLength(1);
  });

  test('given tokens that may not look themselves up, when one is denied and then revoked, then the next one is taken all the same', async () => {
    const limited = () => client.auth.token.create({ policies: ['app'], noDefaultPolicy: true });
    const [one, two] = await Promise.all([limited(), limited()]);
    const file = join(mkdtempSync(join(tmpdir(), 'vault-token-')), 'token');
    writeFileSync(file, one.auth.client_token);
    const source = make({ auth: token({ file }), secrets: { NONE: read('sys/policies/acl/app'), DB: kv('app/db') } });
    expect(await outcomeOf(source, 'NONE')).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    expect(await valueOf(source, 'DB')).toMatchObject({ password: 'canary-value' });
    writeFileSync(file, two.auth.client_token);
    await revoke(one.auth.accessor);
    expect(await valueOf(source, 'DB')).toMatchObject({ password: 'canary-value' });
    await revoke(two.auth.accessor);
    expect(await outcomeOf(source, 'DB')).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
  });

  test('given a path that no policy allows, when read, then denied, without another login', async () => {
    const source = make({ auth: appRole({ roleId, secretId }), kv: { mount: 'sys', version: 1 } });
    const made = await tokensOf(async () => {
      expect(await outcomeOf(source, 'policies/acl/app')).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
      expect(await outcomeOf(source, 'policies/acl/app')).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    });
    expect(made).toHaveLength(1);
  });

  test('given logins of one’s own, when used, then a token of a login is revoked at the end, and one given as text is not', async () => {
    const own = make({ auth: (vault) => vault.auth.userpass.login({ username: 'app', password: 'canary-password' }) });
    const [made] = await tokensOf(() => valueOf(own, 'db'));
    await own.close();
    expect(await accessors()).not.toContain(made);
    const { auth } = await client.auth.token.create({ policies: ['app'] });
    const given = make({ auth: () => Promise.resolve(auth.client_token) });
    await valueOf(given, 'db');
    await given.close();
    expect(await isGood(auth.client_token)).toBe(true);
  });

  test('given wrong credentials, when read often, then Vault is asked once a second, and nothing of them is printed', async () => {
    const wrong = 'canary-wrong-password';
    const auth = userpass({ username: 'app', password: wrong });
    const source = make({ auth });
    const errors = [];
    for (let times = 0; times < 20; times += 1) errors.push(await outcomeOf(source, 'db'));
    for (const error of errors) expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(printed(errors)).not.toContain(wrong);
    expect(printed([source, auth])).not.toContain('canary');
    const lost = make({ auth: jwt({ jwt: { file: '/no/such/file' } }) });
    expect(await outcomeOf(lost, 'db')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
  });

  test('given a source that works, when it is printed, then neither tokens nor secret-ids nor values show', async () => {
    const source = make({ auth: appRole({ roleId, secretId }), secrets: { DB: databaseCredentials('app') } });
    const results = await source.read(['db'], context());
    const text = printed([source, results, results.get('db')]);
    for (const secret of [secretId, roleId, 'canary-value']) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/\b(hvs\.|s\.[A-Za-z0-9]{20})/); // tokens of the one and the other
  });
});

async function isFailure(outcome: ReturnType<typeof outcomeOf>): Promise<boolean> {
  return (await outcome) instanceof Error;
}
