import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ReadContext } from '../../../lib/core/source/secret-source.js';
import type { AwsSecretsManagerOptions } from '../../../lib/sources/aws/index.js';
import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { failureOf, valuesOf } from '../support/hcp.js';
import { startServer, stopServers } from '../support/server.js';
import { context, credentials, region, valueOf } from './aws.js';
import type { StubAnswer, StubRequest } from './stub.js';
import { batchOf, startStub, valueOf as answerOf } from './stub.js';

const environment = { ...process.env };
afterEach(async () => {
  process.env = { ...environment };
  await stopServers();
});

const names = Array.from({ length: 40 }, (_, index) => `SECRET_${index}`);
const secretsManager = (endpoint: string, more: Partial<AwsSecretsManagerOptions> = {}) =>
  awsSecretsManager({ region, credentials, endpoint, ...more } as AwsSecretsManagerOptions);
const parameterStore = (endpoint: string) => awsParameterStore({ region, credentials, endpoint });

/** Secrets Manager that has every secret, but for what the rule says of a request. */
const everything = (rule: (request: StubRequest) => StubAnswer | undefined) =>
  startStub((request) => {
    const said = rule(request);
    if (said) return said;
    const { operation, input } = request;
    if (operation === 'GetParameters') {
      return { Parameters: input.Names.map((Name) => ({ Name, Value: `of ${Name}`, Version: 1, Type: 'String' })) };
    }
    if (operation !== 'BatchGetSecretValue') return answerOf(input.SecretId, `of ${input.SecretId}`);
    return batchOf(Object.fromEntries(input.SecretIdList.map((id) => [id, `of ${id}`])), input.SecretIdList);
  });
const idsOf = ({ input }: StubRequest): readonly string[] =>
  input.SecretIdList ?? input.Names ?? [input.SecretId ?? input.Name];
const expected = (but?: string) =>
  Object.fromEntries(names.filter((name) => name !== but).map((name) => [name, `of ${name}`]));

describe('the unit of retry', () => {
  it.each([
    ['an HTTP 500', { error: 'InternalServiceError', status: 500 }],
    ['an HTTP 503', { error: 'ServiceUnavailable', status: 503 }],
    ['a throttle', { error: 'ThrottlingException' }],
  ])('given %s for one of the batches, when read, then that request alone is sent again', async (_, fault) => {
    let faults = 1;
    const stub = await everything(({ input }) => (input.SecretIdList?.includes('SECRET_0') && faults-- > 0 ? fault : undefined));
    const source = secretsManager(stub.url);
    expect(valuesOf(await source.read(names, context()))).toEqual(expected());
    expect(stub.requests).toHaveLength(3);
    await source.close();
  }); // prettier-ignore

  it.each([
    ['AWS_MAX_ATTEMPTS', { AWS_MAX_ATTEMPTS: '5' }, 5],
    ['one attempt', { AWS_MAX_ATTEMPTS: '1' }, 1],
    ['nothing', {}, 3],
  ])(
    'given %s, when one secret fails, then as many attempts are made as the SDK makes',
    async (_, variables, attempts) => {
      Object.assign(process.env, variables);
      const stub = await everything(() => ({ error: 'InternalServiceError', status: 500 }));
      const source = secretsManager(stub.url);
      const error = await failureOf(valueOf(source, 'KEY'));
      expect(stub.requests).toHaveLength(attempts);
      expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
      if (attempts > 1) expect(String(error)).toContain(`after ${attempts} attempts`);
      await source.close();
    },
  );

  it('given AWS_RETRY_MODE, when read, then the SDK tries again in that mode', async () => {
    process.env['AWS_RETRY_MODE'] = 'adaptive';
    const stub = await everything(() => undefined);
    const source = secretsManager(stub.url);
    await valueOf(source, 'KEY');
    // So the SDK tells AWS of its mode: E is the standard one.
    expect(String(stub.requests[0]!.headers['user-agent'])).toMatch(/ m\/(?:\w+,)*F\b/);
    await source.close();
  });

  it('given a batch whose answer has an id in neither of its lists, when read, then that one is asked for by itself', async () => {
    const stub = await startStub(({ operation, input }) =>
      operation === 'BatchGetSecretValue'
        ? batchOf(
            { A: 'a', B: 'b' },
            input.SecretIdList.filter((id) => id !== 'LEFT'),
          )
        : answerOf(String(input.SecretId), 'single'),
    );
    const source = secretsManager(stub.url);
    expect(valuesOf(await source.read(['A', 'LEFT', 'B'], context()))).toEqual({ A: 'a', B: 'b', LEFT: 'single' });
    expect(stub.operations()).toEqual(['BatchGetSecretValue', 'GetSecretValue']);
    await source.close();
  });

  it('given a clock that is an hour off, when read, then the SDK corrects it by AWS’s, and the read succeeds', async () => {
    const skewed = Date.now() + 3_600_000;
    const seen: string[] = [];
    const server = await startServer((request, response) => {
      seen.push(String(request.headers['x-amz-date']));
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.setHeader('date', new Date(skewed).toUTCString());
      const isOff = seen.length === 1;
      response.writeHead(isOff ? 400 : 200);
      response.end(JSON.stringify(isOff ? { __type: 'InvalidSignatureException' } : answerOf('KEY', 'v')));
    });
    const source = secretsManager(server.url);
    expect(await valueOf(source, 'KEY')).toBe('v');
    expect(seen).toHaveLength(2);
    expect(seen[1]!.slice(0, 11) === seen[0]!.slice(0, 11)).toBe(false);
    await source.close();
  });

  it('given an answer that never comes, when read, then the attempt ends with the time for one, and the next one is answered', async () => {
    let hanging = 1;
    const server = await startServer((_, response) => {
      if (hanging-- > 0) return;
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify(answerOf('KEY', 'v')));
    });
    const told: (number | undefined)[] = [];
    const source = secretsManager(server.url);
    const bounded: ReadContext = { ...context(), timeout: 100, progress: (later) => told.push(later) };
    expect((await source.read(['KEY'], bounded)).get('KEY')).toMatchObject({ value: 'v' });
    expect(server.requests).toHaveLength(2);
    // Each attempt, and each wait of the SDK, is told to who bounds the call.
    expect(told.filter((later) => later !== undefined && later >= 1_000).length).toBeGreaterThanOrEqual(3);
    await source.close();
  });

  it('given an answer whose body never ends, when read thrice, then each attempt ends in its time', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.write('{"SecretString":"');
    });
    const source = secretsManager(server.url);
    const error = await failureOf(source.read(['KEY'], { ...context(), timeout: 50 }).then((found) => { throw found.get('KEY') as Error; })); // prettier-ignore
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(String(error)).toContain('TimeoutError');
    expect(server.requests).toHaveLength(3);
    await source.close();
  });
});

