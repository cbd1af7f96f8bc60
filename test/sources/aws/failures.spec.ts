import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSecretError } from '../../../lib/core/errors/index.js';
import type { AwsSecretsManagerOptions } from '../../../lib/sources/aws/index.js';
import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { loadedPackage } from '../../../lib/core/loaded-package.js';
import { failureOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { context, credentials, region, valueOf } from './aws.js';
import { batchOf, startStub, valueOf as answerOf } from './stub.js';

const environment = { ...process.env };
afterEach(async () => {
  process.env = { ...environment };
  await stopServers();
});

const secretsManager = (endpoint: string, more: Partial<AwsSecretsManagerOptions> = {}) =>
  awsSecretsManager({ region, credentials, endpoint, ...more } as AwsSecretsManagerOptions);

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('failures of AWS', () => {
  it.each([
    ['ThrottlingException', 'SECRET_THROTTLED'],
    ['TooManyRequestsException', 'SECRET_THROTTLED'],
    ['AccessDeniedException', 'SECRET_ACCESS_DENIED'],
    ['DecryptionFailure', 'SECRET_ACCESS_DENIED'],
    ['UnrecognizedClientException', 'SECRET_AUTHENTICATION'],
    ['InvalidSignatureException', 'SECRET_AUTHENTICATION'],
    ['ExpiredTokenException', 'SECRET_AUTHENTICATION'],
    ['InvalidParameterException', 'SECRET_CONFIGURATION'],
    ['InternalServiceError', 'SECRET_SOURCE_UNAVAILABLE'],
    ['SomethingNewException', 'SECRET_SOURCE_UNAVAILABLE'],
  ])('given the answer %s, when read, then it is %s, and no body, value or credential shows', async (error, code) => {
    const stub = await startStub(() => ({ error }));
    const source = secretsManager(stub.url);
    const thrown = await failure(valueOf(source, 'KEY'));
    expect(isSecretError(thrown) && thrown.code).toBe(code);
    expect(String(thrown)).toContain(error);
    for (const secret of ['canary', credentials.secretAccessKey, credentials.accessKeyId]) {
      expect(printed(thrown)).not.toContain(secret);
      expect(printed(source)).not.toContain(secret);
    }
    await source.close();
  });

  it.each([
    [401, '<html>canary-page</html>'],
    [403, '<html>canary-page</html>'],
    [403, '{"message":"canary-page"}'],
    [403, ''],
    [404, '<html>canary-page</html>'],
  ])(
    'given a page of a gateway with HTTP %i, %j, when read, then AWS is unavailable: that is not a verdict',
    async (status, page) => {
      const { url } = await startServer((_, response) => void response.writeHead(status).end(page));
      for (const source of [secretsManager(url), awsParameterStore({ region, credentials, endpoint: url })]) {
        const thrown = await failure(valueOf(source, 'KEY'));
        expect(thrown).toMatchObject({
          code: 'SECRET_SOURCE_UNAVAILABLE',
          message: expect.stringMatching(new RegExp(`HTTP ${status}.*something else is in its place`)),
          advice: expect.stringContaining('proxy'),
        });
        expect(printed(thrown)).not.toContain('canary');
        await source.close();
      }
      const roleArn = 'arn:aws:iam::123456789012:role/app';
      const assuming = awsSecretsManager({
        region,
        endpoint: url,
        credentials,
        assumeRole: { roleArn, endpoint: url },
      });
      expect(await failure(valueOf(assuming, 'KEY'))).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
      await assuming.close();
    },
  );

  it('given a prefix, when a place is described, then it is told with region and endpoint', async () => {
    const [manager, store] = [
      awsSecretsManager({ region, credentials, prefix: 'prod/shop/' }),
      awsParameterStore({
        region,
        credentials,
        path: '/prod/shop',
        document: 'doc',
        endpoint: 'http://127.0.0.1:1',
      }),
    ];
    expect(manager.describe('JWT')).toEqual([{ source: 'aws-secrets-manager', name: 'prod/shop/JWT', at: region }]);
    expect(store.describe('JWT')).toEqual([
      { source: 'aws-parameter-store', name: '/prod/shop/doc, field "JWT"', at: `${region}, http://127.0.0.1:1` },
    ]);
    await Promise.all([manager.close(), store.close()]);
  });

  it('given throttling that does not end, when read, then the SDK’s three attempts are made, and each name has the error, with the time that AWS gave', async () => {
    const stub = await startStub(() => ({ error: 'ThrottlingException', headers: { 'retry-after': '1' } }));
    const source = secretsManager(stub.url);
    const found = await source.read(['A', 'B'], context());
    for (const name of ['A', 'B']) {
      expect(found.get(name)).toMatchObject({ code: 'SECRET_THROTTLED', retryAfter: 1000, secretName: name });
      expect(String(found.get(name))).toContain('after 3 attempts');
    }
    expect(stub.requests).toHaveLength(3);
    await source.close();
  });

  it('given no permission for batches, when read twice, then secrets come one by one, and the batch is not asked for again', async () => {
    const stub = await startStub(({ operation, input }) => {
      if (operation === 'BatchGetSecretValue') return { error: 'AccessDeniedException' };
      const name = input.SecretId;
      return name === 'DENIED' ? { error: 'AccessDeniedException' } : answerOf(name, `value of ${name}`);
    });
    const source = secretsManager(stub.url);
    for (let turn = 0; turn < 2; turn += 1) {
      const found = await source.read(['A', 'B', 'DENIED'], context());
      expect(found.get('A')).toMatchObject({ value: 'value of A' });
      expect(found.get('DENIED')).toMatchObject({ code: 'SECRET_ACCESS_DENIED', secretName: 'DENIED' });
    }
    expect(stub.operations().filter((name) => name === 'BatchGetSecretValue')).toHaveLength(1);
    await source.close();
  });

  it('given a batch with an error for one secret, when read, then it concerns that one alone', async () => {
    const stub = await startStub(() => ({
      ...batchOf({ A: 'a' }, ['A', 'GONE']),
      Errors: [
        { SecretId: 'GONE', ErrorCode: 'ResourceNotFoundException' },
        { SecretId: 'KMS', ErrorCode: 'DecryptionFailure', Message: 'canary-body-of-aws' },
      ],
    }));
    const source = secretsManager(stub.url);
    const found = await source.read(['A', 'GONE', 'KMS'], context());
    expect([...found.keys()].sort()).toEqual(['A', 'KMS']);
    expect(found.get('KMS')).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    expect(printed(found.get('KMS'))).not.toContain('canary');
    await source.close();
  });

  it('given a parameter that is denied, when read with others, then they come, and the next batch leaves it out', async () => {
    const stub = await startStub(({ operation, input }) => {
      const names = operation === 'GetParameter' ? [input.Name] : input.Names;
      if (names.includes('/p/DENIED')) return { error: 'AccessDeniedException' };
      const Parameters = names.map((Name) => ({ Name, Value: `value of ${Name}`, Type: 'String', Version: 1 }));
      return { Parameters };
    });
    const source = awsParameterStore({ region, credentials, endpoint: stub.url, path: '/p' });
    for (let turn = 0; turn < 2; turn += 1) {
      const found = await source.read(['A', 'B', 'DENIED'], context());
      expect(found.get('B')).toMatchObject({ value: 'value of /p/B' });
      expect(found.get('DENIED')).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
      stub.requests.splice(0, turn === 0 ? stub.requests.length : 0);
    }
    expect(stub.requests.map(({ input }) => input.Names ?? input.Name)).toContainEqual(['/p/A', '/p/B']);
    await source.close();
  });

  it('given pages by path of which some are empty, when read by path, then reading goes on to the last', async () => {
    const pages: Record<string, object> = {
      '': { Parameters: [], NextToken: '2' },
      '2': { Parameters: [{ Name: '/p/A', Value: 'a', Type: 'String', Version: 1 }], NextToken: '3' },
      '3': { Parameters: [] },
    };
    const stub = await startStub(({ operation, input }) =>
      operation === 'GetParameters' ? pages['2']! : pages[input.NextToken ?? '']!,
    );
    const source = awsParameterStore({ region, credentials, endpoint: stub.url, path: '/p/' });
    expect([...(await source.readAll!(context())).keys()]).toEqual(['A']);
    expect(stub.operations().filter((name) => name !== 'GetParameters')).toHaveLength(3);
    await source.close();
  });

  it('given a kept-alive connection that turns out closed, when read, then it is tried again; a write of a parameter, which may be done, is not', async () => {
    let cuts = 2;
    const server = await startServer((request, response) => {
      if (cuts-- > 0) return void request.socket.destroy();
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      const operation = String(request.headers['x-amz-target']).split('.')[1];
      if (operation === 'PutParameter') return void request.socket.destroy();
      response.end(JSON.stringify(operation === 'DescribeParameters' ? { Parameters: [] } : answerOf('KEY', 'v')));
    });
    const source = secretsManager(server.url);
    expect(await valueOf(source, 'KEY')).toBe('v');
    const parameters = awsParameterStore({ region, credentials, endpoint: server.url, createIfMissing: true });
    await expect(parameters.write('KEY', 'x', context())).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    const writes = server.requests.filter(({ headers }) => String(headers['x-amz-target']).endsWith('PutParameter'));
    expect(writes).toHaveLength(1);
    await Promise.all([source.close(), parameters.close()]);
  });

  it('given an HTML page in place of an answer, and nobody who listens, when read, then the source is unavailable', async () => {
    const server = await startServer((_, response) => void response.writeHead(500).end('<html>canary-page</html>'));
    const source = secretsManager(server.url);
    const thrown = await failure(valueOf(source, 'KEY'));
    expect(thrown).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(printed(thrown)).not.toContain('canary');
    await server.stop();
    await expect(valueOf(source, 'KEY')).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await source.close();
  });

  it.each([
    ['Secrets Manager', (endpoint: string) => secretsManager(endpoint), 'ListSecrets'],
    [
      'Parameter Store',
      (endpoint: string) => awsParameterStore({ region, credentials, endpoint, path: '/app' }),
      'DescribeParameters',
    ],
  ])('given a list of %s whose pages repeat, when listed, then it ends', async (_, make, call) => {
    const stub = await startStub(() => ({ SecretList: [], Parameters: [], NextToken: 'again' }));
    const source = make(stub.url);
    await expect(source.list('', context())).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      message: expect.stringContaining(`${call} does not end: the pages repeat`),
    });
    expect(stub.requests).toHaveLength(2);
    await source.close();
  });

  it('given an SDK that is not installed, when needed, then the error tells what to install', async () => {
    const missing = Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(loadedPackage('@aws-sdk/client-ssm', 'aws', () => Promise.reject(missing))).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringMatching(/not installed.*npm install @aws-sdk\/client-ssm/),
    });
  });
});

