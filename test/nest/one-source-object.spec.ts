import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { SecretSource } from 'nestjs-hcp-vault';
import { directorySource, fileSource, firstOf, getClientToken, HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault'; // prettier-ignore
import { removeFolders, saveAtomically, temporaryFolder } from '../contract/support/temporary-folder.js';
import { until } from './webhook/apps.js';

/** A source that counts how often it is closed. */
function counted() {
  const source: SecretSource & { closed: number } = Object.assign(Object.create(memorySource({ KEY: 'v' })) as object, {
    closed: 0,
    kind: 'counted',
    read: (...of: Parameters<SecretSource['read']>) => backend.read(...of),
    close: () => {
      source.closed += 1;
      return Promise.resolve();
    },
  });
  const backend = memorySource({ KEY: 'v' });
  return source;
}

async function appWith(source: SecretSource, connection = 'default') {
  const module = HcpVaultModule.forRoot({ source, connection, required: ['KEY'] });
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const client = app.get<HcpVaultClient>(connection === 'default' ? HcpVaultClient : getClientToken(connection));
  return { app, client };
}

afterEach(removeFolders);

describe('one source object in two connections', () => {
  test('given two apps, when one closes, then the source stays open until the other has closed too', async () => {
    const source = counted();
    const [one, two] = [await appWith(source), await appWith(source, 'other')];
    await one.app.close();
    expect(source.closed).toBe(0);
    expect(await two.client.fetch('KEY', { forceRefresh: true })).toBe('v');
    await two.app.close();
    expect(source.closed).toBe(1);
    const three = await appWith(source);
    await three.app.close();
    expect(source.closed).toBe(2);
  });

  test('given it is a part of firstOf in one of them, and of another firstOf, when the others close, then it stays open', async () => {
    const [source, own] = [counted(), counted()];
    const [one, two, three] = [
      await appWith(firstOf(own, firstOf(source))),
      await appWith(source),
      await appWith(firstOf(memorySource({}), source)),
    ];
    await one.app.close();
    expect([own.closed, source.closed]).toEqual([1, 0]);
    await two.app.close();
    expect(source.closed).toBe(0);
    await three.app.close();
    expect([own.closed, source.closed]).toEqual([1, 1]);
  });

  test('given a start that fails beside an app that runs, when it is ended, then the source stays open for that app', async () => {
    const source = counted();
    const running = await appWith(source);
    const module = HcpVaultModule.forRoot({ source, required: ['NONE'] });
    await expect(
      NestFactory.createApplicationContext(module, { logger: false, abortOnError: false }),
    ).rejects.toThrow();
    expect(source.closed).toBe(0);
    await running.app.close();
    expect(source.closed).toBe(1);
  });

  test('given firstOf that nobody connects, when it is closed by hand, then its sources are closed', async () => {
    const source = counted();
    await firstOf(source).close();
    expect(source.closed).toBe(1);
  });

  test.each([
    ['a file', (folder: string) => fileSource(join(folder, 'KEY'), { format: 'env', lookEvery: '1h' })],
    ['a folder', (folder: string) => directorySource(folder, { lookEvery: '1h', trim: true })],
  ])('given %s that both watch, when one app closes, then the other still hears of changes', async (_, make) => {
    const folder = temporaryFolder();
    const path = join(folder, 'KEY');
    writeFileSync(path, 'KEY=one\n');
    const source = make(folder);
    const [one, two] = [await appWith(source), await appWith(source)];
    try {
      await until(() => two.client.status()[0]!.channel === 'live');
      await one.app.close();
      saveAtomically(path, 'KEY=two\n');
      await until(() => two.client.get<string>('KEY').endsWith('two'));
      expect(two.client.status()[0]).toMatchObject({ channel: 'live' });
    } finally {
      await two.app.close();
    }
  });
});
