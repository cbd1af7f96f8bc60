import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { failureOf, valuesOf } from '../support/hcp.js';
import { stopServers } from '../support/server.js';
import { context, credentials, region } from './aws.js';
import { startStub, valueOf } from './stub.js';

afterEach(stopServers);

const parameterOf = (Name: string) => ({ Name, Value: `of ${Name}`, Version: 1, Type: 'String' });

/** AWS that has every secret and parameter it is asked for. */
const everything = () =>
  startStub(({ operation, input }) => {
    if (operation === 'GetParameters') {
      return { Parameters: input.Names.map(parameterOf) };
    }
    if (operation === 'BatchGetSecretValue') return { SecretValues: input.SecretIdList.map((id) => valueOf(id, `of ${id}`)) };
    return valueOf(input.SecretId, `of ${input.SecretId}`);
  }); // prettier-ignore

const ODD = ['with space', 'ключ', 'a%2fb', 'a\\b', 'a#b', 'x'.repeat(1012)];
const UNSAFE = ['a\nb', '\u001b[2J', 'a\0', 'x'.repeat(4097)];

describe('names at AWS', () => {
  it('given names of services, dots and slashes, when read, then AWS is asked for them as they stand', async () => {
    const stub = await everything();
    const source = awsSecretsManager({ region, credentials, endpoint: stub.url });
    const names = ['rds!cluster-5a1e', 'redshift!x', 'events!connection/a/b', 'a/../b', '..', 'a+b=c', 'mail@host'];
    const expected = Object.fromEntries(names.map((name) => [name, `of ${name}`]));
    expect(valuesOf(await source.read(names, context()))).toEqual(expected);
    expect(stub.requests[0]!.input.SecretIdList).toEqual(names);
    const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-5a1e-Ab12Cd';
    expect(valuesOf(await source.read([arn], context()))).toEqual({ [arn]: `of ${arn}` });
    await source.close();
  });

  it('given references to secrets of services, when read, then Parameter Store is asked for them', async () => {
    const stub = await everything();
    const source = awsParameterStore({ region, credentials, endpoint: stub.url });
    const name = '/aws/reference/secretsmanager/rds!cluster-5a1e';
    expect(valuesOf(await source.read([name], context()))).toEqual({ [name]: `of ${name}` });
    await source.close();
  });

  it.each([
    ['Secrets Manager', awsSecretsManager],
    ['Parameter Store', awsParameterStore],
  ])(
    'given what %s hardly has names of, when read beside others, then each is asked for by itself, and AWS says that it is not there',
    async (_, make) => {
      const stub = await startStub(({ operation, input }) => {
        const ids =
          operation === 'GetParameters' ? input.Names : (input.SecretIdList ?? [input.SecretId ?? input.Name]);
        if (ids.some((id) => ODD.includes(id))) return { error: 'ValidationException' };
        if (operation === 'GetParameters') return { Parameters: ids.map(parameterOf) };
        if (operation === 'BatchGetSecretValue') return { SecretValues: ids.map((id) => valueOf(id, `of ${id}`)) };
        return valueOf(input.SecretId, `of ${input.SecretId}`);
      });
      const source = make({ region, credentials, endpoint: stub.url });
      const found = await source.read(['KEY', 'OTHER', ...ODD], context());
      expect(valuesOf(found)).toEqual({ KEY: 'of KEY', OTHER: 'of OTHER' });
      for (const { input } of stub.requests) {
        const asked = input.Names ?? input.SecretIdList ?? [input.SecretId];
        expect(asked.length === 1 || asked.join() === 'KEY,OTHER').toBe(true);
      }
      await source.close();
    },
  );

  it.each([
    ['Secrets Manager', awsSecretsManager],
    ['Parameter Store', awsParameterStore],
  ])('given what can be no name at all, when %s is asked, then each says why, unsent', async (_, make) => {
    const stub = await everything();
    const source = make({ region, credentials, endpoint: stub.url });
    const found = await source.read(['KEY', '', ...UNSAFE], context());
    expect(found.get('KEY')).toMatchObject({ value: 'of KEY' });
    expect(found.get('')).toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(await source.exists('', context())).toBe(false);
    for (const name of UNSAFE) expect(found.get(name)).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    for (const name of ['', ...UNSAFE]) await failureOf(source.write(name, 'x', context()));
    for (const { input } of stub.requests) expect(input.Names ?? [input.SecretId]).toEqual(['KEY']);
    await source.close();
  });
});