describe('the endpoint', () => {
  it('given variables and an option, when read, then the option wins, then the store’s own variable, then the one of all', async () => {
    const stubs = await Promise.all(['a', 'b', 'c'].map((text) => startStub(() => answerOf('KEY', text))));
    const [own, store, all] = stubs.map(({ url }) => url);
    const read = async (endpoint?: string) => {
      const source = awsSecretsManager({ region, credentials, ...(endpoint && { endpoint }) });
      const value = await valueOf(source, 'KEY');
      await source.close();
      return value;
    };
    Object.assign(process.env, { AWS_ENDPOINT_URL: all });
    expect(await read()).toBe('c');
    Object.assign(process.env, { AWS_ENDPOINT_URL_SECRETS_MANAGER: store });
    expect(await read()).toBe('b');
    expect(await read(own)).toBe('a');
    expect(stubs[0]!.requests[0]!.headers['user-agent']).toContain('nestjs-hcp-vault');
  });

  it('given plain http beyond loopback, when a source is made, then it is refused unless allowInsecure says so', () => {
    expect(() => secretsManager('http://aws.example')).toThrow(/plain http is refused/);
    process.env['AWS_ENDPOINT_URL_SSM'] = 'http://aws.example';
    expect(() => awsParameterStore({ region })).toThrow(/AWS_ENDPOINT_URL_SSM.*plain http is refused/);
    const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/r', endpoint: 'http://sts.example' };
    expect(() => awsSecretsManager({ region, assumeRole })).toThrow(/assumeRole.endpoint/);
  });
});

