import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule } from 'nestjs-hcp-vault';
import type { HcpVaultModuleOptions, SecretBootstrapError } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../../support/captured-logger.js';
import { cleanUp, emulated, failureOf, TOKEN } from './support/google.js';

afterEach(cleanUp);

async function started(options: HcpVaultModuleOptions) {
  const logger = new CapturedLogger();
  const imports = [HcpVaultModule.forRoot({ refresh: { enabled: false }, ...options })];
  const module = await Test.createTestingModule({ imports }).setLogger(logger).compile();
  await module.init();
  return { module, logger, client: module.get(HcpVaultClient) };
}

describe('googleSecretManager in an app', () => {
  test('given an update while latest lags behind, when all is refreshed, then what was written stays, and is not a second rotation', async () => {
    const { google, source } = await emulated(
      { app_KEY: 'canary-old', app_DOC: { a: 1 }, other: 'x' },
      { prefix: 'app_' },
    );
    const { module, client, logger } = await started({ source, preload: 'all' });
    expect(await client.fetchSecrets()).toEqual({ KEY: 'canary-old', DOC: { a: 1 } });
    const seen: unknown[] = [];
    client.rotations$.subscribe(({ name, current, version }) => seen.push([name, current, version]));
    google.store.lagging.set('app_KEY', 1);
    await client.update('KEY', 'canary-new');
    expect(client.get('KEY')).toBe('canary-new');
    await client.refresh();
    expect(client.get('KEY')).toBe('canary-new');
    google.store.lagging.delete('app_KEY');
    await client.refresh();
    expect(client.get('KEY')).toBe('canary-new');
    expect(seen).toEqual([['KEY', 'canary-new', '2']]);
    expect(await client.getByPath('D')).toEqual({ DOC: { a: 1 } });
    await module.close();
    expect(logger.text).not.toContain('canary');
  });

  test('given secrets that are missing, denied and disabled, when an app starts, then one error tells each by its name, with the project', async () => {
    const { google, source } = await emulated({ OFF: 'canary-off', FINE: 'x' });
    google.store.change('OFF', '1', 'disable', undefined);
    const error = (await failureOf(
      started({ source, required: ['FINE', 'OFF', 'NONE'] }),
    )) as unknown as SecretBootstrapError;
    expect(error.errors.map(({ secretName, code }) => [secretName, code])).toEqual([
      ['OFF', 'SECRET_ACCESS_DENIED'],
      ['NONE', 'SECRET_NOT_FOUND'],
    ]);
    expect(error.message).toContain('is disabled');
    expect(error.message).toContain('project "app-project"');
    expect(error.message).not.toMatch(new RegExp(`canary|${TOKEN}`));
    google.denied.add('secretmanager.versions.access');
    const denied = await failureOf(started({ source, required: ['FINE'] }));
    expect(denied.message).toContain('Grant roles/secretmanager.secretAccessor on the secret or the project');
  });

  test('given a value in use, when its version is disabled and enabled again, then it stays, is told, and heals', async () => {
    const { google, source } = await emulated({ KEY: 'one' });
    const { module, client } = await started({ source, required: ['KEY'] });
    google.store.change('KEY', '1', 'disable', undefined);
    const report = await client.refresh('KEY');
    expect(report.failed).toMatchObject([{ name: 'KEY', error: { code: 'SECRET_ACCESS_DENIED' } }]);
    expect(client.get('KEY')).toBe('one');
    expect(client.status()[0]!.lastError).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    google.store.change('KEY', '1', 'enable', undefined);
    await client.refresh('KEY');
    expect(client.status()[0]!.lastError).toBeUndefined();
    await module.close();
  });
});
