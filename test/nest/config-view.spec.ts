import { jest } from '@jest/globals';
import { inspect } from 'node:util';
import {
  ClassSerializerInterceptor,
  ConsoleLogger,
  Controller,
  Get,
  Inject,
  Module,
  type INestApplication,
} from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NestFactory, Reflector } from '@nestjs/core';
import { instanceToInstance, instanceToPlain, plainToInstance } from 'class-transformer';
import lodash from 'lodash';
import {
  configSecret,
  HcpVaultClient,
  HcpVaultModule,
  memorySource,
  registerSecrets,
  secretNames,
  type SecretsView,
} from 'nestjs-hcp-vault';
import pino from 'pino';
import { CapturedLogger } from '../support/captured-logger.js';

const secretsConfig = registerSecrets('secrets');

/** Careless, as apps are. */
@Controller()
class Api {
  constructor(
    readonly config: ConfigService,
    @Inject(secretsConfig.KEY) readonly view: SecretsView,
  ) {}
  @Get('view') whole() {
    return this.view;
  }
  @Get('nested') nested() {
    return { settings: { secrets: this.config.get<unknown>('secrets') }, list: [this.view] };
  }
  @Get('one') one() {
    return { db: this.config.get<unknown>('secrets.DB') };
  }
}

const apps: INestApplication[] = [];
afterEach(async () => void (await Promise.all(apps.splice(0).map((app) => app.close()))));

async function appWith(values: object) {
  @Module({
    imports: [
      ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
      HcpVaultModule.forRoot({ source: memorySource(values as never) }),
    ],
    controllers: [Api],
  })
  class App {}
  const logger = new CapturedLogger();
  const app = await NestFactory.create(App, { logger });
  apps.push(app);
  const api = app.get(Api);
  return { app, logger, client: app.get(HcpVaultClient), config: api.config, view: api.view };
}

const plain = {
  KEY: 'canary-1',
  DB: { user: 'canary-2', hosts: [{ name: 'canary-3' }] },
  BYTES: Buffer.from('canary-4'),
};

/** Names by which something prints an object otherwise, each with a value that must not show. */
const odd = Object.fromEntries(
  [
    ...Object.getOwnPropertyNames(Object.prototype),
    'toJSON', 'then', 'message', 'stack', 'name', 'cause', 'code', 'errors', 'length', 'size', 'connection', 'inspect', 'prototype',
    'toISOString', 'toBSON', 'toObject', 'splice', 'callee', 'nodeType', 'status', 'statusCode', 'response', 'request', 'err', 'error',
    'asymmetricMatch', '$$typeof', '@@__IMMUTABLE_ITERABLE__@@', '_isBuffer', 'isRawJSON', 'onModuleInit', 'pipe', 'getReader', '0',
  ].map((name, index) => [name, `canary-odd-${index}`]),
); // prettier-ignore
Object.defineProperty(odd, '__proto__', { value: 'canary-proto', enumerable: true, configurable: true });

function pinoLines(log: (logger: pino.Logger) => void): string {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  log(logger);
  expect(lines.length).toBeGreaterThan(0);
  return lines.join('');
}