describe('a write that AWS refuses', () => {
  it.each<[string, object, object]>([
    [
      'a service manages',
      { OwningService: 'rds' },
      { code: 'SECRET_SOURCE_READ_ONLY', reason: /managed by the service "rds"/ },
    ],
    ['is a replica', { PrimaryRegion: 'eu-west-1' }, { code: 'SECRET_SOURCE_READ_ONLY', advice: /eu-west-1/ }],
    [
      'is marked for deletion',
      { DeletedDate: 1_700_000_000 },
      { code: 'SECRET_NOT_FOUND', reason: /marked for deletion/ },
    ],
    ['is refused for another reason', {}, { code: 'SECRET_NOT_FOUND', reason: /InvalidRequestException/ }],
  ])('given a secret that %s, when written, then the error says so', async (_, about, expected) => {
    const stub = await startStub(({ operation }) => {
      if (operation === 'PutSecretValue') return { error: 'InvalidRequestException' };
      const known = answerOf('KEY', 'v');
      return operation === 'DescribeSecret' ? { ARN: known.ARN, Name: 'KEY', ...about } : known;
    });
    const source = awsSecretsManager({ region, credentials, endpoint: stub.url });
    const failure = await failureOf(source.write('KEY', 'new', context()));
    for (const [key, value] of Object.entries(expected)) {
      const shown = (failure as unknown as Record<string, string>)[key];
      if (value instanceof RegExp) expect(shown).toMatch(value);
      else expect(shown).toBe(value);
    }
    expect(failure).toMatchObject({ secretName: 'KEY' });
    expect(String(failure)).not.toContain('canary');
    await source.close();
  });

  it('given metadata that are denied, when a write is refused, then the error is that of the write', async () => {
    const stub = await startStub(({ operation }) => {
      if (operation === 'PutSecretValue') return { error: 'InvalidRequestException' };
      return operation === 'DescribeSecret' ? { error: 'AccessDeniedException' } : answerOf('KEY', 'v');
    });
    const source = awsSecretsManager({ region, credentials, endpoint: stub.url });
    await expect(source.write('KEY', 'new', context())).rejects.toThrow(
      /PutSecretValue failed: InvalidRequestException/,
    );
    await source.close();
  });
});

