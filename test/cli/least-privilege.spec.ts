import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, InjectSecret, InjectSecretRef, SecretRef } from 'nestjs-hcp-vault';
import type { SecretSource } from 'nestjs-hcp-vault';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { parseAllDocuments } from 'yaml';
import { awsParameterStore, awsSecretsManager } from '../../lib/sources/aws/index.js';
import { appRole, databaseCredentials, kv, token, vault } from '../../lib/sources/vault/index.js';
import { describeOnEachVault, describeWith } from '../servers/available.js';
import type { MotoServer } from '../servers/moto.server.js';
import { startMoto } from '../servers/moto.server.js';
import { KubernetesServer } from '../servers/kubernetes.server.js';
import { CapturedLogger } from '../support/captured-logger.js';
import { administrator } from '../sources/aws/aws.js';
import { Namespace, sourceOf } from '../sources/kubernetes/support/namespace.js';
import type { VaultWithDatabase } from '../sources/vault-source/support/database.js';
import { setRole, setUpAppRole, startVaultWithDatabase } from '../sources/vault-source/support/database.js';
import { called } from './support/called.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-least-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An app that injects these three; gives what it holds, and what the log warned of, when `work` is done and the app closed. */
async function inApp<T>(
  source: SecretSource,
  work: (client: HcpVaultClient) => Promise<T>,
): Promise<{ result: T; warnings: readonly string[] }> {
  @Injectable()
  class Shop {
    constructor(
      @InjectSecret('jwt') readonly jwt: unknown,
      @InjectSecretRef('db') readonly db: SecretRef<unknown>,
      @InjectSecretRef('other') readonly other: SecretRef<unknown>,
    ) {}
  }
  const logger = new CapturedLogger();
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source, refresh: { jitter: 0 } })],
    providers: [Shop],
  })
    .setLogger(logger)
    .compile();
  await module.init();
  module.get(Shop);
  try {
    return { result: await work(module.get(HcpVaultClient)), warnings: logger.at('warn', 'error') };
  } finally {
    await module.close();
  }
}

/** What the app that runs under all rights says of itself. */
async function statusOf(source: SecretSource): Promise<string> {
  const { result } = await inApp(source, (client) => Promise.resolve(JSON.stringify(client.status())));
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, result);
  return file;
}

async function policyOf(status: string, ...more: string[]): Promise<string> {
  const { code, out } = await called(['policy', '--status', status, ...more]);
  expect(code).toBe(0);
  return out;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
}

describeOnEachVault(['postgresql'], 'an app with exactly the printed policy of %s', (product) => {
  let servers: VaultWithDatabase;

  beforeAll(async () => {
    servers = await startVaultWithDatabase(product);
    const { client } = servers;
    await setRole(client, { defaultTtl: '4s', maxTtl: '1h' });
    await client.sys.enableEngine('kv', { path: 'first', options: { version: '1' } });
    await client.kv.v2.createOrUpdate('shop/jwt', { key: 'canary-jwt' });
    await client.kv.v2.createOrUpdate('shop/foreign', { key: 'canary-foreign' });
    await client.kv.v1.write('elsewhere', { key: 'canary-other' }, { mount: 'first' });
  }, 120_000);
  afterAll(() => servers?.stop());

  const made = (auth: Parameters<typeof vault>[0]['auth']) =>
    vault({
      address: servers.server.address,
      auth,
      kv: { prefix: 'shop' },
      secrets: { db: databaseCredentials('app'), other: kv('elsewhere', { mount: 'first', version: 1 }) },
    });

  test('given the status of an app, when it runs with that policy only, then it starts, extends its leases, reads again and ends without a warning; anything else is denied', async () => {
    const { client } = servers;
    const policy = await policyOf(await statusOf(made(token(servers.server.token))));
    expect(policy.match(/^path "[^"]+"/gm)).toEqual([
      'path "database/creds/app"',
      'path "first/elsewhere"',
      'path "secret/data/shop/jwt"',
      'path "sys/leases/renew"',
      'path "sys/leases/revoke"',
      'path "auth/token/lookup-self"',
      'path "auth/token/renew-self"',
      'path "auth/token/revoke-self"',
    ]);
    await client.sys.createOrUpdatePolicy('app', policy);
    const login = await setUpAppRole(client, { token_no_default_policy: true, token_ttl: '6s', token_max_ttl: '1h' });
    const { result, warnings } = await inApp(made(appRole(login)), async (app) => {
      const events = () =>
        app
          .status()
          .find(({ name }) => name === 'db')!
          .events.map(({ type }) => type);
      await until(() => events().includes('lease-renewed'));
      expect(await app.refresh()).toMatchObject({ failed: [] });
      // Its own token is extended, and not replaced by another login.
      const life = () => {
        const { loggedInAt, expiresAt } = app.status()[0]!.session!;
        return expiresAt!.getTime() - loggedInAt!.getTime();
      };
      await until(() => life() > 7_000);
      const denied = await app.fetch('foreign').catch((error: unknown) => error);
      return { denied };
    });
    expect(result.denied).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    expect(warnings.filter((line) => !line.includes('foreign'))).toEqual([]);
    // Each line counts: without it something fails.
    for (const path of ['database/creds/app', 'first/elsewhere', 'secret/data/shop/jwt']) {
      await client.sys.createOrUpdatePolicy('app', policy.replace(`path "${path}"`, 'path "none"'));
      await expect(inApp(made(appRole(login)), () => Promise.resolve())).rejects.toMatchObject({
        code: 'SECRET_BOOTSTRAP',
      });
    }
  }, 60_000);
});

