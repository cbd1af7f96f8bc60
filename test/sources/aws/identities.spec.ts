import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import type { SecretSource } from '../../../lib/core/source/secret-source.js';
import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { failureOf, valuesOf } from '../support/hcp.js';
import { stopServers } from '../support/server.js';
import { context, credentials, region } from './aws.js';
import { startStub } from './stub.js';

afterEach(stopServers);

const OWN = '111111111111';
const OTHER = '222222222222';
const secretArn = (name: string, random: string, account = OWN, at = region) =>
  `arn:aws:secretsmanager:${at}:${account}:secret:${name}${random && `-${random}`}`;
const parameterArn = (name: string, account = OWN, at = region) => `arn:aws:ssm:${at}:${account}:parameter${name}`;

/** Two accounts and two regions: the caller's own are OWN and the region; each secret tells where it is. */
const SECRETS = [
  ['db', 'Ab12Cd', OWN, region, 'own'],
  ['db', 'Zz99Zz', OTHER, region, 'of the other account'],
  ['db', 'Yy88Yy', OWN, 'us-east-1', 'of the other region'],
  // The full ARN of `app` looks as the partial one of `app-secret`.
  ['app', 'secret', OWN, region, 'app'],
  ['app-secret', 'Xx77Xx', OWN, region, 'app-secret'],
  ['lone-abcdef', 'Ww66Ww', OWN, region, 'lone-abcdef'],
  ['foreign', 'Vv55Vv', OTHER, region, 'foreign'],
] as const;

/** As AWS looks for it: a full ARN, else one without its random characters, else a name of the caller's own account and region. */
function find(id: string) {
  const arnOf = ([name, random, account, at]: (typeof SECRETS)[number]) => secretArn(name, random, account, at);
  const partialOf = ([name, , account, at]: (typeof SECRETS)[number]) => secretArn(name, '', account, at);
  const found =
    SECRETS.find((secret) => arnOf(secret) === id) ??
    SECRETS.find((secret) => partialOf(secret) === id) ??
    SECRETS.find(([name, , account, at]) => name === id && account === OWN && at === region);
  if (!found) return undefined;
  return { ARN: arnOf(found), Name: found[0], VersionId: found[1], SecretString: found[4] };
}

const secretsManager = async () => {
  const stub = await startStub(({ operation, input }) => {
    if (operation !== 'BatchGetSecretValue') return find(input.SecretId) ?? { error: 'ResourceNotFoundException' };
    const [there, gone] = [true, false].map((is) => input.SecretIdList.filter((id) => (find(id) !== undefined) === is));
    const Errors = gone!.map((SecretId) => ({ SecretId, ErrorCode: 'ResourceNotFoundException' }));
    return { SecretValues: there!.map(find), Errors };
  });
  return { stub, source: awsSecretsManager({ region, credentials, endpoint: stub.url }) };
};

const PARAMETERS = [
  ['/app/db', OWN, region, 'own'],
  ['/app/db', OTHER, region, 'of the other account'],
  ['/app/db', OWN, 'us-east-1', 'of the other region'],
  ['/foreign', OTHER, region, 'foreign'],
] as const;

const parameterStore = async () => {
  const stub = await startStub(({ input }) => {
    const found = input.Names.map((id) =>
      PARAMETERS.find(([name, account, at]) =>
        id.startsWith('arn:') ? id === parameterArn(name, account, at) : id === name && account === OWN && at === region,
      ),
    );
    const Parameters = found
      .filter((parameter) => parameter !== undefined)
      .map(([Name, account, at, Value]) => ({ Name, ARN: parameterArn(Name, account, at), Value, Version: 1, Type: 'String' }));
    return { Parameters, InvalidParameters: input.Names.filter((_, index) => found[index] === undefined) };
  }); // prettier-ignore
  return { stub, source: awsParameterStore({ region, credentials, endpoint: stub.url }) };
};

/** What a client gives for names, asked for one after another. */
async function fetched(source: SecretSource, names: readonly string[]): Promise<Record<string, unknown>> {
  const runtime = new SecretRuntime({ source });
  const client = new HcpVaultClient(runtime);
  const values: Record<string, unknown> = {};
  for (const name of names) values[name] = await client.fetch(name).catch((error: unknown) => error);
  await client.refresh();
  for (const name of names) if (!(values[name] instanceof Error)) expect(client.get(name)).toBe(values[name]);
  await runtime.shutdown();
  return values;
}

const bothOrders = <T>(items: readonly T[]): (readonly T[])[] => [items, [...items].reverse()];

