import { jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, hcpVaultSecrets, InjectSecret, InjectSecretField } from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';

@Injectable()
class Service {
  @InjectSecret('KEY') readonly key!: string;
  @InjectSecretField('AWS', 'values.id') readonly id!: string;
}

/** Real HTTP goes on in real time, whatever the faked clock says. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await jest.advanceTimersByTimeAsync(1);
}

describe('an app under fake timers', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('given timers faked before the start, when an hour is skipped, then secrets come over real HTTP, and leases by their own times', async () => {
    const emulator = await HcpVaultSecretsEmulator.start({
      apps: { shop: { KEY: 'v1', AWS: { type: 'dynamic', values: { id: 'a' }, ttl: '3600s' } } },
    });
    const { environment, apiUrl, authUrl } = emulator;
    const source = hcpVaultSecrets({
      clientId: environment.HCP_CLIENT_ID,
      clientSecret: environment.HCP_CLIENT_SECRET,
      organizationId: environment.HCP_ORGANIZATION_ID,
      projectId: environment.HCP_PROJECT_ID,
      appName: 'shop',
      apiUrl,
      authUrl,
    });
    jest.useFakeTimers();
    let started: TestingModule | undefined;
    const starting = Test.createTestingModule({ imports: [HcpVaultModule.forRoot({ source })], providers: [Service] })
      .compile()
      .then(async (built) => (started = await built.init()));
    // jest fakes process.nextTick and queueMicrotask too, which HTTP clients run on: time has to move while they work.
    await until(() => started !== undefined);
    const module = await starting;
    const service = module.get(Service);
    expect([service.key, service.id]).toEqual(['v1', 'a-1']);
    emulator.rotate('shop', 'KEY', 'v2');
    await jest.advanceTimersByTimeAsync(25 * 60_000);
    await until(() => service.key === 'v2');
    expect(emulator.opened('shop', 'AWS')).toBe(1);
    await jest.advanceTimersByTimeAsync(25 * 60_000);
    await until(() => service.id === 'a-2');
    expect(emulator.opened('shop', 'AWS')).toBe(2);
    expect(module.get(HcpVaultClient).get('KEY')).toBe('v2');
    jest.useRealTimers();
    await module.close();
    await emulator.stop();
  });
});
