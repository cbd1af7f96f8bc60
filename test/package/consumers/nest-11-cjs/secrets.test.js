// Plain CommonJS jest, without any experimental flag.
const { ConfigModule, ConfigService } = require('@nestjs/config');
const { Test } = require('@nestjs/testing');
const { HcpVaultClient, HcpVaultModule, getSecretToken, hcpVaultSecrets } = require('nestjs-hcp-vault');
const { HcpVaultSecretsEmulator, HcpVaultTestClient, HcpVaultTestingModule } = require('nestjs-hcp-vault/testing');
const { AppModule, Places, secretsConfig, source } = require('./dist/app.js');

test('given the compiled app, when a secret rotates, then its places show it', async () => {
  const app = await (await Test.createTestingModule({ imports: [AppModule] }).compile()).init();
  expect(app.get(Places).seen()).toMatchObject({ parameter: 'key-1', property: 'key-1', config: 'key-1' });
  source.rotate('KEY', 'key-2');
  await app.get(HcpVaultClient).refresh();
  expect(app.get(Places).seen()).toMatchObject({ parameter: 'key-1', property: 'key-2', config: 'key-2' });
  await app.close();
});

test('given a namespace, when ConfigService.set writes to it, then it throws, and neither it nor the environment changes', async () => {
  const app = await (await Test.createTestingModule({ imports: [AppModule] }).compile()).init();
  const config = app.get(ConfigService);
  const [before, key] = [{ ...process.env }, config.get('secrets.KEY')];
  for (const path of ['secrets.KEY', 'secrets.NEW', 'secrets.KEY.deep', 'secrets', 'loaded.KEY', 'loaded']) {
    expect(() => config.set(path, 'canary-set')).toThrow('is read-only: write by `client.update(');
  }
  expect(process.env).toEqual(before);
  expect(config.get('secrets.KEY')).toBe(key);
  await app.close();
});

test('given an overridden token, when the app is made, then the value of the test is injected', async () => {
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const module = await builder.overrideProvider(getSecretToken('KEY')).useValue('from the test').compile();
  const app = await module.init();
  expect(app.get(Places).seen()).toMatchObject({ parameter: 'from the test', property: 'from the test' });
  await app.close();
});

test('given the emulator, when HCP Vault Secrets is the source, then its secrets are read', async () => {
  const emulator = await HcpVaultSecretsEmulator.start({
    clientId: 'id',
    clientSecret: 'canary-client-secret',
    organizationId: 'org',
    projectId: 'project',
    apps: { web: { KEY: 'value' } },
  });
  const options = {
    clientId: 'id',
    clientSecret: 'canary-client-secret',
    organizationId: 'org',
    projectId: 'project',
    appName: 'web',
    apiUrl: emulator.apiUrl,
    authUrl: emulator.authUrl,
  };
  const imports = [HcpVaultModule.forRoot({ source: hcpVaultSecrets(options) })];
  const app = await (await Test.createTestingModule({ imports }).compile()).init();
  expect(await app.get(HcpVaultClient).fetch('KEY')).toBe('value');
  await app.close();
  await emulator.stop();
});

test('given the testing module, when a secret is rotated, then the places show it as soon as the promise resolves', async () => {
  const imports = [
    ConfigModule.forRoot({ load: [secretsConfig] }),
    HcpVaultTestingModule.forTest({ KEY: 'a', DB: { values: { user: 'b' } } }),
  ];
  const app = await (await Test.createTestingModule({ imports, providers: [Places] }).compile()).init();
  await app.get(HcpVaultTestClient).rotate('KEY', 'c');
  expect(app.get(Places).seen()).toMatchObject({ parameter: 'a', property: 'c', ref: 'c', loaded: 'c' });
  await app.close();
});
