import { inspect } from 'node:util';
import { Injectable } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { z } from 'zod';
import {
  getSecretSourceToken,
  HcpVaultClient,
  HcpVaultModule,
  hcpVaultSecrets,
  InjectSecret,
  InjectSecretField,
  Lease,
  memorySource,
  rotatingProvider,
  SecretVersion,
  type HcpVaultModuleOptions,
  type SecretSource,
} from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';

async function appWith(options: HcpVaultModuleOptions, providers: unknown[] = []) {
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot(options)],
    providers: providers as [],
  }).compile();
  return module.init();
}

/** A backend whose secrets are opened, leased and revoked, and which counts. */
function leasedSource() {
  const log = { opened: 0, revoked: 0, closed: 0, watching: 0 };
  const source: SecretSource = {
    kind: 'leased',
    async read(names) {
      const found = names.filter((name) => name.startsWith('DYN'));
      log.opened += found.length;
      return new Map(
        found.map((name) => [
          name,
          SecretVersion.of({ n: log.opened }, { lease: Lease.of({ id: 'l', duration: '1h' }) }),
        ]),
      );
    },
    revoke: async () => void (log.revoked += 1),
    watch: () => {
      log.watching += 1;
      return () => void (log.watching -= 1);
    },
    close: async () => void (log.closed += 1),
  };
  return { source, log };
}

