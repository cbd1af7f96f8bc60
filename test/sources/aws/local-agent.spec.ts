import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecretSource } from 'nestjs-hcp-vault';
import { awsLocalAgent } from '../../../lib/sources/aws/index.js';
import type { AwsLocalAgentOptions } from '../../../lib/sources/aws/index.js';
import { AgentToken } from '../../../lib/sources/aws/local-agent/agent-token.js';
import { startAgent } from '../support/aws-agent.js';
import { failureOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { context, valueOf } from './aws.js';

const token = 'canary-agent-token-7d21';
const environment = { ...process.env };
let folder: string;
let sources: SecretSource[];

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/^AWS_|^PARAMETERS_/.test(name)) delete process.env[name];
  process.env['AWS_TOKEN'] = token;
  folder = mkdtempSync(join(tmpdir(), 'aws-agent-'));
  sources = [];
});

afterEach(async () => {
  process.env = { ...environment };
  for (const source of sources) await source.close?.();
  await stopServers();
  rmSync(folder, { recursive: true });
});

function made(port: number, options: AwsLocalAgentOptions = {}) {
  const source = awsLocalAgent({ port, ...options });
  sources.push(source);
  return source;
}

describe('awsLocalAgent', () => {
  it('given names, an ARN and one without its random characters, when read, then each gives its secret, and an ARN is its name once an answer said so', async () => {
    const agent = await startAgent(token, { 'app/db': { user: 'u' }, 'rds!cluster-1': 'r', bytes: Buffer.from('b') });
    const source = made(agent.port);
    const arn = agent.arnOf('app/db');
    expect(source.canonicalName(arn)).toBe(arn);
    const ids = ['app/db', arn, arn.slice(0, -7), 'rds!cluster-1', 'bytes', 'MISSING'];
    const found = await source.read(ids, context());
    expect([...found.keys()].sort()).toEqual(ids.slice(0, 5).sort());
    expect([...found].map(([name, entry]) => [name, (entry as { value: unknown }).value])).toEqual(
      expect.arrayContaining([
        ['app/db', { user: 'u' }],
        [arn, { user: 'u' }],
        ['bytes', Buffer.from('b')],
      ]),
    );
    expect(found.get('app/db')).toMatchObject({ createdAt: new Date(1_569_534_789_046), versionKind: 'source' });
    expect(source.canonicalName(arn)).toBe('app/db');
    expect(await source.exists('app/db', context())).toBe(true);
    expect(await source.exists('MISSING', context())).toBe(false);
  });

  it('given a rotation, when read by stage and by version, then each gives its own', async () => {
    const agent = await startAgent(token, { KEY: 'old' });
    const source = made(agent.port);
    const before = (await source.read(['KEY'], context())).get('KEY') as { version: string };
    agent.put('KEY', 'new');
    expect(await valueOf(source, 'KEY')).toBe('new');
    expect(await valueOf(source, 'KEY', source.previousVersion('any'))).toBe('old');
    expect(await valueOf(source, 'KEY', before.version)).toBe('old');
    expect(await valueOf(source, 'KEY', 'NO_STAGE')).toBeUndefined();
  });

  it('given an agent that keeps what it has, when read with refreshNow, then the new value comes, and without it the kept one', async () => {
    const agent = await startAgent(token, { KEY: 'old' });
    agent.keep();
    const [plain, fresh] = [made(agent.port), made(agent.port, { refreshNow: true })];
    expect(await valueOf(plain, 'KEY')).toBe('old');
    agent.put('KEY', 'new');
    expect(await valueOf(plain, 'KEY')).toBe('old');
    expect(await valueOf(fresh, 'KEY')).toBe('new');
    expect(agent.requests.map(({ path }) => path.includes('refreshNow=true'))).toEqual([false, false, true]);
  });

  it('given parameters of Lambda’s extension, when read, then they come decrypted, also one of their versions', async () => {
    const agent = await startAgent('session', { '/app/KEY': 'one' });
    agent.put('/app/KEY', 'two');
    delete process.env['AWS_TOKEN'];
    process.env['AWS_SESSION_TOKEN'] = 'session';
    process.env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] = String(agent.port);
    const source = awsLocalAgent({ store: 'parameter-store' });
    sources.push(source);
    expect(await valueOf(source, '/app/KEY')).toBe('two');
    expect(await valueOf(source, '/app/KEY', source.previousVersion('2'))).toBe('one');
    expect(await valueOf(source, '/app/MISSING')).toBeUndefined();
  });

  it('given an answer about another secret or account, when read, then it is not used', async () => {
    const other = { Name: 'OTHER', ARN: 'arn:aws:secretsmanager:eu-central-1:999999999999:secret:KEY-Ab12Cd', SecretString: 'canary-other' };
    const server = await startServer((_, response) => response.end(JSON.stringify(other)));
    const source = made(server.port);
    for (const id of ['KEY', 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:KEY-Ab12Cd']) {
      const failure = await failureOf(valueOf(source, id));
      expect(failure).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
      expect(failure.message).toContain('about another secret');
      expect(printed(failure)).not.toContain('canary');
    }
  }); // prettier-ignore

  it('given nobody who listens, and a token file that is not there yet, when read, then it is unavailable, and read once both are there', async () => {
    const gone = await startServer(() => undefined);
    await gone.stop();
    const closed = await failureOf(valueOf(made(gone.port), 'KEY'));
    expect(closed).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none', sourceKind: 'aws-local-agent' });

    const agent = await startAgent(token, { KEY: 'v' });
    const tokenFile = join(folder, 'token');
    const source = made(agent.port, { tokenFile });
    for (const write of [() => undefined, () => writeFileSync(tokenFile, ' \n')]) {
      write();
      const failure = await failureOf(valueOf(source, 'KEY'));
      expect(failure).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
      expect(failure.message).toContain(tokenFile);
    }
    expect(agent.requests).toEqual([]);
    writeFileSync(tokenFile, `${token}\n`);
    expect(await valueOf(source, 'KEY')).toBe('v');
    process.env['AWS_TOKEN'] = `file://${tokenFile}`;
    expect(await valueOf(made(agent.port), 'KEY')).toBe('v');
  });

  it.each<[string, number, string | object, string]>([
    ['a token that is refused', 403, 'Bad Token', 'SECRET_AUTHENTICATION'],
    ['AWS’s denial', 400, { __type: 'AccessDeniedException', message: 'canary-body' }, 'SECRET_ACCESS_DENIED'],
    ['credentials that AWS refuses', 400, { __type: 'com.amazonaws#ExpiredTokenException' }, 'SECRET_AUTHENTICATION'],
    ['an extension that is not ready', 400, 'not ready to serve traffic, please wait', 'SECRET_SOURCE_UNAVAILABLE'],
    ['a page of something else', 200, '<html>canary-body</html>', 'SECRET_SOURCE_UNAVAILABLE'],
    ['a path that is not there', 404, 'Not found', 'SECRET_CONFIGURATION'],
  ])('given %s, when read, then the error says which, and nothing of body and token is in it', async (_, status, body, code) => {
    const server = await startServer((__, response) =>
      void response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
    );
    const source = made(server.port);
    const failure = await failureOf(valueOf(source, 'KEY'));
    expect(failure).toMatchObject({ code, sourceKind: 'aws-local-agent' });
    expect(printed(failure)).not.toMatch(/canary/);
  }); // prettier-ignore

  it('given an agent whose connections are all taken for one request, when read, then it is asked again', async () => {
    const agent = await startAgent(token, { KEY: 'v' });
    let first = true;
    const front = await startServer((request, response) => {
      if (first) {
        first = false;
        return void response.writeHead(503).end('Serving not enabled.');
      }
      void fetch(agent.url + request.url, { headers: { 'X-Aws-Parameters-Secrets-Token': token } }).then(
        async (answer) => response.writeHead(answer.status).end(await answer.text()),
      );
    });
    expect(await valueOf(made(front.port), 'KEY')).toBe('v');
    expect(front.requests).toHaveLength(2);
  });

  it('given options that can’t be meant, when made, then a SecretConfigurationError says which', () => {
    for (const [options, word] of [
      [{ port: 0 }, 'port'],
      [{ port: 2773.5 }, 'port'],
      [{ store: 'parameter-store', refreshNow: true }, 'refreshNow'],
      [{ tokenFile: 5 }, 'tokenFile'],
    ] as const) {
      expect(() => awsLocalAgent(options as AwsLocalAgentOptions)).toThrow(
        expect.objectContaining({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(word) }),
      );
    }
    expect(awsLocalAgent({ port: 2773 })).toMatchObject({ isBounded: false });
  });

  it('given the holders of the token, when printed, then it is not seen', async () => {
    const agent = await startAgent(token, { KEY: 'canary-value' });
    const source = made(agent.port);
    await valueOf(source, 'KEY');
    for (const holder of [source, await AgentToken.read()]) expect(printed(holder)).not.toContain('canary');
  });
});
