import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { SecretSource, SourceEvent } from 'nestjs-hcp-vault';
import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { LARGEST_ANSWER } from '../../../lib/sources/aws/shared/request-guard.js';
import { failureOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { context, credentials, region, valueOf } from './aws.js';
import { valueOf as secretOf } from './stub.js';

/** This machine by an address that is not a loopback: what is sent there would leave a machine just so. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((found) => found && !found.internal && found.family === 'IPv4')?.address;
const beyondLoopback = address === undefined ? describe.skip : describe;

const environment = { ...process.env };
const folders: string[] = [];
const sources: SecretSource[] = [];

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...environment };
  for (const source of sources.splice(0)) await source.close?.();
  await stopServers();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const made = <S extends SecretSource>(source: S): S => {
  sources.push(source);
  return source;
};

/** The SDK reads each file once a process, so each test has its own. */
function profile(text: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'aws-profile-'));
  folders.push(folder);
  writeFileSync(join(folder, 'config'), text);
  process.env['AWS_CONFIG_FILE'] = join(folder, 'config');
}

const KEY: RequestListener = ({ headers }, response) => {
  const isBatch = String(headers['x-amz-target']).endsWith('BatchGetSecretValue');
  const isParameters = String(headers['x-amz-target']).endsWith('GetParameters');
  const secret = secretOf('KEY', 'v');
  const parameter = { Name: 'KEY', Value: 'v', Version: 1, Type: 'String' };
  response.end(
    JSON.stringify(isParameters ? { Parameters: [parameter] } : isBatch ? { SecretValues: [secret] } : secret),
  );
};

async function onThisMachine(answer: RequestListener = KEY) {
  const server = await startServer(answer, undefined, '0.0.0.0');
  return { server, url: `http://${address}:${server.port}` };
}

const MAKES = [
  ['secrets_manager', (options: object) => made(awsSecretsManager({ region, credentials, ...options }))],
  ['ssm', (options: object) => made(awsParameterStore({ region, credentials, ...options }))],
] as const;

beyondLoopback('where AWS’s SDK sends its requests', () => {
  it.each(MAKES)('given plain http in a profile, when %s is read, then it is refused, and nothing is sent', async (service, make) => {
    const { server, url } = await onThisMachine();
    for (const text of [`endpoint_url = ${url}`, `services = here\n[services here]\n${service} =\n  endpoint_url = ${url}`]) {
      profile(`[default]\n${text}\n`);
      const failure = await failureOf(valueOf(make({}), 'KEY'));
      expect(failure).toMatchObject({ code: 'SECRET_CONFIGURATION', sourceKind: expect.stringContaining('aws') });
      expect(failure.message).toMatch(/endpoint_url.*plain http is refused/);
      expect(failure.message).toContain(url);
      expect(printed(failure)).not.toContain(credentials.secretAccessKey);
    }
    expect(server.requests).toEqual([]);
  }); // prettier-ignore

  it.each(MAKES)('given allowInsecure, when %s is read by such a profile, then it is, and whoever observes the source is told', async (_, make) => {
    const { url } = await onThisMachine();
    profile(`[default]\nendpoint_url = ${url}\n`);
    const source = make({ allowInsecure: true });
    const told: SourceEvent[] = [];
    source.observe(({ ...event }) => void told.push(event));
    expect(await valueOf(source, 'KEY')).toBe('v');
    expect(await valueOf(source, 'KEY')).toBe('v');
    expect(told).toEqual([{ type: 'insecure', source: source.kind, reason: expect.stringContaining(url) }]);
    expect(process.emitWarning).toHaveBeenCalledTimes(1);
  }); // prettier-ignore

  it('given a client with a plain http endpoint, when read, then it is refused unless allowInsecure says so, and stays as it was', async () => {
    const { server, url } = await onThisMachine();
    const client = new SecretsManagerClient({ region, credentials, endpoint: url });
    const before = client.middlewareStack.identify();
    expect(await failureOf(valueOf(made(awsSecretsManager({ client })), 'KEY'))).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(server.requests).toEqual([]);
    expect(await valueOf(made(awsSecretsManager({ client, allowInsecure: true })), 'KEY')).toBe('v');
    expect(client.middlewareStack.identify()).toEqual(before);
    client.destroy();
  }); // prettier-ignore

  it('given plain http for STS in a profile, when a role is assumed, then it is refused, and nothing is sent', async () => {
    const { server, url } = await onThisMachine();
    const stub = await startServer(KEY);
    profile(`[default]\nservices = here\n[services here]\nsts =\n  endpoint_url = ${url}\n`);
    const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/reader' };
    const source = made(awsSecretsManager({ region, credentials, assumeRole, endpoint: stub.url }));
    const failure = await failureOf(valueOf(source, 'KEY'));
    expect(failure).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(failure.message).toMatch(/endpoint of STS.*plain http is refused/);
    expect([...server.requests, ...stub.requests]).toEqual([]);
  });

  it('given NODE_TLS_REJECT_UNAUTHORIZED=0, when read over https beyond loopback, then it is refused, and says how to trust a CA', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const endpoint = `https://${address}:9`;
    const failure = await failureOf(valueOf(made(awsSecretsManager({ region, credentials, endpoint })), 'KEY'));
    expect(failure).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(failure.message).toMatch(/TLS without a check.*NODE_TLS_REJECT_UNAUTHORIZED=0.*NODE_EXTRA_CA_CERTS/);

    const loopback = made(awsSecretsManager({ region, credentials, endpoint: 'https://127.0.0.1:9' }));
    expect(await failureOf(valueOf(loopback, 'KEY'))).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    const client = new SecretsManagerClient({ region, credentials, endpoint, maxAttempts: 1 });
    const given = made(awsSecretsManager({ client }));
    expect(await failureOf(valueOf(given, 'KEY'))).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    client.destroy();
  });
});

