import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { ConfigModule, registerAs } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import {
  envSource,
  firstOf,
  getClientToken,
  getSecretSourceToken,
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  hcpVaultSecrets,
  InjectHcpVaultClient,
  InjectSecret,
  InjectSecretField,
  isSecretError,
  memorySource,
  OnSecretRotated,
  registerSecrets,
  rotatingProvider,
  type SecretError,
} from 'nestjs-hcp-vault';
import { awsSecretsManager } from 'nestjs-hcp-vault/aws';
import { HcpVaultTestingModule } from 'nestjs-hcp-vault/testing';
import { appRole, databaseCredentials, kubernetes, kv, token, vault, VaultClient } from 'nestjs-hcp-vault/vault';
import ts from 'typescript';
import { z } from 'zod';
import { NeededOption, OptionGroup } from '../../lib/core/options/option-kinds.js';
import { CapturedLogger } from '../support/captured-logger.js';
import type { OptionTaker } from './fixtures/option-takers.js';
import { takers } from './fixtures/option-takers.js';

type Bag = Readonly<Record<string, unknown>>;

/** What a call was refused with; a text where it was not. */
async function refusal(call: () => unknown): Promise<SecretError | string> {
  try {
    await call();
    return 'accepted';
  } catch (error) {
    return isSecretError(error) ? error : `no error of ours: ${String(error)}`;
  }
}

const VALUE = 'canary-of-a-bad-option';

/** A value that an option of this kind can't have. */
function wrongFor(kind: unknown): unknown {
  if (kind instanceof OptionGroup || Array.isArray(kind) || kind === 'number' || kind === 'texts') return VALUE;
  if (kind === 'boolean' || kind === 'function' || kind === 'duration' || kind === 'duration or forever') return VALUE;
  return kind === 'text' ? { value: VALUE } : undefined;
}

/** The options that a list declares, those within others too. */
function* declared(kinds: Bag, path: readonly string[] = []): Iterable<[path: readonly string[], kind: unknown]> {
  for (const [name, entry] of Object.entries(kinds)) {
    const kind = entry instanceof NeededOption ? entry.kind : entry;
    yield [[...path, name], kind];
    if (kind instanceof OptionGroup) yield* declared(kind.kinds as Bag, [...path, name]);
  }
}

/** Good options, with one set at a path. */
function withOption(good: Bag, [name, ...rest]: readonly string[], value: unknown): Bag {
  const there = good[name!];
  const inner = typeof there === 'object' && there !== null ? (there as Bag) : {};
  return { ...good, [name!]: rest.length === 0 ? value : withOption(inner, rest, value) };
}

/** With its last two letters exchanged, as hurried fingers do. */
const misspelt = (name: string): string => name.replace(/(.)(.)$/, '$2$1').replace(/^(.)$/, '$1$1');

interface BadInput {
  readonly title: string;
  readonly call: () => unknown;
  /** What the error names. */
  readonly names: readonly string[];
}

function* badInputsOf({ kinds, taker, good, call, within, accepts = [] }: OptionTaker): Iterable<BadInput> {
  const at = (path: readonly string[]): string => `"${[...(within ? [within] : []), ...path].join('.')}"`;
  const calling = (options: unknown) => () => call(options as never);
  for (const [path, kind] of declared(kinds)) {
    const last = path.at(-1)!;
    const wrong = [...path.slice(0, -1), misspelt(last) === last ? `${last}${last.at(-1)}` : misspelt(last)];
    yield { title: `${taker}: ${wrong.join('.')}`, call: calling(withOption(good, wrong, true)), names: [taker, 'Did you mean', at(path)] };
    const value = wrongFor(kind);
    if (value === undefined) continue;
    yield { title: `${taker}: ${path.join('.')} of another kind`, call: calling(withOption(good, path, value)), names: [taker, at(path)] };
    yield { title: `${taker}: null as ${path.join('.')}`, call: calling(withOption(good, path, null)), names: [taker, at(path)] };
  }
  for (const [name, kind] of Object.entries(kinds)) {
    if (!(kind instanceof NeededOption)) continue;
    const { [name]: _, ...others } = good;
    yield { title: `${taker}: without ${name}`, call: calling(others), names: [taker, name] };
  }
  for (const [what, options] of [['text', VALUE], ['null', null], ['a list', [VALUE]], ['a Promise', Promise.resolve(good)], ['a Map', new Map(Object.entries(good))], ['a number', 5]] as const) {
    if (!accepts.includes(what)) yield { title: `${taker}: ${what} in place of options`, call: calling(options), names: [taker] };
  }
  const first = Object.keys(kinds)[0]!;
  const { [first]: value = VALUE, ...own } = good;
  if (accepts.includes('inherited')) return;
  yield {
    title: `${taker}: options that are inherited`,
    call: calling(Object.create({ [first]: value })),
    names: [taker],
  };
  if (Object.keys(own).length === 0) return;
  yield {
    title: `${taker}: one that is inherited, beside others`,
    call: calling(Object.assign(Object.create({ [first]: value }) as object, own)),
    names: [taker, at([first])],
  };
} // prettier-ignore

