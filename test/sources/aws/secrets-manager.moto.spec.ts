import { jest } from '@jest/globals';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { firstOf } from '../../../lib/sources/first-of/index.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import type { AwsSecretsManagerOptions } from '../../../lib/sources/aws/index.js';
import { describeWith } from '../../servers/available.js';
import { startMoto, type MotoServer } from '../../servers/moto.server.js';
import { valuesOf } from '../support/hcp.js';
import { taken } from '../support/taken.js';
import { administrator, context, credentials, region, valueOf } from './aws.js';

describeWith(['moto'], 'awsSecretsManager', () => {
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
  beforeEach(() => (folder = `run-${++runs}/`));

  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((source) => source.close()));
  });
  const source = (options: AwsSecretsManagerOptions = {}) => {
    const made = awsSecretsManager({
      region,
      credentials,
      endpoint: moto.endpoint,
      prefix: folder,
      ...options,
    } as AwsSecretsManagerOptions);
    opened.push(made);
    return made;
  };

  it('given 45 secrets and missing ones, when read, then three batches bring what is there', async () => {
    const names = Array.from({ length: 45 }, (_, index) => `S${index}`);
    for (const name of names) await aws.create(folder + name, `value of ${name}`);
    const found = await source().read([...names, 'MISSING'], context());
    expect([...found.keys()].sort()).toEqual([...names].sort());
    for (const name of names) expect(found.get(name)).toMatchObject({ value: `value of ${name}` });
  });

  it('given JSON, digits, a scalar and a number that no double holds, when read, then documents alone are parsed', async () => {
    const texts = {
      object: '{"a":{"b":0}}',
      array: '[1]',
      digits: '007',
      scalar: 'true',
      broken: '{"a"',
      long: '{"id":12345678901234567890}',
    };
    for (const [name, text] of Object.entries(texts)) await aws.create(folder + name, text);
    const read = async (json: boolean) =>
      Object.fromEntries(
        await Promise.all(
          Object.keys(texts).map(async (name) => [name, await valueOf(source({ json }), name)] as const),
        ),
      );
    expect(await read(true)).toEqual({ ...texts, object: { a: { b: 0 } }, array: [1] });
    expect(await read(false)).toEqual(texts);
  });

  it('given two versions, when read by stage and by ID, then each comes, side by side', async () => {
    const { VersionId } = await aws.create(`${folder}KEY`, 'old');
    await aws.rotate(`${folder}KEY`, 'new');
    const all = source();
    expect(await valueOf(all, 'KEY')).toBe('new');
    expect(await valueOf(all, 'KEY', 'AWSPREVIOUS')).toBe('old');
    expect(await valueOf(all, 'KEY', VersionId)).toBe('old');
    expect(await valueOf(all, 'KEY', 'AWSPENDING')).toBeUndefined();
    expect(await valueOf(all, 'KEY', '00000000-0000-4000-8000-000000000000')).toBeUndefined();
    expect(await valueOf(source({ versionStage: 'AWSPREVIOUS' }), 'KEY')).toBe('old');
  });

  it('given a version ID that is not a UUID, as Terraform makes them, when read by it, then it comes', async () => {
    await aws.create(`${folder}KEY`, 'first');
    const token = 'terraform-20260101000000000000000001';
    await aws.secrets.send(
      new PutSecretValueCommand({ SecretId: `${folder}KEY`, SecretString: 'second', ClientRequestToken: token }),
    );
    await aws.rotate(`${folder}KEY`, 'third');
    expect(await valueOf(source(), 'KEY', token)).toBe('second');
  });

  it('given a rotation with an overlap, when a new process starts, then it accepts the previous value as well', async () => {
    await aws.create(`${folder}KEY`, 'old');
    await aws.rotate(`${folder}KEY`, 'new');
    const runtime = new SecretRuntime({ source: source(), overlap: '1h' });
    const client = new HcpVaultClient(runtime);
    const ref = client.ref('KEY', { overlap: '1h' });
    await runtime.bootstrap([{ name: 'KEY', need: 'required' }], 'decorated');
    expect(ref.accepted).toEqual(['new', 'old']);
    await runtime.shutdown();
  });

  it('given a name and an ARN of one secret, when fetched by both, then they are one entry', async () => {
    const { ARN } = await aws.create(`${folder}KEY`, 'v');
    const runtime = new SecretRuntime({ source: source() });
    const client = new HcpVaultClient(runtime);
    expect([
      await client.fetch('KEY'),
      await client.fetch(ARN!),
      await client.fetch(ARN!.replace(/-\w{6}$/, '')),
    ]).toEqual(['v', 'v', 'v']);
    expect(client.status()).toHaveLength(1);
    await runtime.shutdown();
  });

  it('given names outside the prefix, when they begin with a slash or are ARNs, then they are taken as they stand', async () => {
    await aws.create(`/absolute-${runs}`, 'slash');
    const { ARN } = await aws.create(`elsewhere-${runs}`, 'arn');
    expect(await valueOf(source(), `/absolute-${runs}`)).toBe('slash');
    expect(await valueOf(source(), ARN!)).toBe('arn');
    expect(await valueOf(source(), `elsewhere-${runs}`)).toBeUndefined();
  });

  it('given a prefix, when all are read, by path too, then what lies below comes by the names that fetch takes', async () => {
    for (const name of ['db/user', 'db/password', 'db-other', 'top']) await aws.create(folder + name, name);
    await aws.create(`${folder.slice(0, -1)}-sibling`, 'no');
    const all = source();
    expect([...(await all.readAll!(context())).keys()].sort()).toEqual(['db-other', 'db/password', 'db/user', 'top']);
    for (const path of ['db', 'db/']) {
      expect([...(await all.readPath(path, context())).keys()].sort()).toEqual(['db/password', 'db/user']);
    }
    expect(await all.list('db', context())).toHaveLength(3);
    expect(source({ prefix: undefined }).readAll).toBeUndefined();
  });

  it('given a document, when read, then its fields are secrets, with the document’s version', async () => {
    await aws.create(`${folder}app`, '{"A":"a","N":5432,"B":false,"Z":null,"O":{"x":1},"__proto__":"p"}');
    const document = source({ document: 'app' });
    const before = await document.readAll!(context());
    expect(valuesOf(before)).toEqual(
      Object.fromEntries([
        ['A', 'a'],
        ['N', '5432'],
        ['B', 'false'],
        ['O', { x: 1 }],
        ['__proto__', 'p'],
      ]),
    );
    await document.write('A', 'changed', context());
    const after = await document.readAll!(context());
    expect(after.get('A')).toMatchObject({ value: 'changed' });
    // All fields show the document's version, so that replicas agree; values decide what is a rotation.
    const shown = taken(after.get('A')).version;
    expect(shown).not.toBe(taken(before.get('A')).version);
    for (const name of ['N', 'O', '__proto__']) {
      expect(taken(after.get(name))).toMatchObject({ version: shown, versionKind: 'source' });
      expect(taken(after.get(name)).value).toEqual(taken(before.get(name)).value);
    }
    expect(await document.list('A', context())).toEqual(['A']);
    expect([await document.exists('A', context()), await document.exists('Z', context())]).toEqual([true, false]);
    expect(await valueOf(document, 'A', 'AWSPREVIOUS')).toBe('a');
  });

  it('given a document that is not there, when asked for anything, then the reading fails as a whole, unless it is optional', async () => {
    const missing = source({ document: 'no-such' });
    const calls: Promise<unknown>[] = [
      missing.read(['A'], context()),
      missing.readAll!(context()),
      missing.readPath('', context()),
      missing.exists('A', context()),
      missing.list(undefined, context()),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    const optional = source({ document: 'no-such', optional: true });
    expect([missing.optional, optional.optional]).toEqual([false, true]);
    expect((await optional.read(['A'], context())).size).toBe(0);
    expect((await optional.readAll!(context())).size).toBe(0);
    expect(await optional.exists('A', context())).toBe(false);
    expect(await optional.list(undefined, context())).toEqual([]);
    await expect(optional.write('A', 'a', context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  it('given a document that is deleted while the app runs, when refreshed behind firstOf, then its values stay, and a start without it fails', async () => {
    await aws.create(`${folder}app`, '{"A":"document"}');
    const all = firstOf(source({ document: 'app' }), memorySource({ A: 'fallback' }));
    const runtime = new SecretRuntime({ source: all });
    const client = new HcpVaultClient(runtime);
    await runtime.bootstrap([{ name: 'A', need: 'required' }], 'decorated');
    await aws.remove(`${folder}app`);
    expect((await client.refresh()).failed).toMatchObject([{ name: 'A', error: { code: 'SECRET_NOT_FOUND' } }]);
    expect(client.get('A')).toBe('document');
    await runtime.shutdown();

    const again = new SecretRuntime({ source: firstOf(source({ document: 'app' }), memorySource({ A: 'fallback' })) });
    await expect(again.bootstrap([{ name: 'A', need: 'required' }], 'decorated')).rejects.toMatchObject({
      code: 'SECRET_BOOTSTRAP',
    });
    await again.shutdown();
    const optional = source({ document: 'app', optional: true });
    expect(await valueOf(firstOf(optional, memorySource({ A: 'fallback' })), 'A')).toBe('fallback');
  });

  it('given a document with fields that nobody can take, when read, in bulk too, then these are errors, and numbers are as written', async () => {
    const deep = '['.repeat(300) + ']'.repeat(300);
    const text = `{"A":"a","BAD":{"n":1e999},"DEEP":${deep},"N":1.50,"HUGE":1e999,"ID":12345678901234567890}`;
    await aws.create(`${folder}app`, text);
    const document = source({ document: 'app' });
    const expected = {
      A: 'a',
      BAD: 'SECRET_CONFIGURATION',
      DEEP: 'SECRET_CONFIGURATION',
      N: '1.50',
      HUGE: '1e999',
      ID: '12345678901234567890',
    };
    expect(valuesOf(await document.read(Object.keys(expected), context()))).toEqual(expected);
    expect(valuesOf(await document.readAll!(context()))).toEqual(expected);
    await document.write('A', 'changed', context());
    expect(valuesOf(await document.readAll!(context()))).toEqual({ ...expected, A: 'changed' });
    expect((await aws.secrets.send(new GetSecretValueCommand({ SecretId: `${folder}app` }))).SecretString).toContain(
      '"N":1.50,"HUGE":1e999',
    );
  });

  it('given text and binary secrets, when written, then each keeps its kind and its KMS key', async () => {
    await aws.create(`${folder}text`, 'v1');
    await aws.create(`${folder}bytes`, Uint8Array.of(255, 0));
    await aws.secrets.send(new UpdateSecretCommand({ SecretId: `${folder}text`, KmsKeyId: 'alias/mine' }));
    const all = source();
    await all.write('text', { a: [1] }, context());
    await all.write('bytes', 'as bytes', context());
    const get = (name: string) => aws.secrets.send(new GetSecretValueCommand({ SecretId: folder + name }));
    expect((await get('text')).SecretString).toBe('{"a":[1]}');
    expect(Buffer.from((await get('bytes')).SecretBinary!).toString()).toBe('as bytes');
    const described = await aws.secrets.send(new DescribeSecretCommand({ SecretId: `${folder}text` }));
    expect(described.KmsKeyId).toBe('alias/mine');
    await all.write('text', new TextEncoder().encode('ü'), context());
    expect((await get('text')).SecretString).toBe('ü');
    const refused = all.write('text', Uint8Array.of(255), context());
    await expect(refused).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: 'text' });
    const refusal = { code: 'SECRET_NOT_FOUND', advice: expect.stringContaining('createIfMissing') as string };
    await expect(all.write('missing', 'x', context())).rejects.toMatchObject(refusal);
  });

  it('given `createIfMissing`, when a missing secret is written, then it is created, text and bytes; a missing document is not', async () => {
    const all = source({ createIfMissing: true });
    await all.write('made', { a: 1 }, context());
    await all.write('bytes', Uint8Array.of(255), context());
    await all.write('made', 'again', context());
    expect([await valueOf(all, 'made'), await valueOf(all, 'bytes')]).toEqual(['again', Uint8Array.of(255)]);
    const document = source({ createIfMissing: true, document: 'none' });
    await expect(document.write('A', 'a', context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  it('given a write that says `create`, when what is missing is written, then it is created, a document too; and without it nothing is', async () => {
    const [all, document] = [source(), source({ document: 'app' })];
    const create = { ...context(), create: true };
    await all.write('made', 'text', create);
    await Promise.all(['A', 'B', 'C'].map((name) => document.write(name, name.toLowerCase(), create)));
    expect(await valueOf(all, 'made')).toBe('text');
    expect([await valueOf(document, 'A'), await valueOf(document, 'B'), await valueOf(document, 'C')]).toEqual(['a', 'b', 'c']); // prettier-ignore
    await expect(source().write('none', 'x', context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(all.newNameRefusal('app/A_b-c.d@e')).toBeUndefined();
    expect(all.newNameRefusal('app A')?.message).toMatch(/new ones have letters, digits/);
  });

  it('given a secret that is marked for deletion, when read, then it is not there; and when restored, it is', async () => {
    await aws.create(`${folder}KEY`, 'v');
    const { DeleteSecretCommand, RestoreSecretCommand } = await import('@aws-sdk/client-secrets-manager');
    await aws.secrets.send(new DeleteSecretCommand({ SecretId: `${folder}KEY` }));
    const all = source();
    expect(await valueOf(all, 'KEY')).toBeUndefined();
    expect((await all.read(['KEY', 'OTHER'], context())).size).toBe(0);
    expect(await all.exists('KEY', context())).toBe(false);
    expect(await all.list(undefined, context())).toEqual([]);
    await aws.secrets.send(new RestoreSecretCommand({ SecretId: `${folder}KEY` }));
    expect(await valueOf(all, 'KEY')).toBe('v');
    expect(await all.exists('KEY', context())).toBe(true);
  });

  it('given a stage that moves to the same version, when refreshed, then that is not a rotation', async () => {
    await aws.create(`${folder}KEY`, 'v1');
    const runtime = new SecretRuntime({ source: source() });
    const client = new HcpVaultClient(runtime);
    await client.fetch('KEY');
    expect(await client.refresh('KEY')).toMatchObject({ changed: [], unchanged: ['KEY'] });
    await client.update('KEY', 'v2');
    expect(client.get('KEY')).toBe('v2');
    await runtime.shutdown();
  });

  it('given a role of another account, when its source reads, then it sees that account’s secrets, and not ours', async () => {
    await aws.create(`${folder}KEY`, 'ours');
    const roleArn = 'arn:aws:iam::111111111111:role/reader';
    const theirs = source({ assumeRole: { roleArn, endpoint: moto.endpoint } });
    expect(await valueOf(theirs, 'KEY')).toBeUndefined();
    expect(await theirs.list(undefined, context())).toEqual([]);
    expect(await valueOf(source(), 'KEY')).toBe('ours');
  });

  it('given a client of one’s own, when the source is closed, then that is left open', async () => {
    await aws.create(`${folder}KEY`, 'v');
    const own = new SecretsManagerClient({ region, credentials, endpoint: moto.endpoint });
    const destroy = jest.spyOn(own, 'destroy');
    const made = awsSecretsManager({ client: own, prefix: folder });
    expect(await valueOf(made, 'KEY')).toBe('v');
    await made.close();
    expect(destroy).not.toHaveBeenCalled();
    expect(await valueOf(made, 'KEY')).toBe('v');
    own.destroy();
  });
});
