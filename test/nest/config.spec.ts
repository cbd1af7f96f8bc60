import { inspect } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import {
  configSecret,
  HcpVaultClient,
  HcpVaultModule,
  memorySource,
  registerSecrets,
  secretNames,
  type SecretsView,
} from 'nestjs-hcp-vault';

const secretsConfig = registerSecrets('secrets');

@Injectable()
class Reader {
  constructor(
    readonly config: ConfigService,
    @Inject(secretsConfig.KEY) readonly view: SecretsView,
  ) {}
}

async function appWith(imports: unknown[], providers: unknown[] = [Reader]) {
  const module = await Test.createTestingModule({ imports: imports as [], providers: providers as [] }).compile();
  await module.init();
  return module;
}

const values = () => ({ KEY: 'key-1', DB: { user: 'u-1', hosts: [{ name: 'h-1' }] }, JSON_TEXT: '{"a":{"b":"c-1"}}' });

describe('the ConfigService namespace', () => {
  it.each([
    [
      '`config` alone',
      (source: object) => [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
        HcpVaultModule.forRoot({ source: source as never, config: { namespace: 'secrets' } }),
      ],
    ],
    [
      '`registerSecrets` in load alone',
      (source: object) => [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig as never] }),
        HcpVaultModule.forRoot({ source: source as never }),
      ],
    ],
    [
      'both, and credentials out of ConfigService',
      (source: object) => [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig as never] }),
        HcpVaultModule.forRootAsync({
          inject: [ConfigService],
          useFactory: (config: ConfigService) => (config ? { source: source as never } : {}),
          config: { namespace: 'secrets' },
        }),
      ],
    ],
  ])('given %s, when secrets are read, then all are there, and current after a rotation', async (_, imports) => {
    const source = memorySource(values());
    const module = await appWith(imports(source));
    const { config, view } = module.get(Reader);
    const client = module.get(HcpVaultClient);
    expect(config.get('secrets.KEY')).toBe('key-1');
    expect(config.get('secrets.DB.hosts.0.name')).toBe('h-1');
    expect(config.get('secrets.NOPE')).toBeUndefined();
    expect(config.get('secrets.JSON_TEXT.a')).toBeUndefined();
    expect(view['KEY']).toBe('key-1');
    source.rotate('KEY', 'key-2');
    source.rotate('NEW', 'new-1');
    expect(config.get('secrets.KEY')).toBe('key-1');
    await client.refresh();
    expect([config.get('secrets.KEY'), view['KEY'], config.get('secrets.NEW')]).toEqual(['key-2', 'key-2', 'new-1']);
    expect(Object.values(process.env)).not.toContain('key-2');
    await module.close();
  });

  it('given a view, when it is printed or changed, then names show, values do not, and it stays as it is', async () => {
    const module = await appWith([
      ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
      HcpVaultModule.forRoot({ source: memorySource(values()), config: { namespace: 'secrets' } }),
    ]);
    const { view, config } = module.get(Reader);
    expect(secretNames(view)).toEqual(['KEY', 'DB', 'JSON_TEXT']);
    expect('KEY' in view).toBe(true);
    expect(JSON.stringify(view)).toBe('["KEY","DB","JSON_TEXT"]');
    expect([view.toString(), inspect(view), inspect(view, { showProxy: true, depth: 5 })].join()).not.toMatch(/-1/);
    expect(inspect(config, { depth: 9, showHidden: true })).not.toMatch(/key-1|u-1/);
    expect(() => Object.assign(view, { KEY: 'other' })).toThrow(
      expect.objectContaining({ code: 'SECRET_CONFIGURATION' }),
    );
    expect(view['KEY']).toBe('key-1');
    await module.close();
  });

  it('given a deep path, when it is read by the typed helper, then text that holds JSON is looked into', async () => {
    const module = await appWith([
      ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
      HcpVaultModule.forRoot({ source: memorySource(values()), config: { namespace: 'secrets' } }),
    ]);
    const { config } = module.get(Reader);
    expect(configSecret(config, 'secrets', 'JSON_TEXT', 'a.b')).toBe('c-1');
    expect(configSecret(config, 'secrets', 'NOPE', 'a.b')).toBeUndefined();
    expect(() => configSecret(config, 'secrets', 'DB', 'nope')).toThrow(
      expect.objectContaining({ code: 'SECRET_FIELD' }),
    );
    await module.close();
  });

  it('given a consumer that reads before the secrets are loaded, when the app starts, then the error tells what to do', async () => {
    const early = {
      provide: 'EARLY',
      inject: [ConfigService],
      useFactory: (config: ConfigService) => config.get<string>('secrets.KEY'),
    };
    const start = appWith(
      [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
        HcpVaultModule.forRoot({ source: memorySource(values()) }),
      ],
      [early],
    );
    await expect(start).rejects.toMatchObject({
      code: 'SECRET_NOT_LOADED',
      message: expect.stringContaining('HcpVaultClient'),
    });
  });

  it('given two apps with one registerSecrets, when both run, then each shows its own secrets', async () => {
    const imports = (key: string) => [
      ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
      HcpVaultModule.forRoot({ source: memorySource({ KEY: key }) }),
    ];
    const [one, two] = await Promise.all([appWith(imports('one')), appWith(imports('two'))]);
    expect([one.get(Reader).config.get('secrets.KEY'), two.get(Reader).config.get('secrets.KEY')]).toEqual([
      'one',
      'two',
    ]);
    expect([one.get(Reader).view['KEY'], two.get(Reader).view['KEY']]).toEqual(['one', 'two']);
    await Promise.all([one.close(), two.close()]);
  });
});