const sourceFiles = (): string[] =>
  readdirSync('lib', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('lib', file));

/** Types of parameters that are options, by name, each with a function that takes it. Requests to Vault's API are taken as Vault takes them. */
function typesOfOptions(entries: readonly string[]): Map<string, string> {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson((config as { compilerOptions: object }).compilerOptions, '.');
  const files = entries.map((entry) => `lib/${entry}.ts`);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const taken = new Map<string, string>();
  const note = (type: ts.Type, where: string): void => {
    const signatures = [...type.getCallSignatures(), ...type.getConstructSignatures()];
    for (const parameter of signatures.flatMap((signature) => signature.getParameters())) {
      const given = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
      for (const part of given.isIntersection() && !given.aliasSymbol ? given.types : [given]) {
        const name = (part.aliasSymbol ?? part.symbol)?.name;
        const isFunction = part.getCallSignatures().length > 0;
        if (name !== undefined && !isFunction && /(?:Options?|Login|Fault)$/.test(name)) taken.set(name, where);
      }
    }
  };
  const noteMembers = (type: ts.Type, where: string, depth: number): void => {
    for (const member of type.getProperties().filter(({ name }) => !name.includes('#'))) {
      const of = checker.getTypeOfSymbol(member);
      const place = `${where}.${member.name}`;
      note(of, place);
      // The calls of Vault's API stand in objects of their own, as `kv.v2` does.
      const isObject = (of.flags & ts.TypeFlags.Object) !== 0 && of.getCallSignatures().length === 0;
      const isGroup = isObject && where.startsWith('VaultClient') && depth < 3;
      if (isGroup) noteMembers(of, place, depth + 1);
    }
  };
  for (const file of files) {
    for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (!(symbol.flags & ts.SymbolFlags.Value)) continue;
      const type = checker.getTypeOfSymbol(symbol);
      note(type, exported.name);
      const instance = type.getConstructSignatures()[0]?.getReturnType();
      for (const members of [type, instance]) if (members) noteMembers(members, exported.name, 0);
    }
  }
  return taken;
}

const generated = takers.flatMap((taker) => [...badInputsOf(taker)]);

