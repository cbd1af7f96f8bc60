import { Inject, Injectable } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { LazyModuleLoader } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import lodash from 'lodash';
import { HcpVaultClient, HcpVaultModule, memorySource, registerSecrets } from 'nestjs-hcp-vault';

const loaded = registerSecrets('loaded');

@Injectable()
class Reader {
  constructor(@Inject(loaded.KEY) readonly view: Record<string, unknown>) {}
}

const apps: TestingModule[] = [];
afterEach(async () => void (await Promise.all(apps.splice(0).map((app) => app.close()))));

async function started(imports: unknown[], providers: unknown[] = []) {
  const app = await Test.createTestingModule({ imports: imports as [], providers: providers as [] }).compile();
  apps.push(app);
  return app.init();
}

async function appWith() {
  const app = await started(
    [
      ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [loaded, () => ({ mine: { a: 1 } })] }),
      HcpVaultModule.forRoot({
        source: memorySource({ KEY: 'key-1', DB: { user: 'u-1' } }),
        config: { namespace: 'secrets' },
      }),
    ],
    [Reader],
  );
  const config = app.get(ConfigService);
  const host = app.get<object>('CONFIGURATION_TOKEN', { strict: false });
  return { app, config, host, view: app.get(Reader).view };
}

const refusal = (call: string): Error =>
  expect.objectContaining({
    code: 'SECRET_CONFIGURATION',
    message: `Connection "default": its namespace in ConfigService is read-only: write by \`${call}\`.`,
  }) as Error;

/** As @nestjs/config 4 does it: lodash writes in sloppy mode, where a trap's false is passed over, and the environment comes after it. */
function setOf4(host: object, path: string, value: string): void {
  lodash.set(host, path, value);
  process.env[path] = value;
}

describe.each([
  ['@nestjs/config 12', (app: Awaited<ReturnType<typeof appWith>>, path: string) => app.config.set(path, 'canary')],
  ['@nestjs/config 4', (app: Awaited<ReturnType<typeof appWith>>, path: string) => setOf4(app.host, path, 'canary')],
])('ConfigService.set on the namespace, as in %s', (version, set) => {
  it.each(['secrets', 'loaded'])(
    'given the namespace "%s", when something is set in it, then it throws, and neither it nor the environment changes',
    async (namespace) => {
      const app = await appWith();
      const before = { ...process.env };
      for (const [path, call] of [
        ['KEY', 'client.update("KEY", value)'],
        ['KEY.deep', 'client.update("KEY", value)'],
        ['NEW', 'client.update("NEW", value)'],
        ['NEW.deep', 'client.update("NEW", value)'],
        ['DB', 'client.update("DB", value)'],
      ] as const) {
        expect(() => set(app, `${namespace}.${path}`)).toThrow(refusal(call));
      }
      expect(() => set(app, namespace)).toThrow(refusal('client.update(name, value)'));
      expect(process.env).toEqual(before);
      expect([app.config.get(`${namespace}.KEY`), app.config.get(`${namespace}.NEW`)]).toEqual(['key-1', undefined]);
      expect(String(app.config.get<object>(namespace))).toBe('[secrets default]');
    },
  );

  it('given a field of a secret, when it is set, then the secret stays as it is', async () => {
    const app = await appWith();
    try {
      const write = () => set(app, 'secrets.DB.user');
      if (version === '@nestjs/config 12') expect(write).toThrow(TypeError);
      else write(); // lodash passes over what is frozen
      expect(app.config.get('secrets.DB')).toEqual({ user: 'u-1' });
    } finally {
      delete process.env['secrets.DB.user'];
    }
  });

  it('given other settings of the app, when they are set, then that works as ever', async () => {
    const app = await appWith();
    try {
      set(app, 'mine.a');
      expect(app.config.get('mine.a')).toBe('canary');
    } finally {
      delete process.env['mine.a'];
    }
  });
});

describe('a write to the view itself', () => {
  it('given each way to write, when code that is not strict writes, then it throws all the same', async () => {
    const { view } = await appWith();
    const sloppily = (body: string) => () => new Function('view', body)(view) as unknown; // eslint-disable-line @typescript-eslint/no-implied-eval
    expect(sloppily('view.KEY = 1')).toThrow(refusal('client.update("KEY", value)'));
    expect(sloppily('delete view.KEY')).toThrow(refusal('client.update("KEY", value)'));
    expect(sloppily('Object.defineProperty(view, "KEY", { value: 1 })')).toThrow(
      refusal('client.update("KEY", value)'),
    );
    expect(sloppily('view[Symbol.iterator] = 1')).toThrow(refusal('client.update(name, value)'));
    expect(view['KEY']).toBe('key-1');
  });

  it('given a module that is loaded later with the same registerSecrets, when it is read, then it shows the secrets', async () => {
    const { app, config } = await appWith();
    class Later {}
    const forFeature = ConfigModule.forFeature(loaded);
    await app.get(LazyModuleLoader).load(() => ({ module: Later, imports: [forFeature] }));
    expect(config.get('loaded.KEY')).toBe('key-1');
    expect(app.get(HcpVaultClient).get('KEY')).toBe('key-1');
  });
});

describe('registerSecrets of a connection that the app does not have', () => {
  const imports = (namespaceOf: string, connections: string[]) => [
    ConfigModule.forRoot({
      isGlobal: true,
      ignoreEnvFile: true,
      load: [registerSecrets('secrets', { connection: namespaceOf })],
    }),
    ...connections.map((connection) =>
      HcpVaultModule.forRoot({ connection, source: memorySource({ KEY: `of ${connection}` }) }),
    ),
  ];

  it('given a misspelt name, when the app starts, then it fails by name, with the near one', async () => {
    await expect(started(imports('reprots', ['default', 'reports']))).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message:
        'registerSecrets("secrets", { connection: "reprots" }): the app has no such connection. Did you mean "reports"?',
    });
  });

  it('given a name near no other, when the app starts, then it fails, and says which there are', async () => {
    await expect(started(imports('x', ['default', 'reports']))).rejects.toThrow('It has "default", "reports".');
  });

  it('given connections in whatever order, when the app starts, then a view of any of them is well', async () => {
    for (const order of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const app = await started(imports('a', order));
      expect(app.get(ConfigService).get('secrets.KEY')).toBe('of a');
    }
  });

  it('given no HcpVaultModule at all, when a secret is read, then the error says what to import', async () => {
    const app = await started(imports('reprots', []));
    expect(() => app.get(ConfigService).get<unknown>('secrets.KEY')).toThrow(
      expect.objectContaining({
        code: 'SECRET_NOT_LOADED',
        message: expect.stringContaining('import HcpVaultModule.forRoot({ connection: "reprots", … })') as unknown,
      }),
    );
  });
});