describe('how much AWS’s SDK takes', () => {
  const CHUNK = Buffer.alloc(1024 * 1024, 'canary-of-a-large-answer ');

  /** Answers without end, as long as somebody reads; with what is sent counted. */
  function endless(status: number, head: Record<string, string>) {
    let sent = 0;
    const answer: RequestListener = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...head });
      response.write('{"SecretString":"');
      const more = (): void => {
        while (sent < 400 * CHUNK.length && !response.destroyed) {
          sent += CHUNK.length;
          if (!response.write(CHUNK)) return void response.once('drain', more);
        }
        response.end('"}');
      };
      more();
    };
    return { answer, sent: () => sent };
  }

  it.each([
    ['an answer', 200, {}],
    ['an answer that tells its length', 200, { 'content-length': String(400 * CHUNK.length + 19) }],
    ['a refusal', 500, {}],
  ])('given %s of 400 MB, when read, then it is cut off at the bound, and nothing of it is kept', async (_, status, head) => {
    const { answer, sent } = endless(status, head);
    const { url: endpoint } = await startServer(answer);
    const clients = [new SecretsManagerClient({ region, credentials, endpoint, maxAttempts: 1 }), new SSMClient({ region, credentials, endpoint, maxAttempts: 1 })] as const;
    for (const source of [
      awsSecretsManager({ region, credentials, endpoint }),
      awsParameterStore({ region, credentials, endpoint }),
      awsSecretsManager({ client: clients[0] }),
      awsParameterStore({ client: clients[1] }),
    ]) {
      const before = sent();
      const failure = await made(source).read(['KEY'], context()).then((found) => found.get('KEY'), (error: unknown) => error);
      expect(failure).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', message: expect.stringContaining('larger than 16 MiB') });
      expect(printed(failure)).not.toContain('canary');
      expect(sent() - before).toBeLessThan(LARGEST_ANSWER + 24 * CHUNK.length); // what the sockets hold
    }
    for (const client of clients) client.destroy();
  }); // prettier-ignore

  it('given an answer of STS of 400 MB, when a role is assumed, then it is cut off at the bound', async () => {
    const { answer, sent } = endless(200, { 'content-type': 'text/xml' });
    const { url: endpoint } = await startServer(answer);
    const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/reader', endpoint };
    const failure = await failureOf(valueOf(made(awsSecretsManager({ region, credentials, endpoint, assumeRole })), 'KEY'));
    expect(failure).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', message: expect.stringContaining('larger than 16 MiB') });
    expect(printed(failure)).not.toContain('canary');
    expect(sent()).toBeLessThan(LARGEST_ANSWER + 24 * CHUNK.length);
  }); // prettier-ignore

  it('given an answer as large as AWS’s largest, when read, then it comes whole', async () => {
    const text = '\u0001'.repeat(65_536);
    const ids = Array.from({ length: 20 }, (_, index) => `K${index}`);
    const { url: endpoint } = await startServer((_, response) =>
      response.end(JSON.stringify({ SecretValues: ids.map((id) => secretOf(id, text, 'v1')) })),
    );
    const source = made(awsSecretsManager({ region, credentials, endpoint }));
    const found = await source.read(ids, context());
    for (const id of ids) expect(found.get(id)).toMatchObject({ value: text });
  });
});