describe('options, as they are declared', () => {
  it('given the lists that the library declares, when they are counted, then each is tried here, and gives bad inputs in plenty', () => {
    const lists = sourceFiles().flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^export const (\w+): OptionKinds</gm)].map(([, name]) => name!),
    );
    // Parts of those that are tried.
    const parts = ['CLIENT_OPTIONS', 'WATCHED_FILE_OPTIONS', 'STATIC_OPTIONS', 'AWS_CONNECTION_OPTIONS', 'AWS_NAMING_OPTIONS', 'TLS_OPTIONS', 'VAULT_TLS_OPTIONS', 'RETRY_OPTIONS', 'VAULT_SOURCE_OPTIONS']; // prettier-ignore
    expect([...new Set(takers.map(({ list }) => list)), ...parts].sort()).toEqual(lists.sort());
    expect(generated.length).toBeGreaterThan(500);
  });

  it('given what the entries export, when a function or method of it takes options, then their type has a list', () => {
    const lists = sourceFiles().flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/const \w+: OptionKinds<([^=]*)> =/g)].flatMap(([, type]) =>
        type!.match(/\w+/g)!,
      ),
    );
    const taken = typesOfOptions([
      'index',
      'sources/vault/index',
      'sources/aws/index',
      'sources/gcp/index',
      'sources/azure/index',
      'sources/kubernetes/index',
      'testing/index',
    ]);
    expect(taken.size).toBeGreaterThan(30);
    // A handle is made by the client, never by its user.
    taken.delete('SecretRefOptions');
    expect([...taken].filter(([type]) => !lists.includes(type))).toEqual([]);
  }, 60_000);

  it.each(takers)('given good options, when $taker is called, then they are accepted', async ({ good, call }) => {
    expect(await refusal(() => call(good as never))).toBe('accepted');
    const withUndefined = { unheardOf: undefined, ...good };
    expect(await refusal(() => call(withUndefined as never))).toBe('accepted');
  });

  it.each(takers.filter(({ isAsync }) => !isAsync))(
    'given a polluted Object.prototype, when $taker is called, then that has no effect',
    ({ kinds, good, call }) => {
      const names = [...declared(kinds)].map(([path]) => path.at(-1)!).concat('unheardOf');
      // A property of this name would break `Object.defineProperty` itself.
      const polluted = names.filter((name) => name !== 'get');
      let thrown: unknown;
      for (const name of polluted) Object.defineProperty(Object.prototype, name, { configurable: true, writable: true, value: VALUE }); // prettier-ignore
      try {
        call(good as never);
      } catch (error) {
        thrown = error;
      } finally {
        for (const name of polluted) Reflect.deleteProperty(Object.prototype, name);
      }
      expect(thrown).toBeUndefined();
    },
  );

  it.each(generated)('given $title, when it is called, then that is refused by name', async ({ call, names }) => {
    const error = await refusal(call);
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    const { message } = error as SecretError;
    for (const name of names) expect(message).toContain(name);
    expect(message).not.toContain(VALUE);
  });
});

const reading = () => ({ source: memorySource({ KEY: 'value', DB: { port: 5432 } }), refresh: { enabled: false } });
const schemas = (schema: unknown) => () => HcpVaultModule.forRoot({ ...reading(), schema: schema as never });
const made = (gives: unknown) => () => started([HcpVaultModule.forRootAsync({ useFactory: () => gives as never })]);
const aged = (maxAge: unknown) => () => HcpVaultModule.forRoot({ ...reading(), cache: { maxAge: maxAge as never } });

/** Starts an app and ends it; gives what it logged. */
async function started(imports: readonly unknown[], providers: unknown[] = []): Promise<readonly string[]> {
  const logger = new CapturedLogger();
  const parts = { imports: imports as [], providers: providers as [] };
  const module = await Test.createTestingModule(parts).setLogger(logger).compile();
  try {
    await module.init();
  } finally {
    await module.close();
  }
  return logger.lines;
}

