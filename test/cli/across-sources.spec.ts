import type { VaultClient } from '../../lib/sources/vault/index.js';
import { HcpVaultSecretsEmulator } from '../../lib/testing/emulator/index.js';
import { describeOnEachVault } from '../servers/available.js';
import type { MotoServer } from '../servers/moto.server.js';
import { startMoto } from '../servers/moto.server.js';
import type { VaultServer } from '../servers/vault.server.js';
import { startDevVault } from '../servers/vault.server.js';
import { administrator, credentials } from '../sources/aws/aws.js';
import { clientTo, closeClients } from '../sources/vault/support/clients.js';
import { called, printedSoFar, withEnvironment } from './support/called.js';

const JWT = 'canary-jwt-key-1';

describeOnEachVault(['moto'], 'diff and copy between HCP Vault Secrets, %s and AWS as moto plays it', (product) => {
  let server: VaultServer;
  let client: VaultClient;
  let moto: MotoServer;
  let hcp: HcpVaultSecretsEmulator;
  let restore: () => void;
  let environment: Record<string, string>;
  const cli = (...argv: string[]) => called(argv, environment);

  beforeAll(async () => {
    [server, moto, hcp] = await Promise.all([
      startDevVault(product),
      startMoto(),
      HcpVaultSecretsEmulator.start({
        apps: {
          web: {
            JWT_KEY: { type: 'kv', value: JWT },
            STRIPE_KEY: { type: 'kv', value: 'canary-stripe-2' },
            SETTINGS: { type: 'kv', value: '{"url":"canary-url","retries":3}' },
            DB: { type: 'dynamic', values: { password: 'canary-password' }, ttl: '3600s' },
          },
        },
      }),
    ]);
    client = clientTo(server);
    environment = {
      ...hcp.environment,
      VAULT_TOKEN: server.token,
      VAULT_ADDR: server.address,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint,
      AWS_ENDPOINT_URL_SSM: moto.endpoint,
    };
    restore = withEnvironment(environment);
  }, 60_000);
  afterAll(async () => {
    restore?.();
    await closeClients();
    await Promise.all([server?.stop(), moto?.stop(), hcp?.stop()]);
    expect(printedSoFar.join('')).not.toMatch(/canary/);
  });

  test('given an app of HCP, when it is copied to one document of Vault, then it is a plan first, and then is there, value by value; nothing dynamic is opened', async () => {
    const target = 'vault:secret?document=prod/web';
    const plan = await cli('copy', 'hcp:', target);
    expect(plan).toMatchObject({ code: 0, err: '3 create, 1 not opened (dynamic); nothing was written: --apply does it\n' }); // prettier-ignore
    await expect(client.kv.v2.read('prod/web')).rejects.toThrow();
    expect(await cli('copy', 'hcp:', target, '--apply')).toMatchObject({ code: 0, err: '3 created, 1 not opened (dynamic)\n' }); // prettier-ignore
    const { data } = (await client.kv.v2.read('prod/web')).data;
    expect(data).toMatchObject({ JWT_KEY: JWT, STRIPE_KEY: 'canary-stripe-2' });
    expect(await cli('copy', 'hcp:', target, '--apply')).toMatchObject({ code: 0, err: '3 same, 1 not opened (dynamic)\n' }); // prettier-ignore
    expect(hcp.opened('web', 'DB')).toBe(0);
    const differ = await cli('diff', 'hcp:', target, '--format', 'json');
    expect(differ.code).toBe(1); // DB is not there
    expect(JSON.parse(differ.out)).toMatchObject({
      same: false,
      secrets: [{ name: 'DB', outcome: 'only in A' }, { name: 'JWT_KEY', outcome: 'same' }, { outcome: 'same' }, { outcome: 'same' }], // prettier-ignore
    });
  });

  test('given a document that is not there yet, when copied to, then it is made, with KV of either version and at AWS; a misspelt mount, and a wish that it be there, are errors', async () => {
    await client.sys.enableEngine('kv', { path: 'first', options: { version: '1' } });
    for (const target of [
      'vault:first?document=new/web',
      `aws-sm:?document=new-${product}`,
      `aws-ssm:/new?document=${product}`,
    ]) {
      const copied = await cli('copy', 'hcp:', target, '--apply');
      expect({ target, ...copied }).toMatchObject({ target, code: 0, err: '3 created, 1 not opened (dynamic)\n' });
      expect(await cli('copy', 'hcp:', target)).toMatchObject({ code: 0, err: '3 same, 1 not opened (dynamic)\n' });
    }
    expect((await client.kv.v1.read('new/web', { mount: 'first' })).data).toMatchObject({ JWT_KEY: JWT });
    for (const mount of ['secrte', 'cubbyhole', 'sys']) {
      const refused = await cli('copy', 'hcp:', `vault:${mount}?document=new/web`, '--apply');
      expect({ mount, code: refused.code }).toEqual({ mount, code: 2 });
    }
    const wished = await cli('copy', 'hcp:', 'vault:secret?document=new/none&optional=false', '--apply');
    expect(wished).toMatchObject({ code: 1, out: '' });
    // What is only read is to be there: a slip of the pen would make it look empty.
    for (const argv of [
      ['diff', 'hcp:', 'vault:secret?document=new/none'],
      ['list', '--source', 'vault:secret?document=new/none'],
    ]) {
      const { code, err } = await cli(...argv);
      expect(code).toBe(1);
      expect(err).toContain('with `&optional` it may be absent');
      expect(err).not.toContain('kv.');
    }
  });

  test('given names with quotes, stars within, a plus and what is not ASCII, when their policy is written, then it opens these and no neighbour', async () => {
    const names = ['a"b', 'c\\\\d', 'e*f', 'g+', 'ü', '#h', '__proto__', '{i}'];
    for (const name of [...names, 'other', 'eXf', 'gX', 'g+/x']) await client.kv.v2.createOrUpdate(`odd-names/${name}`, { value: 'canary-odd' }); // prettier-ignore
    const printed = await cli('policy', '--for', 'vault', '--source', 'vault:secret/odd-names', '--name', ...names);
    expect(printed.code).toBe(0);
    await client.sys.createOrUpdatePolicy('odd-names', printed.out);
    const { client_token: token } = (await client.auth.token.create({ policies: ['odd-names'], noDefaultPolicy: true }))
      .auth;
    const app = clientTo({ ...server, token });
    for (const name of names)
      expect((await app.kv.v2.read(`odd-names/${name}`)).data.data).toEqual({ value: 'canary-odd' });
    for (const name of ['other', 'eXf', 'gX', 'g+/x']) await expect(app.kv.v2.read(`odd-names/${name}`)).rejects.toMatchObject({ status: 403 }); // prettier-ignore
  });

  test('given a misspelt name, when copied or compared, then the near one is told, and nothing is written', async () => {
    for (const argv of [
      ['copy', 'hcp:', 'vault:secret?document=misspelt', '--apply', '--only', 'JWT_KYE'],
      ['copy', 'hcp:', 'vault:secret?document=misspelt', '--apply', '--except', 'jwt-key'],
      ['copy', 'hcp:', 'vault:secret?document=misspelt', '--apply', '--rename', 'JWTKEY=JWT'],
      ['diff', 'hcp:', 'vault:secret?document=prod/web', '--only', 'JWT_KEY', 'JWT_KYE'],
    ]) {
      const { code, out, err } = await cli(...argv);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/A holds no ".*"\. Did you mean "JWT_KEY"\?\n$/);
    }
    await expect(client.kv.v2.read('misspelt')).rejects.toThrow();
    const lost = await cli('get', 'JWT_KYE', '--source', 'hcp:');
    expect(lost).toMatchObject({ code: 1, err: expect.stringContaining('Did you mean "JWT_KEY"?') as string });
    expect(hcp.opened('web', 'DB')).toBe(0);
  });

  test('given Secrets Manager and Parameter Store, when copied to, then what is missing is created below the prefix, renamed where that is asked for', async () => {
    const aws = administrator(moto.endpoint);
    const folder = product === 'vault' ? 'one' : 'two';
    await aws.create(`${folder}/STRIPE_KEY`, 'canary-older');
    const copied = await cli('copy', 'hcp:', `aws-sm:${folder}/`, '--apply', '--rename', 'JWT_KEY=JWT');
    expect(copied).toMatchObject({ code: 1 });
    expect(copied.out).toMatch(/created +JWT_KEY -> JWT\n/);
    expect(copied.out).toMatch(/left \(another value\) +STRIPE_KEY\n/);
    expect(await cli('copy', 'hcp:', `aws-sm:${folder}/`, '--apply', '--rename', 'JWT_KEY=JWT', '--overwrite')).toMatchObject({ code: 0, err: '1 overwritten, 2 same, 1 not opened (dynamic)\n' }); // prettier-ignore
    expect(await cli('diff', `aws-sm:${folder}/`, 'hcp:', '--rename', 'JWT=JWT_KEY')).toMatchObject({ code: 1, out: 'only in B             DB\n' }); // prettier-ignore
    expect(await cli('copy', `aws-sm:${folder}/`, `aws-ssm:/${folder}/`, '--apply')).toMatchObject({ code: 0, err: '3 created\n' }); // prettier-ignore
    expect(await cli('diff', `aws-sm:${folder}/`, `aws-ssm:/${folder}/`)).toMatchObject({ code: 0, out: '', err: '3 same\n' }); // prettier-ignore
    aws.end();
  });

  test('given KV below a path, when compared with another mount of it, then folders are; text that is not an object is refused by name, and the rest is written', async () => {
    await client.kv.v2.createOrUpdate('shop/db', { user: 'canary-user', port: 5432 });
    await client.kv.v2.createOrUpdate('shop/deep/key', { value: 'canary-key' });
    expect(await cli('copy', 'vault:secret/shop', 'vault:secret/copied', '--apply')).toMatchObject({ code: 0, err: '2 created\n' }); // prettier-ignore
    expect(await cli('diff', 'vault:secret/shop', 'vault:secret/copied')).toMatchObject({ code: 0 });
    expect(await cli('diff', 'vault:secret', 'vault:secret/copied', '--prefix', 'shop/', '--strip', 'shop/')).toMatchObject({ code: 0, err: '2 same\n' }); // prettier-ignore
    const texts = await cli('copy', 'hcp:', 'vault:secret/texts', '--apply');
    expect(texts.code).toBe(2 + 1);
    expect(texts.out).toMatch(/failed +JWT_KEY: Secret "JWT_KEY" .*a KV secret is an object/);
    expect(texts.err).toBe('1 created, 1 not opened (dynamic), 2 failed\n');
  });

  test('given a target in clear text, or names that the target can hold none of, when copied to, then nothing is written', async () => {
    for (const target of ['file:./x.env', 'dir:/tmp', 'env:APP_']) {
      expect(await cli('copy', 'hcp:', target, '--apply')).toMatchObject({ code: 2, err: expect.stringContaining('clear text') as string }); // prettier-ignore
    }
    await client.kv.v2.createOrUpdate('odd/a b', { value: 'canary-odd' });
    await client.kv.v2.createOrUpdate('odd/good', { value: 'canary-good' });
    const refused = await cli('copy', 'vault:secret/odd', `aws-sm:odd-${product}/`, '--apply');
    expect(refused).toMatchObject({ code: 2, err: '1 create, 1 refused\n' });
    expect(refused.out).toMatch(/refused +a b: Secret "a b".*new ones have letters, digits/);
    expect(await cli('diff', 'vault:secret/odd', `aws-sm:odd-${product}/`)).toMatchObject({ code: 1, err: '2 only in A\n' }); // prettier-ignore
    expect(await cli('copy', 'hcp:', 'hcp:')).toMatchObject({ code: 2 });
    expect(await cli('copy', 'hcp:')).toMatchObject({ code: 2 });
  });

  test('given a source that refuses us, or can’t be reached, when compared, then it ends with 3, and says which', async () => {
    const denied = await called(['diff', 'vault:secret/shop', 'hcp:'], { ...environment, VAULT_TOKEN: 'canary-no-token' }); // prettier-ignore
    expect(denied).toMatchObject({ code: 3, err: expect.stringContaining('vault') as string });
    const away = await cli('diff', 'vault:secret/shop?address=http://127.0.0.1:1', 'hcp:');
    expect(away).toMatchObject({ code: 3 });
  });
});