describe('what fails by itself', () => {
  it('given a secret that breaks each batch that it is in, when read twice, then the others come, and the next batch leaves it out', async () => {
    const stub = await everything((request) =>
      idsOf(request).includes('SECRET_7') ? { error: 'InternalServiceError', status: 500 } : undefined,
    );
    const source = secretsManager(stub.url);
    for (let turn = 0; turn < 2; turn += 1) {
      stub.requests.length = 0;
      const found = await source.read(names, context());
      expect(found.get('SECRET_7')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'SECRET_7' });
      found.delete('SECRET_7');
      expect(valuesOf(found)).toEqual(expected('SECRET_7'));
    }
    expect(stub.requests.filter(({ operation }) => operation === 'BatchGetSecretValue')).toHaveLength(2);
    expect(stub.requests).toHaveLength(2 + 3);
    await source.close();
  });

  it.each([
    ['Secrets Manager', secretsManager, 2 * 3 + 2 * 3],
    ['Parameter Store', parameterStore, 4 * 3 + 2 * 3],
  ])('given %s that fails everything, when many are read, then they are not asked for one by one', async (_, make, most) => {
    const stub = await everything(() => ({ error: 'InternalServerError', status: 500 }));
    const source = make(stub.url);
    const found = await source.read(names, context());
    expect([...found.values()].every((result) => 'code' in result && result.code === 'SECRET_SOURCE_UNAVAILABLE')).toBe(true);
    expect(found.size).toBe(40);
    expect(stub.requests.length).toBeLessThanOrEqual(most);
    await source.close();
  }); // prettier-ignore

  it.each(['InvalidParameterException', 'ValidationException', 'AccessDeniedException'])(
    'given %s for batches, when read, then secrets come one by one',
    async (error) => {
      const stub = await everything(({ operation }) => (operation === 'BatchGetSecretValue' ? { error } : undefined));
      const source = secretsManager(stub.url);
      expect(valuesOf(await source.read(names, context()))).toEqual(expected());
      await source.close();
    },
  );

  it('given a batch’s answer that leaves some out of both lists, when read, then these are asked for by themselves', async () => {
    const stub = await everything(({ operation }) =>
      operation === 'BatchGetSecretValue' ? { SecretValues: [answerOf('SECRET_0', 'of SECRET_0')] } : undefined,
    );
    const source = secretsManager(stub.url);
    expect(valuesOf(await source.read(names.slice(0, 3), context()))).toEqual(valuesOf(new Map(Object.entries(expected()).slice(0, 3).map(([name, value]) => [name, { value } as never])))); // prettier-ignore
    expect(stub.operations().sort()).toEqual(['BatchGetSecretValue', 'GetSecretValue', 'GetSecretValue']);
    await source.close();
  });

  it('given one batch of two that hangs, when read, then the other’s values are delivered meanwhile', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const stub = await startStub(async ({ input }) => {
      if (input.SecretIdList.includes('SECRET_0')) await held;
      return batchOf(expected(), input.SecretIdList);
    });
    const source = secretsManager(stub.url);
    const delivered: string[] = [];
    let enough = (): void => undefined;
    const came = new Promise<void>((resolve) => (enough = resolve));
    const deliver: ReadContext['deliver'] = (part) => {
      delivered.push(...part.keys());
      if (delivered.length === 20) enough();
    };
    const reading = source.read(names, { ...context(), deliver });
    await came;
    expect(delivered.sort()).toEqual(names.slice(20).sort());
    release();
    expect((await reading).size).toBe(40);
    await source.close();
  });
});

describe('many requests at once', () => {
  it('given 300 secrets and no permission for batches, when read with one signal, then nobody warns of a leak', async () => {
    const warned: string[] = [];
    const take = ({ name, message }: Error): void => void (/Listeners|leak/.test(name + message) && warned.push(name));
    process.on('warning', take);
    const many = Array.from({ length: 300 }, (_, index) => `SECRET_${index}`);
    const stub = await everything(({ operation }) =>
      operation === 'BatchGetSecretValue' ? { error: 'AccessDeniedException' } : undefined,
    );
    const client = new SecretsManagerClient({ region, credentials, endpoint: stub.url });
    for (const source of [secretsManager(stub.url), awsSecretsManager({ client }), parameterStore(stub.url)]) {
      expect((await source.read(many, context())).size).toBe(300);
      await source.close();
    }
    client.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', take);
    expect(warned).toEqual([]);
  });
});