describe('bad inputs, as people write them', () => {
  // prettier-ignore
  const inputs: [title: string, call: () => unknown, ...names: string[]][] = [
    ['a misspelt group', () => HcpVaultModule.forRoot({ cahce: {} } as never), 'forRoot', '"cahce"', '"cache"'],
    ['a plural', () => HcpVaultModule.forRoot({ schemas: {} } as never), '"schemas"', '"schema"'],
    ['small letters', () => HcpVaultModule.forRoot({ isglobal: true } as never), '"isglobal"', '"isGlobal"'],
    ['an option of a group at the top', () => HcpVaultModule.forRoot({ maxAge: '5m' } as never), 'cache.maxAge'],
    ['an option of the top in a group', () => HcpVaultModule.forRoot({ cache: { overlap: '5m' } } as never), '"overlap"'],
    ['an option of nowhere', () => envSource({ unheard: true } as never), 'envSource', '"unheard"', 'It takes prefix'],
    ['a boolean as text', () => HcpVaultModule.forRoot({ isGlobal: 'false' } as never), 'isGlobal', 'true or false'],
    ['http that text permits', () => vault({ auth: token('t'), allowInsecure: 'false' as never }), 'allowInsecure'],
    ['a source in place of options', () => HcpVaultModule.forRoot(reading().source as never), '{ source: … }'],
    ['a Promise of options', () => HcpVaultModule.forRoot(Promise.resolve({}) as never), 'Promise', 'await'],
    ['a factory in forRoot', () => HcpVaultModule.forRoot({ useFactory: () => ({}) } as never), 'forRootAsync'],
    ['options beside the factory', () => HcpVaultModule.forRootAsync({ ...reading(), useFactory: () => ({}) }), 'useFactory: () =>'],
    ['no factory', () => HcpVaultModule.forRootAsync({} as never), 'useClass'],
    ['a factory that gives a source', made(memorySource()), 'a source in place of options', '{ source: … }'],
    ['a factory that gives nothing', made(undefined), 'gave nothing', '({ source })'],
    ['a factory that gives null', made(null), 'not null'],
    ['`config` in the factory', made({ ...reading(), config: { namespace: 'secrets' } }), '"config"', 'beside `useFactory`'],
    ['`connection` in the factory', made({ ...reading(), connection: 'other' }), '"connection"', 'beside `useFactory`'],
    ['`isGlobal` in the factory', made({ ...reading(), isGlobal: false }), '"isGlobal"', 'beside `useFactory`'],
    ['a misspelt option in the factory', made({ ...reading(), cahce: {} }), '"cahce"', '"cache"'],
    ['an empty connection', () => HcpVaultModule.forRoot({ ...reading(), connection: '' }), 'connection'],
    ['a whole environment', () => hcpVaultSecrets({ HOME: '/root' } as never), 'hcpVaultSecrets', '"HOME"'],
    ['a region', () => awsSecretsManager({ regon: 'eu-west-1' } as never), 'awsSecretsManager', '"region"'],
    ['a prefix, for the whole environment', () => envSource({ prefx: 'APP_' } as never), 'envSource', '"prefix"'],
    ['`tls` for the SDK', () => awsSecretsManager({ tls: { ca: 'x' } } as never), '"tls"', 'NODE_EXTRA_CA_CERTS'],
    ['http for the SDK', () => awsSecretsManager({ endpoint: 'http://aws.example', region: 'x' }), 'NODE_EXTRA_CA_CERTS'],
    ['http for a fetch of one’s own', () => new VaultClient({ address: 'http://v.example', fetch: fetch }).read('a'), 'your own fetch'],
    ['a role’s ID', () => appRole({ roleID: 'r' } as never), 'appRole', '"roleID"', '"roleId"'],
    ['no role', () => appRole({} as never), 'appRole', '"roleId"'],
    ['no role of Kubernetes', () => kubernetes({ role: undefined as never }), 'kubernetes', '"role"'],
    ['no token', () => token(undefined as never), 'token()'],
    ['a number as a token', () => token(5 as never), 'token'],
    ['a token in place of a login', () => vault({ token: 't' } as never), '"token"', 'auth: token('],
    ['no login', () => vault({} as never), 'vault', '"auth"'],
    ['text as a login', () => vault({ auth: 'approle' as never }), 'auth'],
    ['both ways to name', () => vault({ auth: token('t'), kv: { prefix: 'a', document: 'b' } as never }), 'kv.prefix'],
    ['a third version', () => vault({ auth: token('t'), kv: { version: 3 as never } }), 'kv.version', '1, 2'],
    ['a kind that is none', () => vault({ auth: token('t'), secrets: { DB: {} as never } }), 'secrets.DB'],
    ['a Map of kinds', () => vault({ auth: token('t'), secrets: new Map([['DB', kv('db')]]) as never }), 'secrets'],
    ['a kind without a role', () => databaseCredentials(undefined as never), 'databaseCredentials', 'role'],
    ['options in place of a role', () => databaseCredentials({ mount: 'db' } as never), 'databaseCredentials', 'role'],
    ['`retry: true`', () => new VaultClient({ retry: true as never }), 'retry'],
    ['a misspelt attempt', () => new VaultClient({ retry: { atempts: 2 } as never }), '"retry.attempts"'],
    ['a Map of secrets', () => memorySource(new Map([['KEY', 'v']]) as never), 'memorySource'],
    ['a list of secrets', () => memorySource(['v'] as never), 'memorySource'],
    ['a Promise of secrets', () => memorySource(Promise.resolve({}) as never), 'memorySource'],
    ['a Map for a test', () => HcpVaultTestingModule.forTest(new Map([['KEY', 'v']]) as never), 'forTest'],
    ['no source at all', () => firstOf(), 'firstOf'],
    ['a field in place of options', () => InjectSecret('KEY', 'field' as never), '@InjectSecret', 'not text'],
    ['no field', () => InjectSecretField('KEY', undefined as never), '@InjectSecretField', 'a path of the field'],
    ['a token in place of a list', () => rotatingProvider({ provide: 'P', secret: 'A', inject: 'X' as never, create: () => 1, dispose: () => 1 }), 'inject', 'a list of tokens'],
    ['no time between tries', () => HcpVaultModule.forRoot({ ...reading(), retry: { base: 0 } }), 'retry.base', '0'],
    ['no longest time between tries', () => HcpVaultModule.forRoot({ ...reading(), retry: { max: 0 } }), 'retry.max', '0'],
    ['a first time between tries over the longest', () => HcpVaultModule.forRoot({ ...reading(), retry: { base: '2m' } }), 'retry.base', 'retry.max'],
    ['options in place of a connection', () => InjectHcpVaultClient({ connection: 'a' } as never), 'connection'],
    ['no name of a connection', () => getClientToken(''), 'connection'],
    ['a number as a connection', () => getSecretToken('KEY', { connection: 5 as never }), 'connection'],
    ['a function as a schema', schemas({ KEY: () => true }), '"KEY"', '~standard'],
    ['a schema of old Joi', schemas({ KEY: { isJoi: true, validate: () => ({}) } }), '"KEY"', '~standard', 'Joi'],
    ['an object as a schema', schemas({ KEY: { type: 'string' } }), '"KEY"', '~standard'],
    ['text as a schema', schemas({ KEY: 'string' }), '"KEY"', '~standard'],
    ['a schema whose `~standard` is empty', schemas({ KEY: { '~standard': {} } }), '"KEY"', '~standard'],
    ['a schema whose `~standard` throws', schemas({ KEY: Object.defineProperty({}, '~standard', { get: () => { throw new Error(VALUE); } }) }), '"KEY"'],
    ['one schema for all', schemas(z.object({ KEY: z.string() })), '.shape', 'for each secret'],
    ['a Map of schemas', schemas(new Map([['KEY', z.string()]])), 'schema'],
    ['a list of schemas', schemas([z.string()]), 'schema'],
    ['digits as an age', aged('25'), 'cache.maxAge', 'without a unit'],
    ['digits with a point', aged('1.5'), 'cache.maxAge', 'without a unit'],
    ['a negative age', aged(-1), 'cache.maxAge'],
    ['no number as an age', aged(Number.NaN), 'cache.maxAge'],
    ['an unheard-of unit', aged('5 moons'), 'cache.maxAge'],
    ['a hook without functions', () => HcpVaultModule.forRoot({ ...reading(), cache: { hook: {} } }), 'cache.hook'],
    ['a hook of an empty class', () => HcpVaultModule.forRoot({ ...reading(), cache: { hook: new (class Hook {})() } }), 'cache.hook'],
  ];
  for (const namespace of ['', 'a.b', '__proto__', 'constructor', 'prototype', 'toString']) {
    const config = { namespace };
    inputs.push([`the namespace "${namespace}"`, () => HcpVaultModule.forRoot({ ...reading(), config }), 'namespace']);
    inputs.push([`a registered namespace "${namespace}"`, () => registerSecrets(namespace), 'namespace']);
  }

  it.each(inputs)('given %s, when it is called, then it is refused by name', async (_, call, ...names) => {
    const error = await refusal(call);
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    for (const name of names) expect((error as SecretError).message).toContain(name);
    expect((error as SecretError).message).not.toContain(VALUE);
  });

  it('given options of a client’s method, when they are text, then that is refused, and no whole secret given', async () => {
    const module = await Test.createTestingModule({ imports: [HcpVaultModule.forRoot(reading())] }).compile();
    const client = module.get(HcpVaultClient);
    await client.fetch('DB');
    expect(() => client.get('DB', 'port' as never)).toThrow('client.get takes an object');
    expect(() => client.get('DB', null as never)).toThrow('client.get takes an object');
    await expect(client.fetch('DB', 'port' as never)).rejects.toThrow('client.fetch takes an object');
    const work = client.withSecret('DB', () => Promise.resolve(), { retryFr: '5s' } as never);
    await expect(work).rejects.toThrow('"retryFor"');
    await module.close();
  });

  it('given a test that overrides the source, when the factory’s options are misspelt, then the app fails all the same', async () => {
    const imports = [HcpVaultModule.forRootAsync({ useFactory: () => ({ cahce: {} }) as never })];
    const module = Test.createTestingModule({ imports }).setLogger(new CapturedLogger());
    const overridden = module.overrideProvider(getSecretSourceToken()).useValue(memorySource());
    await expect(overridden.compile()).rejects.toThrow('"cahce"');
  });

  it('given a polluted prototype, when a source is made, then it does not open more than it says', () => {
    Object.defineProperty(Object.prototype, 'prefix', { configurable: true, value: 'P' });
    try {
      expect(envSource().list).toBeUndefined();
      expect(envSource({}).readAll).toBeUndefined();
    } finally {
      Reflect.deleteProperty(Object.prototype, 'prefix');
    }
  });

  it('given a hook of a class, when values come, then it is asked, with its own state at hand', async () => {
    class Hook {
      readonly seen: string[] = [];
      put(name: string, value: unknown): unknown {
        this.seen.push(name);
        return value;
      }
    }
    const hook = new Hook();
    await started([HcpVaultModule.forRoot({ ...reading(), cache: { hook }, required: ['KEY'] })]);
    expect(hook.seen).toEqual(['KEY']);
  });
});

