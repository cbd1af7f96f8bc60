import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsParameterStore, awsSecretsManager } from '../../lib/sources/aws/index.js';
import { called } from '../cli/support/called.js';
import { describeWith } from '../servers/available.js';
import { awsCliBinary } from '../servers/locations.mjs';
import { type MotoServer, startMoto } from '../servers/moto.server.js';
import { valueOf } from '../sources/aws/aws.js';
import { textOf } from './markdown.js';
import { runShell, shellOf } from './shell.js';

const PAGE = 'docs/setup/aws.md';

describeWith(['moto', 'aws'], PAGE, () => {
  const folder = mkdtempSync(join(tmpdir(), 'setup-aws-'));
  let moto: MotoServer;
  beforeAll(async () => void (moto = await startMoto()), 60_000);
  afterAll(async () => {
    await moto?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('given its shell blocks and the documents of the page of channels, when they are typed, then the sources read what was made, and the rule tells the topic', async () => {
    const json = [...textOf('docs/channels.md').matchAll(/^```json\n([^]*?)^```$/gm)].map(([, block]) => block!);
    const named = { 'pattern.json': 'aws.secretsmanager', 'topic-statement.json': 'events.amazonaws.com', 'channel-statements.json': 'sqs:CreateQueue' }; // prettier-ignore
    for (const [file, mark] of Object.entries(named)) {
      writeFileSync(
        join(folder, file),
        json.find((block) => block.includes(mark))!,
      );
    }
    await runShell(shellOf(PAGE, 'Secrets', 'The role', 'Changes at once'), folder, {
      PATH: [join(awsCliBinary()!, '..'), process.env['PATH']].join(':'),
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_ACCESS_KEY_ID: 'made-up',
      AWS_SECRET_ACCESS_KEY: 'made-up',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_PAGER: '',
      ...(process.env['PYENV_VERSION'] && { PYENV_VERSION: process.env['PYENV_VERSION'] }),
    });
    const asked = await fetch(moto.endpoint, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=made-up/20260101/eu-west-1/events/aws4_request, SignedHeaders=host, Signature=0', // prettier-ignore
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSEvents.ListTargetsByRule',
      },
      body: JSON.stringify({ Rule: 'secrets' }),
    });
    const { Targets } = (await asked.json()) as { Targets: { Arn: string }[] };
    expect(Targets.map(({ Arn }) => Arn)).toEqual(['arn:aws:sns:eu-west-1:123456789012:secrets']);

    const options = { region: 'eu-west-1', endpoint: moto.endpoint, credentials: { accessKeyId: 'made-up', secretAccessKey: 'made-up' } }; // prettier-ignore
    const secrets = awsSecretsManager({ ...options, prefix: 'prod/shop/' });
    expect(await valueOf(secrets, 'STRIPE_KEY')).toBe('made-up-key');
    expect(await valueOf(secrets, 'DB')).toEqual({ username: 'shop', password: 'made-up' });
    const parameters = awsParameterStore({ ...options, path: '/prod/shop/' });
    expect(await valueOf(parameters, 'SMTP_PASSWORD')).toBe('made-up-key');
    await Promise.all([secrets.close?.(), parameters.close?.()]);
  }, 60_000);
});

describe(`${PAGE}, its policy`, () => {
  test('given a status with these secrets, when `policy` prints, then it is the policy of the page', async () => {
    const secret = (source: string, prefix: string, name: string) => ({
      name,
      connection: 'default',
      source,
      stale: false,
      places: [{ source, name: prefix + name, at: 'eu-west-1' }],
    });
    const file = join(mkdtempSync(join(tmpdir(), 'setup-aws-policy-')), 'status.json');
    const status = [
      secret('aws-secrets-manager', 'prod/shop/', 'DB'),
      secret('aws-secrets-manager', 'prod/shop/', 'STRIPE_KEY'),
      secret('aws-parameter-store', '/prod/shop/', 'SMTP_PASSWORD'),
    ];
    writeFileSync(file, JSON.stringify(status));
    const { out } = await called(['policy', '--for', 'aws', '--account', '123456789012', '--status', file]);
    rmSync(join(file, '..'), { recursive: true });
    const [, onPage] = /policy\.json <<'JSON'\n([^]*?)\nJSON\n/.exec(textOf(PAGE))!;
    expect(JSON.parse(onPage!)).toEqual(JSON.parse(out));
  });
});