function nestLines(options: { json: boolean }, thing: unknown): string {
  const lines: string[] = [];
  const write = (stream: NodeJS.WriteStream) =>
    jest.spyOn(stream, 'write').mockImplementation((line) => (lines.push(String(line)), true));
  const [out, err] = [write(process.stdout), write(process.stderr)];
  try {
    const logger = new ConsoleLogger('Test', { ...options, colors: false });
    logger.log(thing);
    logger.error(thing);
    logger.warn({ thing });
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
  expect(lines.length).toBeGreaterThan(2);
  return lines.join('');
}

/** Everything that copies or prints an object; as text, with what is in it. */
const ways: [string, (view: SecretsView) => unknown][] = [
  ['Object.keys', (view) => Object.keys(view)],
  ['Object.values', (view) => Object.values(view)],
  ['Object.entries', (view) => Object.entries(view)],
  ['spread', (view) => ({ ...view })],
  ['rest', (view) => (({ KEY: _, ...rest }) => rest)(view)],
  ['Object.assign', (view) => Object.assign({}, view)],
  ['for … in', (view) => { const seen: unknown[] = []; for (const key in view) seen.push(view[key]); return seen; }],
  ['property descriptors', (view) => Object.getOwnPropertyDescriptors(view)],
  ['Object.create of its descriptors', (view) => Object.create({}, Object.getOwnPropertyDescriptors(view)) as unknown],
  ['JSON', (view) => JSON.stringify([view, { view }])],
  ['JSON with a replacer', (view) => JSON.stringify({ view }, (_, value: unknown) => value)],
  ['text', (view) => `${String(view)} ${view as unknown as string} ${view.toLocaleString()}`],
  ['structuredClone', (view) => { try { return structuredClone({ view }); } catch (error) { return String(error); } }],
  ['inspect', (view) => inspect([view, { view }], { depth: 9, showHidden: true, getters: true })],
  ['inspect with proxies', (view) => inspect(view, { depth: 9, showHidden: true, showProxy: true })],
  ['lodash.cloneDeep', (view) => lodash.cloneDeep({ view })],
  ['lodash.clone', (view) => lodash.clone(view)],
  ['lodash.merge', (view) => lodash.merge({}, { view })],
  ['lodash.defaultsDeep', (view) => lodash.defaultsDeep({}, { view }) as unknown],
  ['lodash.omit', (view) => lodash.omit(view, 'KEY')],
  ['lodash.toPlainObject', (view) => lodash.toPlainObject(view) as unknown],
  ['lodash.toPairsIn', (view) => lodash.toPairsIn(view)],
  ['class-transformer to plain', (view) => instanceToPlain({ view, list: [view] })],
  ['class-transformer of the view', (view) => instanceToPlain(view)],
  ['class-transformer to an instance', (view) => plainToInstance(class Settings {}, view)],
  ['class-transformer’s clone', (view) => instanceToInstance({ view })],
  ['pino', (view) => pinoLines((logger) => (logger.info(view), logger.info({ view }, 'text'), logger.error({ err: view }), logger.child({ view }).fatal('%o %O %j', view, view, view)))],
  ['Nest’s logger', (view) => nestLines({ json: false }, view)],
  ['Nest’s logger as JSON', (view) => nestLines({ json: true }, view)],
  ['an error made of it', (view) => inspect(new Error('no', { cause: view }), { showHidden: true, depth: 9 })],
]; // prettier-ignore

/** Whatever a copy holds, deep, hidden things too. */
const contentOf = (copy: unknown): string =>
  typeof copy === 'string'
    ? copy
    : inspect(copy, { depth: 12, showHidden: true, getters: true }) + (JSON.stringify(copy) ?? '');

describe.each([
  ['plain names', plain],
  ['names that every object has', { ...odd, KEY: 'canary-1' }],
  ['one of them at a time', undefined],
])('the ConfigService view with %s', (_, values) => {
  const sets = values ? [values] : Object.getOwnPropertyNames(odd).map((name) => Object.defineProperty({}, name, { value: odd[name], enumerable: true })); // prettier-ignore
  it('given everything that copies or prints an object, when it is given the view, then there is no value', async () => {
    for (const set of sets) {
      const { view, config } = await appWith(set);
      for (const [way, copy] of ways) {
        const found = /canary[\w-]*/.exec(contentOf(copy(view)));
        const name = Object.getOwnPropertyNames(set).join().slice(0, 40);
        // Object.create of descriptors makes the view's own accessors: whoever reads through them reads the view.
        if (way !== 'Object.create of its descriptors' && way !== 'property descriptors')
          expect([name, way, found?.[0]]).toEqual([name, way, undefined]);
        else expect([name, way, inspect(copy(view)).includes('canary')]).toEqual([name, way, false]);
      }
      expect(await (view as unknown)).toBe(view); // no promise
      expect(inspect(config, { depth: 9, showHidden: true })).not.toContain('canary');
    }
  }, 60_000);
});

describe('the ConfigService view', () => {
  it('given an app with ClassSerializerInterceptor, when a controller answers with the view, then no value goes over HTTP; one secret does', async () => {
    const { app } = await appWith({ ...odd, ...plain });
    app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(Reflector)));
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const answer = async (path: string) => (await fetch(`${url}/${path}`)).text();
    expect(await answer('view')).toBe('{}');
    expect(await answer('nested')).toBe('{"settings":{"secrets":{}},"list":[{}]}');
    expect(JSON.parse(await answer('one'))).toEqual({ db: plain.DB });
  });

  it('given the same app without it, when a controller answers with the view, then names alone go over HTTP', async () => {
    const { app } = await appWith({ ...odd, ...plain });
    await app.listen(0, '127.0.0.1');
    const text = await (await fetch(`${await app.getUrl()}/nested`)).text();
    expect(text).not.toContain('canary');
    expect(text).toContain('"KEY"');
  });

  it('given secrets, when names are asked for, then by secretNames, Reflect.ownKeys and `in`', async () => {
    const { view } = await appWith({ ...plain, ...odd });
    const names = secretNames(view);
    expect(names).toEqual(
      expect.arrayContaining(['KEY', 'DB', 'BYTES', 'name', 'connection', 'length', 'onModuleInit']),
    );
    for (const name of ['toJSON', 'then', 'constructor', '__proto__', 'message']) expect(names).not.toContain(name);
    expect(Reflect.ownKeys(view)).toEqual(names);
    expect(['KEY' in view, 'NOPE' in view, 'toString' in view]).toEqual([true, false, true]);
    expect([Object.hasOwn(view, 'KEY'), Object.hasOwn(view, 'toString')]).toEqual([true, false]);
    expect(Object.getOwnPropertyDescriptor(view, 'KEY')).toMatchObject({ enumerable: false, configurable: true });
    expect(Object.getOwnPropertyDescriptor(view, 'then')).toBeUndefined();
    expect(() => secretNames({})).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
    expect(() => secretNames(undefined!)).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
    expect(() => secretNames(secretsConfig())).toThrow(expect.objectContaining({ code: 'SECRET_NOT_LOADED' }));
  });

  it('given secrets, when values are read, then each is there as plain data, whole and enumerable', async () => {
    const { config, view } = await appWith({ ...plain, ...odd });
    expect(config.get('secrets.DB')).toEqual(plain.DB);
    expect(Object.keys(config.get<object>('secrets.DB')!)).toEqual(['user', 'hosts']);
    expect([config.get('secrets.DB.hosts.0.name'), config.get('secrets.name')]).toEqual(['canary-3', odd['name']]);
    const { KEY } = view;
    expect(KEY).toBe('canary-1');
    expect(JSON.stringify({ db: view['DB'] })).toContain('canary-2');
  });

  it('given names that every object has, when they are read, then the client gives them, the view does not, and one line says so', async () => {
    const { config, client, logger, view } = await appWith({ ...odd, ...plain });
    for (const name of ['toJSON', 'then', 'constructor', '__proto__', 'message', 'hasOwnProperty']) {
      expect(client.get(name)).toMatch(/^canary/);
      expect(config.get(`secrets.${name}`)).not.toEqual(expect.stringMatching(/^canary/));
      expect(configSecret(config, 'secrets', name)).toBeUndefined();
    }
    expect(Object.getPrototypeOf(view)).toBe(Object.prototype);
    expect(view['__proto__']).toBe(Object.prototype);
    const told = logger.lines.filter((line) => line.includes('not shown in ConfigService'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/"toJSON".*`client\.get\(name\)`/);
    expect(told[0]).not.toMatch(/canary|"KEY"|"name"/);
  });

  it('given plain names, or no view, when the app starts, then no line tells of names', async () => {
    const { logger } = await appWith(plain);
    expect(logger.text).not.toContain('not shown');
    class Bare {}
    const lines = new CapturedLogger();
    const imports = [HcpVaultModule.forRoot({ source: memorySource({ toJSON: 'x' }), required: ['toJSON'] })];
    apps.push(await NestFactory.create({ module: Bare, imports }, { logger: lines }));
    expect(lines.text).not.toContain('not shown');
  });

  it('given a start, and keys that are asked for twice, then one debug line says what spread gives, and only then', async () => {
    const { logger, view, config } = await appWith(plain);
    const told = () => logger.lines.filter((line) => line.includes('secretNames(view)'));
    expect(config.get('secrets.KEY')).toBe('canary-1');
    expect([JSON.stringify(view), secretNames(view).length, inspect(view)]).toBeTruthy();
    expect(told()).toEqual([]);
    expect({ ...view }).toEqual({});
    expect(Object.keys(view)).toEqual([]);
    expect(told()).toHaveLength(1);
  });

  it('given a view, when something tries to change it, then it stays as it is', async () => {
    const { view } = await appWith(plain);
    for (const change of [
      () => Object.freeze(view),
      () => Object.preventExtensions(view),
      () => Object.setPrototypeOf(view, null),
    ]) {
      expect(change).toThrow(TypeError);
    }
    for (const change of [
      () => Object.defineProperty(view, 'KEY', { value: 1 }),
      () => Object.assign(view, { KEY: 1 }),
      () => delete (view as Record<string, unknown>)['KEY'],
    ]) {
      expect(change).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
    }
    expect(view['KEY']).toBe('canary-1');
    expect(Object.isFrozen(view)).toBe(false);
  });
});