describe('the region', () => {
  it('given AWS_DEFAULT_REGION and a profile with another, when read, then it is that of the variable, and AWS_REGION goes before both, as in the CLI', async () => {
    const stub = await startStub(() => answerOf('KEY', 'v'));
    const folder = mkdtempSync(join(tmpdir(), 'aws-region-'));
    writeFileSync(join(folder, 'config'), '[default]\nregion = eu-west-1\n');
    delete process.env['AWS_REGION'];
    Object.assign(process.env, { AWS_CONFIG_FILE: join(folder, 'config'), AWS_DEFAULT_REGION: 'eu-north-1' });
    const regionOfRead = async (): Promise<string | undefined> => {
      const source = awsSecretsManager({ credentials, endpoint: stub.url });
      await valueOf(source, 'KEY');
      await source.close();
      return /\/([\w-]+)\/secretsmanager\//.exec(String(stub.requests.at(-1)!.headers['authorization']))?.[1];
    };
    expect(await regionOfRead()).toBe('eu-north-1');
    process.env['AWS_REGION'] = 'us-west-2';
    expect(await regionOfRead()).toBe('us-west-2');
    delete process.env['AWS_REGION'];
    delete process.env['AWS_DEFAULT_REGION'];
    expect(await regionOfRead()).toBe('eu-west-1');
    rmSync(folder, { recursive: true });
  });

  it('given no region but that of the instance, when read, then IMDSv2 tells it, with a token', async () => {
    const stub = await startStub(() => answerOf('KEY', 'v'));
    const metadata = await startServer((request, response) => {
      if (request.method === 'PUT') return void response.end('token-1');
      const known = request.headers['x-aws-ec2-metadata-token'] === 'token-1';
      return void response.writeHead(known ? 200 : 401).end('ap-southeast-2');
    });
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) delete process.env[name];
    Object.assign(process.env, {
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
    });
    const source = awsSecretsManager({ credentials, endpoint: stub.url });
    expect(await valueOf(source, 'KEY')).toBe('v');
    expect(stub.requests[0]!.headers['authorization']).toContain('/ap-southeast-2/secretsmanager/');
    await source.close();
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    const lost = awsSecretsManager({ credentials, endpoint: stub.url });
    await expect(valueOf(lost, 'KEY')).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    await lost.close();
  });
});