describe('an app from start to end', () => {
  it('given an app with a lease and a watcher, when it closes, then the lease is revoked, the watcher and the source are closed', async () => {
    const { source, log } = leasedSource();
    const module = await appWith({ source, required: ['DYN'] });
    expect(log).toEqual({ opened: 1, revoked: 0, closed: 0, watching: 1 });
    const client = module.get(HcpVaultClient);
    let ended = false;
    client.rotations$.subscribe({ complete: () => (ended = true) });
    await module.close();
    expect(log).toEqual({ opened: 1, revoked: 1, closed: 1, watching: 0 });
    expect(ended).toBe(true);
    expect(client.get('DYN')).toEqual({ n: 1 });
  });

  it('given a bootstrap that fails, when it has opened a lease, then that is revoked', async () => {
    const { source, log } = leasedSource();
    await expect(appWith({ source, required: ['DYN', 'GONE'] })).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    expect(log).toEqual({ opened: 1, revoked: 1, closed: 1, watching: 0 });
  });

  it('given a resource that can’t be made, when the app starts, then what was opened for it is revoked', async () => {
    const { source, log } = leasedSource();
    const pool = rotatingProvider({
      provide: 'POOL',
      secret: 'DYN',
      create: () =>
        Promise.reject(Object.assign(new Error('no database at postgres://u:canary-1@db'), { code: '28P01' })),
      dispose: () => undefined,
    });
    const error: unknown = await appWith({ source }, [pool]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'SECRET_BOOTSTRAP',
      secretName: 'DYN',
      cause: { name: 'Error', code: '28P01' },
    });
    expect((error as Error).message).toContain('the resource "POOL" could not be made: Error (code 28P01).');
    expect((error as Error).stack).toMatch(/^SecretBootstrapError: .*\n {4}at .*lifecycle\.spec\.ts/);
    expect(inspect(error, { showHidden: true })).not.toContain('canary');
    expect(log).toMatchObject({ opened: 1, revoked: 1, closed: 1 });
  });

  it('given two connections, when the start of one fails, then what the other has opened is revoked', async () => {
    const { source, log } = leasedSource();
    const start = Test.createTestingModule({
      imports: [
        HcpVaultModule.forRoot({ source, required: ['DYN'] }),
        HcpVaultModule.forRootAsync({
          connection: 'other',
          inject: [HcpVaultClient], // after the first
          useFactory: () => ({ source: memorySource({}), required: ['MISSING'] }),
        }),
      ],
    }).compile();
    await expect(start).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    expect(log).toMatchObject({ opened: 1, revoked: 1, closed: 1 });
  });

  it('given an app that has started, when a module that is loaded later can’t make its resource, then the app goes on', async () => {
    const { source, log } = leasedSource();
    const module = await appWith({ source, required: ['DYN'] });
    class LaterModule {}
    const load = module.get(LazyModuleLoader).load(() => ({
      module: LaterModule,
      providers: [
        rotatingProvider({
          provide: 'POOL',
          secret: 'DYN',
          create: () => Promise.reject(new Error('no database')),
          dispose: () => undefined,
        }),
      ],
    }));
    await expect(load).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP', secretName: 'DYN' });
    expect(log).toMatchObject({ opened: 1, revoked: 0, closed: 0 });
    expect(module.get(HcpVaultClient).get('DYN')).toEqual({ n: 1 });
    await module.close();
  });

  it('given refresh, list and exists, when a dynamic secret is not due, then it is not opened; by name it is', async () => {
    const { source, log } = leasedSource();
    const module = await appWith({ source, required: ['DYN'] });
    const client = module.get(HcpVaultClient);
    await client.refresh();
    await client.exists('DYN');
    await client.list();
    await client.fetch('DYN');
    expect(log.opened).toBe(1);
    await client.refresh('DYN');
    await client.fetch('DYN', { forceRefresh: true });
    expect(log.opened).toBe(3);
    await module.close();
  });

  it('given what is missing, refused by a schema and denied, when the app starts, then one error lists them, and quotes no value', async () => {
    @Injectable()
    class Service {
      @InjectSecretField('DB', 'port') readonly port!: number;
      constructor(@InjectSecret('GONE') readonly gone: string) {}
    }
    const start = appWith(
      {
        source: memorySource({ DB: { user: 'canary-user' }, NUMBER: 'canary-number' }),
        required: ['NUMBER'],
        schema: { NUMBER: z.string().regex(/^\d+$/) },
      },
      [Service],
    );
    const error: unknown = await start.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SECRET_BOOTSTRAP', connection: 'default' });
    const codes = (error as { errors: { code: string; secretName: string }[] }).errors.map(({ code, secretName }) => [
      code,
      secretName,
    ]);
    expect(codes).toEqual([
      ['SECRET_NOT_FOUND', 'GONE'],
      ['SECRET_FIELD', 'DB'],
      ['SECRET_VALIDATION', 'NUMBER'],
    ]);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it('given a rotation that lacks a field that a class needs, when it is refreshed, then the last good value stays', async () => {
    @Injectable()
    class Service {
      @InjectSecretField('DB', 'user') readonly user!: string;
    }
    const source = memorySource({ DB: { user: 'u-1' } });
    const module = await appWith({ source }, [Service]);
    source.rotate('DB', { name: 'renamed' });
    const report = await module.get(HcpVaultClient).refresh();
    expect(report.failed).toMatchObject([{ name: 'DB', error: { code: 'SECRET_FIELD' } }]);
    expect(module.get(Service).user).toBe('u-1');
    source.rotate('DB', { user: 'u-2' });
    await module.get(HcpVaultClient).refresh();
    expect(module.get(Service).user).toBe('u-2');
    await module.close();
  });

  it('given HCP over real HTTP, when secrets of all kinds are injected, then each has its shape, and the dynamic one is opened once', async () => {
    const emulator = await HcpVaultSecretsEmulator.start({
      clientId: 'id',
      clientSecret: 'canary-client-secret',
      apps: {
        shop: {
          KEY: 'kv-1',
          AWS: { type: 'dynamic', values: { access_key_id: 'AKIA', secret_access_key: 'S' }, ttl: '3600s' },
          TWILIO: { type: 'rotating', values: { sid: 'sid-1' } },
        },
      },
    });
    @Injectable()
    class Service {
      @InjectSecret('KEY') readonly live!: string;
      constructor(
        @InjectSecret('KEY') readonly key: string,
        @InjectSecretField('AWS', 'values.access_key_id') readonly id: string,
        @InjectSecretField('TWILIO', 'values.sid') readonly sid: string,
      ) {}
    }
    const { HCP_ORGANIZATION_ID: organizationId, HCP_PROJECT_ID: projectId } = emulator.environment;
    const source = hcpVaultSecrets({
      clientId: 'id',
      clientSecret: 'canary-client-secret',
      organizationId,
      projectId,
      appName: 'shop',
      apiUrl: emulator.apiUrl,
      authUrl: emulator.authUrl,
    });
    const module = await appWith({ source }, [Service]);
    const service = module.get(Service);
    const client = module.get(HcpVaultClient);
    expect([service.key, service.sid]).toEqual(['kv-1', 'sid-1']);
    expect(service.id).toMatch(/^AKIA/);
    expect(emulator.opened('shop', 'AWS')).toBe(1);
    emulator.rotate('shop', 'KEY', 'kv-2');
    expect((await client.refresh()).changed).toEqual(['KEY']);
    expect(service.live).toBe('kv-2');
    expect(Object.keys(await client.fetchSecrets()).sort()).toEqual(['AWS', 'KEY', 'TWILIO']);
    expect(emulator.opened('shop', 'AWS')).toBe(1);
    const aws = client.status().find(({ name }) => name === 'AWS');
    expect(aws?.lease?.durationMs).toBe(3_600_000);
    expect(aws!.nextRefreshAt!.getTime() - Date.now()).toBeGreaterThan(0.66 * 3_600_000);
    expect(inspect(module.get(getSecretSourceToken()), { depth: 9, showHidden: true })).not.toContain('canary');
    await module.close();
    await emulator.stop();
  });

  it('given a source that fails while the app starts, when it comes back, then the app starts; a single failed open is not repeated', async () => {
    const emulator = await HcpVaultSecretsEmulator.start({
      apps: { shop: { KEY: 'kv-1', AWS: { type: 'dynamic', values: { id: 'a' } } } },
    });
    Object.assign(process.env, emulator.environment);
    try {
      emulator.fail({ status: 503, times: 2, path: 'secrets:open' });
      const module = await appWith({ required: ['KEY'], retry: { base: 5 } });
      expect(module.get(HcpVaultClient).get('KEY')).toBe('kv-1');
      await module.close();
      emulator.fail({ cut: true, times: 1, path: 'AWS:open' });
      await expect(appWith({ required: ['AWS'], retry: { base: 5 } })).rejects.toMatchObject({
        code: 'SECRET_BOOTSTRAP',
      });
      expect(emulator.opened('shop', 'AWS')).toBe(1);
    } finally {
      for (const name of Object.keys(emulator.environment)) delete process.env[name];
      await emulator.stop();
    }
  });

  it('given no source and no HCP variables, when the app starts, then the error names the choices', async () => {
    await expect(appWith({})).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining('memorySource'),
    });
  });
});
