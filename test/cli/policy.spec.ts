import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { called } from './support/called.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const statusFile = (json: unknown): string => {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(json));
  return file;
};

const secret = (name: string, source: string, places: object[] = [], more: object = {}) => ({
  name,
  connection: 'default',
  source,
  stale: false,
  places,
  ...more,
});

const AWS = [
  secret('JWT', 'aws-secrets-manager', [{ source: 'aws-secrets-manager', name: 'prod/JWT', at: 'eu-central-1' }]),
  secret('DB', 'aws-secrets-manager', [{ source: 'aws-secrets-manager', name: 'prod/d*b', at: 'eu-central-1, http://x' }]), // prettier-ignore
  secret('URL', 'aws-parameter-store', [{ source: 'aws-parameter-store', name: '/prod/app, field "URL"', at: 'eu-central-1' }]), // prettier-ignore
];

describe('policy', () => {
  test('given a status with secrets of AWS, when printed, then IAM grants what is read, by its ARN, and no more; wishes add to it', async () => {
    const printed = await called(['policy', '--for', 'aws', '--status', statusFile(AWS), '--account', '123456789012']);
    expect(JSON.parse(printed.out)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'ReadSecrets',
          Effect: 'Allow',
          Action: ['secretsmanager:GetSecretValue'],
          Resource: [
            'arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/JWT-??????',
            'arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/d${*}b-??????',
          ],
        },
        { Sid: 'ReadSecretsInBatches', Effect: 'Allow', Action: ['secretsmanager:BatchGetSecretValue'], Resource: '*' },
        {
          Sid: 'ReadParameters',
          Effect: 'Allow',
          Action: ['ssm:GetParameters', 'ssm:GetParameter'],
          Resource: ['arn:aws:ssm:eu-central-1:123456789012:parameter/prod/app'],
        },
      ],
    });
    const wide = 'arn:aws:secretsmanager:eu-central-1:1:secret:*';
    const byArn = secret(wide, 'aws-secrets-manager', [{ source: 'aws-secrets-manager', name: wide }]);
    expect((await called(['policy', '--status', statusFile([byArn])])).out).toContain(':secret:${*}"');
    const more = await called(['policy', '--status', statusFile({ secrets: AWS }), '--list', '--write', '--kms-key', 'arn:aws:kms:eu-central-1:1:key/2']); // prettier-ignore
    for (const action of ['secretsmanager:ListSecrets', 'secretsmanager:PutSecretValue', 'ssm:PutParameter', 'ssm:DescribeParameters', 'kms:Decrypt', 'kms:GenerateDataKey']) expect(more.out).toContain(`"${action}"`); // prettier-ignore
  });

  test('given a status of Google, Azure and Kubernetes, when printed, then each secret is granted by itself', async () => {
    const status = statusFile({
      connections: [{ connection: 'default', source: 'first-of' }],
      secrets: [
        { ...secret('A', '', [{ source: 'google-secret-manager', name: "prod-A'", at: 'project "p1", location "europe-west3", https://x' }]), source: undefined, stale: undefined, standing: 'current' }, // prettier-ignore
        secret('B', 'azure-key-vault', [{ source: 'azure-key-vault', name: 'B-1', at: 'https://prod.vault.azure.net' }]), // prettier-ignore
        secret('c', 'kubernetes', [{ source: 'kubernetes', name: 'c', at: 'https://k, namespace "shop"' }]),
        secret('d', 'kubernetes', [{ source: 'kubernetes', name: 'on, key "d"', at: 'https://k, namespace "shop"' }]),
      ],
    });
    const print = (...more: string[]) => called(['policy', '--status', status, ...more]);
    expect(await print()).toMatchObject({ code: 2, err: 'nestjs-hcp-vault: --for is missing: k8s or gcp or azure.\n' });
    expect((await print('--for', 'gcp', '--principal', 'app@p1.iam.gserviceaccount.com')).out).toBe(
      "gcloud secrets add-iam-policy-binding 'prod-A'\\''' --project=p1 --location=europe-west3 --member=serviceAccount:app@p1.iam.gserviceaccount.com --role=roles/secretmanager.secretAccessor\n",
    );
    const azure = await print('--for', 'azure', '--principal', 'id');
    expect(azure.out).toContain("--scope /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.KeyVault/vaults/prod/secrets/B-1\n"); // prettier-ignore
    expect(azure.out).toContain('"DataActions":["Microsoft.KeyVault/vaults/secrets/getSecret/action"]');
    const role = await print('--for', 'k8s', '--principal', 'web');
    expect(role.out).toContain('resourceNames: [c, "on"]\n    verbs: [get, list, watch]\n');
    expect(role.out).toContain('subjects: [{ kind: ServiceAccount, name: web, namespace: shop }]');
  });

  test('given names and a spec of Vault, when printed, then paths are as they are asked for; what a policy can’t name exactly is refused', async () => {
    const environment = { VAULT_TOKEN: 'canary-token' };
    const names = (...more: string[]) => called(['policy', '--source', 'vault:kv/prod', ...more], environment);
    const printed = await names('--name', 'DB', 'API', '--list', '--write');
    expect(printed.out).toContain(
      'path "kv/data/prod/DB" {\n  capabilities = ["create", "read", "update", "patch"]\n}',
    );
    expect(printed.out).toContain('path "kv/metadata/prod/" {\n  capabilities = ["list"]\n}');
    expect(printed.out).not.toContain('sys/leases');
    expect((await names('--name', 'D*')).err).toMatch(/can't name the path of "D\*" exactly/);
    expect((await names('--name', '+')).code).toBe(2);
    // HCL reads on from it, over quotes and lines, to the next brace: the next rules would be a part of this path.
    expect((await names('--name', 'a${', 'z}')).err).toMatch(/can't name the path of "a\$\{" exactly/);
    expect((await names('--name', 'a"b')).out).toContain('path "kv/data/prod/a\\"b"');
    expect(JSON.stringify(await names('--name', 'DB'))).not.toMatch(/canary/);
  });

  test('given a source and no credentials for it, when printed, then no login is wanted, for nothing is asked', async () => {
    for (const more of ['', '?auth=kubernetes', '?auth=appRole&authMount=x']) {
      const printed = await called(['policy', '--for', 'vault', '--source', `vault:secret/shop${more}`, '--name', 'DB', 'STRIPE_KEY'], { HOME: folder }); // prettier-ignore
      expect(printed).toMatchObject({ code: 0 });
      expect(printed.out).toContain('path "secret/data/shop/STRIPE_KEY" {\n  capabilities = ["read"]\n}');
    }
    for (const [scheme, kind] of [
      ['aws-sm:shop/', 'aws'],
      ['aws-ssm:/shop', 'aws'],
      ['k8s:shop', 'k8s'],
      ['gcp:p1', 'gcp'],
      ['azure:shop', 'azure'],
    ]) {
      const printed = await called(['policy', '--for', kind!, '--source', scheme!, '--name', 'DB'], { HOME: folder });
      expect({ scheme, ...printed }).toMatchObject({ scheme, code: 0 });
    }
    // A command that asks still wants one.
    expect((await called(['list', '--source', 'vault:secret/shop'], { HOME: folder })).err).toMatch(/needs a login/);
  });

  test('given a name that leads elsewhere, is cut, or is read as something else, when printed, then no right is, for whichever backend', async () => {
    const sources = {
      vault: 'vault:secret/shop',
      aws: 'aws-sm:shop/',
      k8s: 'k8s:shop',
      gcp: 'gcp:p1',
      azure: 'azure:shop',
    };
    const refusedBy = async (name: string) => {
      const refusing: string[] = [];
      for (const [backend, source] of Object.entries(sources)) {
        const argv = ['policy', '--for', backend, '--source', source, '--name', 'DB'];
        const { code, out } = await called([...argv.slice(0, -1), name], { HOME: folder });
        if (code === 2 && out === '') refusing.push(backend);
      }
      return refusing;
    };
    const all = Object.keys(sources);
    for (const name of [
      '',
      'a\nb',
      'x'.repeat(5_000),
      'x'.repeat(1_200),
      'web, key "x"',
      'web, field "x"',
      'a\u2028b',
    ]) {
      const expected = name.length === 1_200 || name.includes('\u2028') ? ['vault'] : all;
      expect({ name, by: await refusedBy(name) }).toEqual({ name, by: expect.arrayContaining(expected) as string[] });
    }
    // A name of AWS is no part of a URL.
    for (const name of ['../x', 'a/../b', '%2e%2e/x', 'x//y', '/x']) {
      expect({ name, by: await refusedBy(name) }).toEqual({ name, by: all.filter((backend) => backend !== 'aws') });
    }
    expect(await refusedBy('--project=other')).toContain('gcp');
  });

  test('given what is not a status, when called, then it is refused in words, and its text is not quoted', async () => {
    const file = join(folder, 'odd.json');
    writeFileSync(file, '{"canary-odd"');
    for (const status of [
      file,
      join(folder, 'none'),
      statusFile([]),
      statusFile(null),
      statusFile({ a: [{ name: 'x' }] }),
    ]) {
      // prettier-ignore
      const refused = await called(['policy', '--for', 'vault', '--status', status]);
      expect(refused.code).toBe(2);
      expect(refused.err).not.toMatch(/canary/);
    }
    expect(await called(['policy', '--for', 'vault'])).toMatchObject({ code: 2 });
    expect(await called(['policy', '--for', 'oracle', '--status', statusFile(AWS)])).toMatchObject({ code: 2 });
    expect((await called(['policy', '--for', 'vault', '--status', statusFile([secret('X', 'vault')])])).err).toMatch(/give --source vault/); // prettier-ignore
  });

  test('given what a list can not tell, when a policy is printed, then a note beside it says which option adds it', async () => {
    const aws = ['policy', '--status', statusFile(AWS)];
    expect((await called(aws)).err).toContain('--list adds it');
    expect((await called([...aws, '--list'])).err).not.toContain('--list adds it');
    const vault = ['policy', '--for', 'vault', '--source', 'vault:secret/shop', '--name', 'DB'];
    const environment = { HOME: folder, VAULT_ADDR: 'https://vault.example:8200' };
    expect((await called(vault, environment)).err).toContain('--name takes each for a secret of KV');
  });
});