describeWith(['moto'], 'an app with exactly the printed policy of IAM, as moto enforces it', () => {
  let moto: MotoServer;
  const region = 'eu-central-1';

  beforeAll(async () => void (moto = await startMoto()), 60_000);
  afterAll(() => moto?.stop());

  /** As an administrator, before rights count. */
  async function iam(parameters: Record<string, string>): Promise<string> {
    const answer = await fetch(moto.endpoint, {
      method: 'POST',
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: new URLSearchParams({ ...parameters, Version: '2010-05-08' }),
    });
    expect(answer.status).toBe(200);
    return answer.text();
  }
  const enforce = (isOn: boolean) =>
    fetch(`${moto.endpoint}/moto-api/reset-auth`, { method: 'POST', body: isOn ? '0' : 'Infinity' });

  test('given the status of an app, when it runs with these rights only, then it starts and reads again; what the policy does not name is denied', async () => {
    const aws = administrator(moto.endpoint);
    for (const name of ['jwt', 'db', 'other', 'foreign']) await aws.create(`shop/${name}`, 'canary-value');
    for (const name of ['jwt', 'db', 'other']) await aws.parameter(`/shop/${name}`, 'canary-value');
    const root = { accessKeyId: 'AKIACANARYACCESSKEY1', secretAccessKey: 'canary-secret' };
    const secrets = (credentials = root) => awsSecretsManager({ region, endpoint: moto.endpoint, credentials, prefix: 'shop/' }); // prettier-ignore
    const parameters = (credentials = root) => awsParameterStore({ region, endpoint: moto.endpoint, credentials, path: '/shop/' }); // prettier-ignore
    const account = ['--account', '123456789012'];
    const policies = [await policyOf(await statusOf(secrets()), ...account), await policyOf(await statusOf(parameters()), ...account)]; // prettier-ignore
    const statements = policies.flatMap((policy) => (JSON.parse(policy) as { Statement: { Resource: string | string[] }[] }).Statement); // prettier-ignore

    // moto holds actions only against a policy, each with the resource "*": whether the ARNs are meant is looked at here.
    const patterns = statements.flatMap(({ Resource }) => (Array.isArray(Resource) ? Resource : []));
    const matches = (arn: string) => patterns.some((pattern) => globOf(pattern).test(arn));
    for (const name of ['jwt', 'db', 'other', 'foreign']) {
      const { ARN } = await aws.secrets.send(new DescribeSecretCommand({ SecretId: `shop/${name}` }));
      expect([name, matches(ARN!)]).toEqual([name, name !== 'foreign']);
    }
    expect(patterns).toContain('arn:aws:ssm:eu-central-1:123456789012:parameter/shop/jwt');
    aws.end();

    await iam({ Action: 'CreateUser', UserName: 'app' });
    const keys = await iam({ Action: 'CreateAccessKey', UserName: 'app' });
    const credentials = {
      accessKeyId: /<AccessKeyId>(.*)<\/AccessKeyId>/.exec(keys)![1]!,
      secretAccessKey: /<SecretAccessKey>(.*)<\/SecretAccessKey>/.exec(keys)![1]!,
    };
    const grant = async (actions: (action: string) => boolean) => {
      await enforce(false);
      const granted = (statements as unknown as { Action: string[] }[])
        .map((statement) => ({ ...statement, Action: statement.Action.filter(actions), Resource: '*' }))
        .filter(({ Action }) => Action.length > 0);
      const document = JSON.stringify({ Version: '2012-10-17', Statement: granted });
      await iam({ Action: 'PutUserPolicy', UserName: 'app', PolicyName: 'app', PolicyDocument: document });
      await enforce(true);
    };
    await grant(() => true);
    for (const source of [secrets(credentials), parameters(credentials)]) {
      const { result, warnings } = await inApp(source, async (client) => ({
        refreshed: await client.refresh(),
        written: await client.update('jwt', 'x').catch((error: unknown) => error),
      }));
      expect(result.refreshed.failed).toEqual([]);
      expect(result.written).toMatchObject({ name: expect.stringMatching(/^Secret/) as string });
      expect(warnings).toEqual([]);
    }
    await grant((action) => action !== 'secretsmanager:GetSecretValue' && action !== 'secretsmanager:BatchGetSecretValue'); // prettier-ignore
    await expect(inApp(secrets(credentials), () => Promise.resolve())).rejects.toMatchObject({
      code: 'SECRET_BOOTSTRAP',
    });
  }, 60_000);
});

/** As IAM matches resources. */
const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^{}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  );

describeWith(['Kubernetes'], 'an app with exactly the printed Role of Kubernetes', () => {
  let server: KubernetesServer;
  beforeAll(async () => void (server = await KubernetesServer.start()), 120_000);
  afterAll(() => server?.destroy());

  test('given the status of an app, when its service account has that role only, then it starts, hears of changes, and is denied anything else', async () => {
    const namespace = await Namespace.make(server);
    for (const name of ['jwt', 'db', 'other', 'foreign']) await namespace.set(name, { KEY: 'canary-one' });
    const status = await statusOf(sourceOf(namespace));
    const account = await namespace.serviceAccount('web');
    const documents = parseAllDocuments(await policyOf(status, '--principal', 'web')).map((one) => one.toJS() as { kind: string }); // prettier-ignore
    for (const document of documents) {
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace.name}/${document.kind.toLowerCase()}s`;
      expect((await server.call('POST', path, document)).status).toBe(201);
    }
    const source = sourceOf(namespace, {}, { token: account });
    const { result } = await inApp(source, async (client) => {
      await until(() => client.status().every(({ channel }) => channel === 'live'));
      await namespace.set('db', { KEY: 'canary-two' });
      await until(() => client.get<{ KEY: string }>('db').KEY === 'canary-two');
      return client.fetch('foreign').catch((error: unknown) => error);
    });
    expect(result).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
  }, 60_000);
});
