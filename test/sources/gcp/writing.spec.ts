import type { SecretThrottledError } from '../../../lib/core/errors/index.js';
import { printed } from '../support/printed.js';
import { startServer } from '../support/server.js';
import { asked, cleanUp, context, emulated, failureOf, sourceAt, valuesOf } from './support/google.js';

afterEach(cleanUp);

describe('googleSecretManager: writing', () => {
  test('given text, bytes and an object, when written, then each adds a version with its checksum, and is read', async () => {
    const { google, source } = await emulated({ KEY: 'old' }, { prefix: '' });
    for (const value of ['zwölf', Uint8Array.of(255, 1), { a: 1 }]) {
      await source.write('KEY', value, context());
      expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: value });
    }
    expect(google.store.get('KEY').versions.map(({ hadChecksum }) => hadChecksum)).toEqual([true, true, true, true]);
    expect(google.store.get('KEY').versions).toHaveLength(4);
  });

  test('given no such secret, when written, then it is refused; where the write says `create`, it is created, once', async () => {
    const { google, source } = await emulated({}, { prefix: '' });
    await expect(source.write('NEW', 'v', context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    const create = { ...context(), create: true };
    await Promise.all([source.write('NEW', 'v', create), source.write('NEW', 'v', create)]);
    await source.write('NEW', 'w', create);
    expect(valuesOf(await source.read(['NEW'], context()))).toEqual({ NEW: 'w' });
    expect(google.store.get('NEW').versions).toHaveLength(3);
    google.denied.add('secretmanager.secrets.create');
    await expect(source.write('OTHER', 'v', create)).rejects.toThrow(/secretmanager\.secrets\.create/);
  });

  test('given a latest that still means the version before, when what was written is read, then it comes by its number', async () => {
    const { google, source } = await emulated({ KEY: 'old' });
    google.store.lagging.set('KEY', 1);
    await source.write('KEY', 'new', context());
    for (let reading = 0; reading < 2; reading += 1) {
      expect((await source.read(['KEY'], context())).get('KEY')).toMatchObject({ value: 'new', version: '2' });
    }
    google.store.lagging.delete('KEY');
    google.set('KEY', 'newer');
    expect((await source.read(['KEY'], context())).get('KEY')).toMatchObject({ value: 'newer', version: '3' });
    expect(asked(google).filter((request) => request.includes('versions/2:access'))).toHaveLength(2);
  });

  test('given a first version that latest does not know yet, or a latest that is disabled elsewhere, when read, then what was written comes', async () => {
    const { google, source } = await emulated({ KEY: 'old' });
    google.store.create('FRESH', {});
    google.store.lagging.set('FRESH', 0);
    google.store.lagging.set('KEY', 1);
    google.store.change('KEY', '1', 'disable', undefined);
    await source.write('FRESH', 'first', context());
    await source.write('KEY', 'second', context());
    expect(valuesOf(await source.read(['FRESH', 'KEY'], context()))).toEqual({ FRESH: 'first', KEY: 'second' });
  });

  test('given what was written and then destroyed, when read, then its state is told, and no older version comes', async () => {
    const { google, source } = await emulated({ KEY: 'old' });
    google.store.lagging.set('KEY', 1);
    await source.write('KEY', 'new', context());
    google.store.change('KEY', '2', 'destroy', undefined);
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'SECRET_ACCESS_DENIED' });
  });

  test('given no such secret, when written, then it is not found, and none is made', async () => {
    const { google, source } = await emulated();
    const error = await failureOf(source.write('NONE', 'canary-value', context()));
    expect(error).toMatchObject({ code: 'SECRET_NOT_FOUND', secretName: 'NONE' });
    expect(error.message).toContain('adding a version to it in project "app-project"');
    expect(printed(error)).not.toContain('canary');
    expect(google.store.secrets.size).toBe(0);
  });

  test('given a value of more than 64 KiB, or a source of an alias, when written, then it is refused unsent', async () => {
    const { google, source } = await emulated({ KEY: 'x' });
    await source.write('KEY', 'x'.repeat(65_536), context());
    const before = google.requests.length;
    const large = await failureOf(source.write('KEY', 'ö'.repeat(32_769), context()));
    expect(large).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: 'KEY' });
    expect(large.message).toContain('its value has 65538 bytes, and Secret Manager takes 65536');
    const pinned = await failureOf(sourceAt(google.url, { version: 'stable' }).write('KEY', 'y', context()));
    expect(pinned).toMatchObject({ code: 'SECRET_SOURCE_READ_ONLY', secretName: 'KEY' });
    expect(google.requests).toHaveLength(before);
  });

  test('given no right to add versions, when written, then the permission and the role are named', async () => {
    const { google, source } = await emulated({ KEY: 'x' });
    google.denied.add('secretmanager.versions.add');
    const error = await failureOf(source.write('KEY', 'canary-value', context()));
    expect(error).toMatchObject({ code: 'SECRET_ACCESS_DENIED', secretName: 'KEY' });
    expect(error.message).toContain('It needs the permission secretmanager.versions.add.');
    expect(error.message).toContain('roles/secretmanager.secretVersionAdder');
    expect(printed(error)).not.toContain('canary');
  });

  test('given a write that was answered with 500 or not at all, when it fails, then it is not sent again, and says that it may be there', async () => {
    for (const status of [500, undefined]) {
      const server = await startServer((_, response) => {
        if (status === undefined) return void response.destroy();
        response.writeHead(status).end('{"error":{"code":500,"status":"INTERNAL","message":"canary-echo"}}');
      });
      const error = await failureOf(sourceAt(server.url).write('KEY', 'canary-value', context()));
      expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'possible' });
      expect(printed(error)).not.toContain('canary');
      expect(Buffer.from('canary-value').toString('base64')).not.toBe('');
      expect(printed(error)).not.toContain(Buffer.from('canary-value').toString('base64'));
      expect(server.requests).toHaveLength(1);
    }
  });

  test('given a write that is throttled, when it is sent again, then that adds one version', async () => {
    let count = 0;
    const server = await startServer((_, response) => {
      count += 1;
      if (count > 1) return void response.end('{"name":"projects/1/secrets/KEY/versions/9"}');
      response.writeHead(429, { 'retry-after': '0.01' });
      response.end('{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}');
    });
    await sourceAt(server.url).write('KEY', 'v', context());
    expect(count).toBe(2);
  });

  test('given a pause that is too long to wait for, when throttled, then it is handed on', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(429, { 'retry-after': '60' });
      response.end('{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}');
    });
    const error = (await failureOf(sourceAt(server.url).write('KEY', 'v', context()))) as SecretThrottledError;
    expect(error).toMatchObject({ code: 'SECRET_THROTTLED', retryAfter: 60_000 });
  });
});