describe('what is probably not meant', () => {
  it('given bare numbers below a second, when the app starts, then a line of the log tells of each, and of no others', async () => {
    const cache = { maxAge: 25, maxStale: '2s' };
    const options = { cache, timeout: 10_000, overlap: 0, perSecret: { KEY: { maxAge: 30 } } };
    const lines = await started([HcpVaultModule.forRoot({ ...reading(), ...options })]);
    const told = lines.filter((line) => line.includes(' ms. '));
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('option "cache.maxAge" of HcpVaultModule is the number 25, and so 25 ms.');
    expect(told[1]).toContain('"perSecret.KEY.maxAge"');
  });

  it('given a bare number below a second for a client, when it is made twice, then the process is warned once', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    try {
      for (let times = 0; times < 2; times += 1) new VaultClient({ token: '', timeout: 33 });
      expect(warn.mock.calls).toEqual([[expect.stringContaining('option "timeout" of VaultClient is the number 33')]]);
    } finally {
      warn.mockRestore();
    }
  });

  it('given a schema for a name that nobody asks for, when the app has started, then a line names the near ones', async () => {
    const schema = { KYE: z.string(), KEY: z.string() };
    const lines = await started([HcpVaultModule.forRoot({ ...reading(), schema, required: ['KEY'] })]);
    expect(lines.filter((line) => line.includes('schema'))).toEqual([
      expect.stringMatching(/schema for "KYE" .*nothing has asked for so far\. Did you mean "KEY"\?/),
    ]);
  });

  it('given times for a name that nobody asks for, when the app has started, then a line names the near ones', async () => {
    const perSecret = { KYE: { maxAge: '1m' }, KEY: { maxAge: '1m' } } as const;
    const lines = await started([HcpVaultModule.forRoot({ ...reading(), perSecret, required: ['KEY'] })]);
    expect(lines.filter((line) => line.includes('perSecret'))).toEqual([
      expect.stringMatching(/times for "KYE" .*nothing has asked for so far\. Did you mean "KEY"\?/),
    ]);
  });

  it('given `config.namespace` and no ConfigModule, when the app has started, then one line says that nothing shows it', async () => {
    const lines = await started([HcpVaultModule.forRoot({ ...reading(), config: { namespace: 'secrets' } })]);
    expect(lines.filter((line) => line.includes('config.namespace'))).toEqual([
      expect.stringContaining('and the app has no ConfigModule of @nestjs/config'),
    ]);
    const withIt = [ConfigModule.forRoot({ ignoreEnvFile: true })];
    const quiet = await started([
      ...withIt,
      HcpVaultModule.forRoot({ ...reading(), config: { namespace: 'secrets' } }),
    ]);
    expect(quiet.filter((line) => line.includes('config.namespace'))).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['a misspelt choice', 'decorate', 'is one of "decorated", "all", "none". Did you mean "decorated"?'],
    ['a choice near no other', 'everything', 'is one of "decorated", "all", "none".'],
    ['what is not a string', 5, 'is one of "decorated", "all", "none", not a number.'],
  ])(
    'given %s, when the options are read, then the error says which there are, and the near one',
    async (_, preload, text) => {
      const error = await refusal(() => started([HcpVaultModule.forRoot({ ...reading(), preload } as never)]));
      expect(typeof error === 'string' ? error : error.message.slice(-text.length)).toBe(text);
    },
  );

  it('given a schema for what is fetched while the app is made, when it has started, then nothing is said', async () => {
    const useFactory = (client: HcpVaultClient) => client.fetch('KEY');
    const fetching = { provide: 'FETCHED', inject: [HcpVaultClient], useFactory };
    const module = HcpVaultModule.forRoot({ ...reading(), schema: { KEY: z.string() } });
    const lines = await started([module], [fetching]);
    expect(lines.filter((line) => line.includes('schema'))).toEqual([]);
  });
});