describe('names and ARNs at Secrets Manager', () => {
  const expected = {
    db: 'own',
    [secretArn('db', 'Ab12Cd')]: 'own',
    [secretArn('db', 'Zz99Zz', OTHER)]: 'of the other account',
    [secretArn('db', 'Yy88Yy', OWN, 'us-east-1')]: 'of the other region',
    [secretArn('db', '', OTHER)]: 'of the other account',
    app: 'app',
    [secretArn('app', 'secret')]: 'app',
    'app-secret': 'app-secret',
    [secretArn('app-secret', 'Xx77Xx')]: 'app-secret',
    'lone-abcdef': 'lone-abcdef',
    [secretArn('lone-abcdef', '')]: 'lone-abcdef',
    [secretArn('foreign', 'Vv55Vv', OTHER)]: 'foreign',
  };

  it('given two accounts, two regions and partial ARNs, when read together or fetched one by one, in both orders, then each is its own secret', async () => {
    for (const names of bothOrders(Object.keys(expected))) {
      const [one, two] = [await secretsManager(), await secretsManager()];
      expect(valuesOf(await one.source.read(names, context()))).toEqual(expected);
      expect(await fetched(two.source, names)).toEqual(expected);
    }
  });

  it('given a secret of another account alone, when its bare name is read beside it, then that is not there', async () => {
    for (const names of bothOrders(['foreign', secretArn('foreign', 'Vv55Vv', OTHER), 'db'])) {
      const { source } = await secretsManager();
      const found = await source.read(names, context());
      expect(found.has('foreign')).toBe(false);
      expect(found.get(secretArn('foreign', 'Vv55Vv', OTHER))).toMatchObject({ value: 'foreign' });
      await source.close();
    }
  });

  it('given a name that was read, when its ARN is asked for, then they are one entry; others of the same looks are not', async () => {
    const { source } = await secretsManager();
    await source.read(['db', 'app'], context());
    expect(source.canonicalName(secretArn('db', 'Ab12Cd'))).toBe('db');
    expect(source.canonicalName(secretArn('db', ''))).toBe('db');
    expect(source.canonicalName(secretArn('app', 'secret'))).toBe('app');
    for (const arn of [
      secretArn('db', 'Zz99Zz', OTHER),
      secretArn('db', '', OTHER),
      secretArn('db', 'Yy88Yy', OWN, 'us-east-1'),
      secretArn('app-secret', 'Xx77Xx'),
    ]) {
      expect(source.canonicalName(arn)).toBe(arn);
    }
    await source.close();
  });

  it('given what EventBridge announces, when it is led to names, then the name and the ARN are among them', () => {
    const source = awsSecretsManager({ region, credentials, prefix: 'app/' });
    expect(source.namesOf(secretArn('app/db', 'Ab12Cd'))).toEqual(['db', 'db-Ab12Cd', secretArn('app/db', 'Ab12Cd')]);
    expect(source.namesOf('app/db')).toEqual(['db', 'app/db']);
    expect(awsParameterStore({ region, credentials, path: '/app' }).namesOf('/app/db')).toEqual(['db', '/app/db']);
    expect(awsParameterStore({ region, credentials }).namesOf(parameterArn('/app/db'))).toEqual(['/app/db', parameterArn('/app/db')]); // prettier-ignore
  });

  it('given a document, when its name or ARN is announced, then its fields are meant, and nothing by another', async () => {
    const stub = await startStub(() => ({ ...find('db')!, SecretString: '{"A":"a","B":"b"}' }));
    const source = awsSecretsManager({ region, credentials, endpoint: stub.url, document: 'db' });
    await source.read(['A'], context());
    expect(source.namesOf(secretArn('db', 'Ab12Cd'))).toEqual(['A', 'B']);
    expect(source.namesOf('db')).toEqual(['A', 'B']);
    expect(source.namesOf('other')).toEqual([]);
    await source.close();
  });
});

describe('names and ARNs at Parameter Store', () => {
  const expected = {
    '/app/db': 'own',
    [parameterArn('/app/db')]: 'own',
    [parameterArn('/app/db', OTHER)]: 'of the other account',
    [parameterArn('/app/db', OWN, 'us-east-1')]: 'of the other region',
    [parameterArn('/foreign', OTHER)]: 'foreign',
  };

  it('given two accounts and two regions, when read together or fetched one by one, in both orders, then each is its own parameter', async () => {
    for (const names of bothOrders([...Object.keys(expected), '/foreign'])) {
      const [one, two] = [await parameterStore(), await parameterStore()];
      expect(valuesOf(await one.source.read(names, context()))).toEqual(expected);
      const { '/foreign': missing, ...rest } = await fetched(two.source, names);
      expect(rest).toEqual(expected);
      expect(missing).toMatchObject({ code: 'SECRET_NOT_FOUND' });
    }
  });

  it('given an ARN that nobody may read, when fetched, then the error is that of the ARN', async () => {
    const stub = await startStub(() => ({ error: 'AccessDeniedException' }));
    const source = awsParameterStore({ region, credentials, endpoint: stub.url });
    const found = await source.read([parameterArn('/x', OTHER), '/x'], context());
    for (const name of [parameterArn('/x', OTHER), '/x']) {
      expect(found.get(name)).toMatchObject({ code: 'SECRET_ACCESS_DENIED', secretName: name });
    }
    await failureOf(source.exists('/x', context()));
    await source.close();
  });
});
