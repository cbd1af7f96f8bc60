import { DescribeParametersCommand, LabelParameterVersionCommand } from '@aws-sdk/client-ssm';
import { awsParameterStore } from '../../../lib/sources/aws/index.js';
import type { AwsParameterStoreOptions } from '../../../lib/sources/aws/index.js';
import { describeWith } from '../../servers/available.js';
import { startMoto, type MotoServer } from '../../servers/moto.server.js';
import { valuesOf } from '../support/hcp.js';
import { administrator, context, credentials, region, valueOf } from './aws.js';

describeWith(['moto'], 'awsParameterStore', () => {
  let moto: MotoServer;
  let aws: ReturnType<typeof administrator>;
  let runs = 0;
  let folder: string;

  beforeAll(async () => {
    moto = await startMoto();
    aws = administrator(moto.endpoint);
  }, 60_000);
  afterAll(async () => {
    aws.end();
    await moto.stop();
  });
  beforeEach(() => (folder = `/run-${++runs}/`));

  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((source) => source.close()));
  });
  const source = (options: AwsParameterStoreOptions = {}) => {
    const given = { region, credentials, endpoint: moto.endpoint, path: folder, ...options };
    const made = awsParameterStore(given as AwsParameterStoreOptions);
    opened.push(made);
    return made;
  };

  it('given 25 parameters and a missing one, when read, then tens bring what is there', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `P${index}`);
    for (const name of names) await aws.parameter(folder + name, name);
    const found = await source().read([...names, 'MISSING'], context());
    expect([...found.keys()].sort()).toEqual([...names].sort());
    expect([...(await source().readAll!(context())).keys()].sort()).toEqual([...names].sort());
  });

  it('given the three types, when read, then SecureStrings are decrypted, lists are lists, and digits stay text', async () => {
    await aws.parameter(`${folder}secure`, '{"a":1}');
    await aws.parameter(`${folder}list`, 'a,b', { Type: 'StringList' });
    await aws.parameter(`${folder}text`, '5432', { Type: 'String' });
    const read = async (options?: AwsParameterStoreOptions) =>
      Promise.all(['secure', 'list', 'text'].map((name) => valueOf(source(options), name)));
    expect(await read()).toEqual([{ a: 1 }, ['a', 'b'], '5432']);
    expect(await read({ json: false })).toEqual(['{"a":1}', 'a,b', '5432']);
    expect((await read({ withDecryption: false }))[0]).not.toEqual({ a: 1 });
  });

  it('given versions and labels, when read by them, then each comes, side by side', async () => {
    await aws.parameter(`${folder}KEY`, 'one');
    await aws.parameter(`${folder}KEY`, 'two');
    await aws.parameters.send(
      new LabelParameterVersionCommand({ Name: `${folder}KEY`, ParameterVersion: 1, Labels: ['stable'] }),
    );
    const all = source();
    expect([await valueOf(all, 'KEY'), await valueOf(all, 'KEY', '1'), await valueOf(all, 'KEY', 'stable')]).toEqual([
      'two',
      'one',
      'one',
    ]);
    expect([await valueOf(all, 'KEY', '9'), await valueOf(all, 'KEY', 'odd name:')]).toEqual([undefined, undefined]);
    expect((await all.read(['KEY'], context())).get('KEY')).toMatchObject({ version: '2' });
    expect(all.previousVersion('2')).toBe('1');
  });

  it('given folders, when read by path, then what lies below comes, and siblings don’t', async () => {
    for (const name of ['db/user', 'db/deep/er', 'dbx', 'top']) await aws.parameter(folder + name, name);
    const all = source();
    expect([...(await all.readPath('db', context())).keys()].sort()).toEqual(['db/deep/er', 'db/user']);
    expect([...(await all.readPath(`${folder}db/`, context())).keys()].sort()).toEqual(['db/deep/er', 'db/user']);
    expect([...(await source({ path: undefined }).readPath(`${folder}db`, context())).keys()].sort()).toEqual([
      `${folder}db/deep/er`,
      `${folder}db/user`,
    ]);
    expect([...(await source({ prefix: 'db/' }).readAll!(context())).keys()].sort()).toEqual(['deep/er', 'user']);
    expect(source({ path: undefined }).readAll).toBeUndefined();
  });

  it('given a folder, when looked for, then it exists as a parameter does, and the beginning of a name does not', async () => {
    await aws.parameter(`${folder}db/user`, 'u');
    const all = source();
    const exist = await Promise.all(
      ['db', 'db/user', 'd', 'db/us', 'db/user/x'].map((name) => all.exists(name, context())),
    );
    expect(exist).toEqual([true, true, false, false, false]);
  });

  it('given a secret of Secrets Manager, when referred to, then paths lead into its JSON, past empty and false values', async () => {
    await aws.create(
      `refs-${runs}/app`,
      '{"db":{"password":"pw","port":5432,"empty":"","off":false,"nothing":null},"text":"{\\"inner\\":\\"i\\"}"}',
    );
    const root = `/aws/reference/secretsmanager/refs-${runs}/app`;
    const all = source();
    const read = (path: string) => valueOf(all, `${root}${path}`);
    expect(await read('/db/password')).toBe('pw');
    expect((await all.read([root], context())).get(root)).not.toMatchObject({ version: '0' });
    expect(await read('/db/port')).toBe('5432');
    expect(await read('/db/empty')).toBe('');
    expect(await read('/db/off')).toBe('false');
    expect(await read('/text/inner')).toBe('i');
    expect(await read('/db')).toMatchObject({ password: 'pw' });
    expect(await read('')).toMatchObject({ db: { port: 5432 } });
    expect([await read('/db/nothing'), await read('/db/missing'), await read('/db/password/deeper')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    await expect(all.write(`${root}/db`, 'x', context())).rejects.toMatchObject({ code: 'SECRET_SOURCE_READ_ONLY' });
  });

  it('given numbers in the JSON of a secret that is referred to, when read, then they are the texts that are there, and large ones take nothing away', async () => {
    const json =
      '{"price":1.50,"large":1e21,"id":12345678901234567890,"a.b":"dotted","list":[{"x":true}],"in":{"price":2.10}}';
    await aws.create(`refs-${runs}/numbers`, json);
    const all = source();
    const read = (path: string) => valueOf(all, `/aws/reference/secretsmanager/refs-${runs}/numbers/${path}`);
    const paths = ['price', 'large', 'id', 'a.b', 'list/0/x', 'in/price', 'list/1', 'toString'];
    expect(await Promise.all(paths.map(read))).toEqual([
      '1.50',
      '1e21',
      '12345678901234567890',
      'dotted',
      'true',
      '2.10',
      undefined,
      undefined,
    ]);
  });

  it('given a write that says `create`, when what is missing is written, then it is a SecureString, and so is a document', async () => {
    const [all, document] = [source(), source({ document: 'app' })];
    const create = { ...context(), create: true };
    await all.write('made', 'text', create);
    await Promise.all(['A', 'B'].map((name) => document.write(name, name.toLowerCase(), create)));
    expect([await valueOf(all, 'made'), await valueOf(document, 'A'), await valueOf(document, 'B')]).toEqual(['text', 'a', 'b']); // prettier-ignore
    expect(['A_b', 'a/b.c-d'].map((name) => all.newNameRefusal(name))).toEqual([undefined, undefined]);
    expect(['A B', 'a//b', '/aws/x'].filter((name) => !all.newNameRefusal(name))).toEqual([]);
  });

  it('given a parameter that is there in clear text, when a write says `create`, then it is refused, as a secret is to be a SecureString', async () => {
    await aws.parameter(`${folder}clear`, 'before', { Type: 'String' });
    const all = source();
    const writing = all.write('clear', 'canary-clear', { ...context(), create: true });
    await expect(writing).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    await writing.catch((error: Error) => expect(error.message).not.toContain('canary'));
    expect(await valueOf(all, 'clear')).toBe('before');
    await all.write('clear', 'after', context());
    expect(await valueOf(all, 'clear')).toBe('after');
  });

  it('given type, tier, key and description, when written, then they stay; and a missing one becomes a SecureString where that is wanted, and is refused else', async () => {
    await aws.parameter(`${folder}KEY`, 'v1', { Description: 'words', Tier: 'Advanced', KeyId: 'alias/mine' });
    await aws.parameter(`${folder}list`, 'a,b', { Type: 'StringList' });
    const all = source({ createIfMissing: true });
    const refusal = { code: 'SECRET_NOT_FOUND', advice: expect.stringContaining('createIfMissing') as string };
    await expect(source().write('new', 'created', context())).rejects.toMatchObject(refusal);
    await all.write('KEY', { a: 1 }, context());
    await all.write('list', ['c', 'd'], context());
    await all.write('new', 'created', context());
    expect([await valueOf(all, 'KEY'), await valueOf(all, 'list'), await valueOf(all, 'new')]).toEqual([
      { a: 1 },
      ['c', 'd'],
      'created',
    ]);
    const about = async (name: string) => {
      const filter = { Key: 'Name', Option: 'Equals', Values: [folder + name] };
      const { Parameters } = await aws.parameters.send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
      return Parameters![0];
    };
    expect(await about('KEY')).toMatchObject({
      Type: 'SecureString',
      Description: 'words',
      Tier: 'Advanced',
      KeyId: 'alias/mine',
      Version: 2,
    });
    expect(await about('list')).toMatchObject({ Type: 'StringList' });
    expect(await about('new')).toMatchObject({ Type: 'SecureString' });
    await expect(all.write('list', ['a,b'], context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    await expect(all.write('KEY', Uint8Array.of(1), context())).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
  });

  it('given a document, when read and written, then its fields are secrets', async () => {
    await aws.parameter(`${folder}app`, '{"A":"a","B":{"c":1}}');
    const document = source({ document: 'app' });
    await document.write('A', 'changed', context());
    expect([await valueOf(document, 'A'), await valueOf(document, 'B'), await valueOf(document, 'A', '1')]).toEqual([
      'changed',
      { c: 1 },
      'a',
    ]);
    expect(await document.list(undefined, context())).toEqual(['B', 'A']);
    const all = await document.readAll!(context());
    for (const name of ['A', 'B']) expect(all.get(name)).toMatchObject({ version: '2', versionKind: 'source' });
    expect(document.previousVersion('2')).toBe('1');
  });

  it('given a document that is not there, when read or looked into, then that fails as a whole, unless it is optional', async () => {
    const missing = source({ document: 'no-such' });
    for (const call of [missing.read(['A'], context()), missing.readAll!(context()), missing.exists('A', context())]) {
      await expect(call).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    }
    const optional = source({ document: 'no-such', optional: true });
    expect((await optional.read(['A'], context())).size).toBe(0);
    expect((await optional.readAll!(context())).size).toBe(0);
    expect(await optional.exists('A', context())).toBe(false);
  });

  it('given parameters of which one holds what nobody can take, when read, in bulk too, then that is its error alone', async () => {
    await aws.parameter(`${folder}A`, 'a');
    await aws.parameter(`${folder}BAD`, '{"n":1e999}');
    const all = source();
    const expected = { A: 'a', BAD: 'SECRET_CONFIGURATION' };
    const refused = { 'A\ud800': 'SECRET_NOT_FOUND' };
    expect(valuesOf(await all.read(['A', 'BAD', 'A\ud800'], context()))).toEqual({ ...expected, ...refused });
    expect(valuesOf(await all.readAll!(context()))).toEqual(expected);
    expect(valuesOf(await source({ json: false }).readAll!(context()))).toEqual({ A: 'a', BAD: '{"n":1e999}' });
  });

  it('given the ARN of a parameter, when an answer has said that it is that name, then it is spelled so, and not before', async () => {
    await aws.parameter(`${folder}db`, 'v');
    const own = source();
    const arn = (at: string): string => `arn:aws:ssm:${at}:123456789012:parameter${folder}db`;
    expect(own.canonicalName(arn(region))).toBe(arn(region));
    expect(await valueOf(own, 'db')).toBe('v');
    expect(own.canonicalName(arn(region))).toBe('db');
    expect(own.canonicalName(arn('us-east-1'))).toBe(arn('us-east-1'));
  });

  it('given a name that chooses a version, when asked for, then it is told how to ask for it', async () => {
    await aws.parameter(`${folder}db`, 'v');
    const own = source();
    for (const work of [valueOf(own, 'db:1'), own.exists('db:1', context()), own.write('db:1', 'x', context())]) {
      await expect(work).rejects.toMatchObject({
        code: 'SECRET_CONFIGURATION',
        message: expect.stringContaining("version: '1'"),
      });
    }
    expect(await valueOf(own, 'db', '1')).toBe('v');
  });
});