describe('secrets that a schema names', () => {
  class Handling {
    swap(): void {}
  }
  OnSecretRotated('DB')(Handling.prototype, 'swap', Object.getOwnPropertyDescriptor(Handling.prototype, 'swap')!);
  class Optional {}
  InjectSecret('DB', { optional: true })(Optional.prototype, 'db');
  const schema = { DB: z.object({ port: z.string() }) };

  it.each<[string, object, unknown[]]>([
    ['are read with all others', { preload: 'all' }, []],
    ['are heard of alone', {}, [Handling]],
    ['are heard of alone, and not preloaded', { preload: 'none' }, [Handling]],
    ['are optional', {}, [Optional]],
    ['are optional, and not preloaded', { preload: 'none' }, [Optional]],
    ['are required', { required: ['DB'] }, []],
  ])(
    'given ones that %s, when the schema refuses them, then the start fails, once, by name',
    async (_, options, of) => {
      const error = await refusal(() => started([HcpVaultModule.forRoot({ ...reading(), schema, ...options })], of));
      const failed = error as SecretError & { errors?: SecretError[] };
      const errors = failed.errors ?? [failed];
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ code: 'SECRET_VALIDATION', secretName: 'DB' });
    },
  );

  it('given all that are read, when one is refused, then no app is made, before any hook', async () => {
    const imports = [HcpVaultModule.forRoot({ ...reading(), schema, preload: 'all' })];
    const made = Test.createTestingModule({ imports }).setLogger(new CapturedLogger()).compile();
    await expect(made).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP', errors: [{ secretName: 'DB' }] });
  });

  it('given one that nobody reads, when it would be refused, then the app starts', async () => {
    await started([HcpVaultModule.forRoot({ ...reading(), schema })]);
  });

  it('given one without a schema that a hook refuses, when all are read, then the app starts', async () => {
    const put = (name: string, value: unknown) => (name === 'DB' ? Promise.reject(new Error('no')) : value);
    await started([HcpVaultModule.forRoot({ ...reading(), preload: 'all', cache: { hook: { put } } })]);
  });
});

