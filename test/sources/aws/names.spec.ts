import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { failureOf, valuesOf } from '../support/hcp.js';
import { stopServers } from '../support/server.js';
import { context, credentials, region } from './aws.js';
import { startStub, valueOf } from './stub.js';

afterEach(stopServers);

/** AWS that has every secret and parameter it is asked for. */
const everything = () =>
  startStub(({ operation, input }) => {
    if (operation === 'GetParameters') {
      return { Parameters: input.Names.map((Name) => ({ Name, Value: `of ${Name}`, Version: 1, Type: 'String' })) };
    }
    if (operation === 'BatchGetSecretValue') return { SecretValues: input.SecretIdList.map((id) => valueOf(id, `of ${id}`)) };
    return valueOf(input.SecretId, `of ${input.SecretId}`);
  }); // prettier-ignore

const REFUSED = ['with space', 'ключ', 'a%2fb', 'a\\b', 'a:b', 'a#b', '', 'x'.repeat(1012)];
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
  ])('given what %s has no names of, when read beside one that is there, then each says why, unsent', async (_, make) => {
    const stub = await everything();
    const source = make({ region, credentials, endpoint: stub.url });
    const found = await source.read(['KEY', ...REFUSED, ...UNSAFE], context());
    expect(found.get('KEY')).toMatchObject({ value: 'of KEY' });
    for (const name of REFUSED) {
      expect(found.get(name)).toMatchObject({ code: 'SECRET_NOT_FOUND', message: expect.stringContaining('AWS allows') });
      expect(await source.exists(name, context())).toBe(false);
    }
    for (const name of UNSAFE) expect(found.get(name)).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    for (const name of [...REFUSED, ...UNSAFE]) await failureOf(source.write(name, 'x', context()));
    for (const { input } of stub.requests) expect(input.Names ?? [input.SecretId]).toEqual(['KEY']);
    await source.close();
  }); // prettier-ignore
});