describe('a namespace that is taken', () => {
  const secrets = (connection?: string) =>
    HcpVaultModule.forRoot({ ...reading(), connection, config: { namespace: 'secrets' } });
  const settings = registerAs('secrets', () => ({ LIMIT: 5 }));
  const late = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return { secrets: { LIMIT: 5 } };
  };
  const configured = (...load: unknown[]) =>
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: load as [] });
  const other = registerSecrets('secrets', { connection: 'other' });

  it.each<[string, () => unknown[], string]>([
    ['settings of the app, by `registerAs`', () => [configured(settings), secrets()], 'settings of its own'],
    ['the same in another order', () => [secrets(), configured(settings)], 'settings of its own'],
    ['settings that come late', () => [configured(late), secrets()], 'settings of its own'],
    [
      'settings of a feature',
      () => [configured(), secrets(), ConfigModule.forFeature(settings)],
      'settings of its own',
    ],
    ['another connection', () => [configured(), secrets(), secrets('other')], 'the connection "'],
    ['another connection, without ConfigModule', () => [secrets(), secrets('other')], 'the connection "'],
    [
      'the registered view of another connection',
      () => [configured(other), secrets(), HcpVaultModule.forRoot({ ...reading(), connection: 'other' })],
      'the connection "other"',
    ],
  ])('given %s, when the app starts, then that is refused by name', async (_, imports, why) => {
    const error = await refusal(() => started(imports()));
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect((error as SecretError).message).toContain('the config namespace "secrets" is taken');
    expect((error as SecretError).message).toContain(why);
  });

  it('given two apps in one process, when both have it, then both start', async () => {
    await started([configured(), secrets()]);
    await started([configured(), secrets('other')]);
  });

  it('given `registerSecrets` of the same connection, when the app starts, then the two agree', async () => {
    await started([configured(registerSecrets('secrets')), secrets()]);
  });
});
