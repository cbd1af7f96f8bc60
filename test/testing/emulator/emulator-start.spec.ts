import { generateKeyPairSync } from 'node:crypto';
import type { Seed } from '../../../lib/testing/emulator/index.js';
import { HcpVaultSecretsEmulator } from '../../../lib/testing/emulator/index.js';
import { keyPairFor } from '../../../lib/testing/emulator/emulator.tls.js';
import { ApiClient } from './api-client.js';
import { soon } from './soon.js';

const started: { stop(): Promise<void> }[] = [];
async function start(...args: Parameters<typeof HcpVaultSecretsEmulator.start>): Promise<HcpVaultSecretsEmulator> {
  const emulator = await HcpVaultSecretsEmulator.start(...args);
  started.push(emulator);
  return emulator;
}
function clientOf(emulator: HcpVaultSecretsEmulator, connect?: { ca?: string }): ApiClient {
  const client = new ApiClient(emulator, connect);
  started.push({ stop: () => client.close() });
  return client;
}
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});

describe('the seed', () => {
  it.each<[string, unknown, string]>([
    ['a list', [], 'the seed has to be an object'],
    ['no apps', {}, 'apps has to be an object'],
    ['an unknown key', { apps: {}, clientid: 'canary' }, 'unknown key "clientid"'],
    ['an empty client ID', { apps: {}, clientId: '' }, 'clientId has to be'],
    ['an app that is text', { apps: { web: 'canary' } }, 'apps.web has to be an object'],
    ['a secret that is a number', { apps: { web: { KEY: 4711 } } }, 'apps.web.KEY has to be a string or an object'],
    ['an empty name', { apps: { web: { '': 'canary' } } }, 'name of a secret in apps.web'],
    ['an unknown type', { apps: { web: { KEY: { type: 'canary' } } } }, 'apps.web.KEY.type'],
    ['a kv value that is not a string', { apps: { web: { KEY: { type: 'kv', value: {} } } } }, 'apps.web.KEY.value'],
    [
      'values that are not text',
      { apps: { web: { KEY: { type: 'dynamic', values: { a: 1 } } } } },
      'apps.web.KEY.values.a',
    ],
    ['no values', { apps: { web: { KEY: { type: 'rotating' } } } }, 'apps.web.KEY.values'],
    ['a ttl in minutes', { apps: { web: { KEY: { type: 'dynamic', values: {}, ttl: '5m' } } } }, 'apps.web.KEY.ttl'],
    ['a ttl of nothing', { apps: { web: { KEY: { type: 'dynamic', values: {}, ttl: '0s' } } } }, 'apps.web.KEY.ttl'],
  ])('given %s, when it starts, then the error names the place and no value', async (_, seed, message) => {
    const error = (await start(seed as Seed).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(message) });
    expect(error.message).not.toMatch(/canary|4711/);
  });

  it('given no seed, when it starts, then all is made up, and setSecret makes the app', async () => {
    const emulator = await start();
    expect(emulator.environment).not.toHaveProperty('HCP_APP_ID');
    emulator.setSecret('web', 'KEY', 'v');
    expect(emulator.environment.HCP_APP_ID).toBe('web');
    expect((await clientOf(emulator).call('apps/web/secrets/KEY:open')).body.secret.static_version.value).toBe('v');
  });

  it('given IDs and credentials, when it starts, then it has them', async () => {
    const ids = { clientId: 'c', clientSecret: 's', organizationId: 'o', projectId: 'p' };
    const { environment } = await start({ ...ids, apps: {} });
    expect(environment).toMatchObject({
      HCP_CLIENT_ID: 'c',
      HCP_CLIENT_SECRET: 's',
      HCP_ORGANIZATION_ID: 'o',
      HCP_PROJECT_ID: 'p',
    });
  });
});

describe('the hands of a test', () => {
  const seed: Seed = {
    apps: {
      web: {
        KEY: 'v1',
        ROT: { type: 'rotating', values: { a: '1' }, ttl: '60s' },
        DYN: { type: 'dynamic', values: { a: 'x' } },
      },
    },
  };

  it('given each type, when it is rotated with values, then they are what is opened', async () => {
    const emulator = await start(seed);
    const api = clientOf(emulator);
    const open = async (name: string) => (await api.call(`apps/web/secrets/${name}:open`)).body.secret;
    expect((await open('DYN')).dynamic_instance).toMatchObject({ values: { a: 'x-1' }, ttl: '3600s' });
    emulator.rotate('web', 'KEY', 'v2');
    emulator.rotate('web', 'ROT', { a: '2' });
    emulator.rotate('web', 'DYN', { a: 'y' });
    expect((await open('KEY')).static_version).toMatchObject({ version: 2, value: 'v2' });
    expect((await open('ROT')).rotating_version).toMatchObject({
      version: 2,
      values: { a: '2' },
      expires_at: expect.any(String),
    });
    expect((await open('DYN')).dynamic_instance.values).toEqual({ a: 'y-2' });
  });

  it('given no values, when secrets are rotated, then new ones are made up', async () => {
    const emulator = await start(seed);
    const api = clientOf(emulator);
    for (const name of ['KEY', 'ROT', 'DYN']) emulator.rotate('web', name);
    const { secrets } = (await api.call('apps/web/secrets:open')).body;
    expect(secrets).toMatchObject([
      { name: 'DYN', dynamic_instance: { values: { a: expect.stringMatching(/^.{20,}-1$/) } } },
      { name: 'KEY', static_version: { version: 2, value: expect.stringMatching(/^.{20,}$/) } },
      { name: 'ROT', rotating_version: { version: 2, values: { a: expect.stringMatching(/^.{20,}$/) } } },
    ]);
  });

  it('given more rotations than versions may be, when they happen, then the oldest go', async () => {
    const emulator = await start(seed, { maxVersions: 2 });
    for (const value of ['v2', 'v3']) emulator.rotate('web', 'KEY', value);
    const { body } = await clientOf(emulator).call('apps/web/secrets/KEY/versions:open');
    expect(body.static_versions.versions).toMatchObject([{ version: 3 }, { version: 2 }]);
  });

  it('given a secret of another type, when setSecret replaces it, then it starts anew, and its count stays', async () => {
    const emulator = await start(seed);
    const api = clientOf(emulator);
    await api.call('apps/web/secrets/DYN:open');
    emulator.setSecret('web', 'DYN', 'plain');
    emulator.setSecret('web', 'DYN', { type: 'kv', value: 'again' });
    expect((await api.call('apps/web/secrets/DYN:open')).body.secret.static_version).toMatchObject({
      version: 2,
      value: 'again',
    });
    emulator.removeSecret('web', 'DYN');
    expect(emulator.opened('web', 'DYN')).toBe(1);
    expect(emulator.opened('none', 'KEY')).toBe(0);
  });

  it('given what is unknown or does not fit, when a hand is laid on it, then it is a configuration error without the value', async () => {
    const emulator = await start(seed);
    const wrong = [
      () => emulator.rotate('web', 'NONE'),
      () => emulator.rotate('none', 'KEY'),
      () => emulator.removeSecret('web', 'NONE'),
      () => emulator.rotate('web', 'KEY', { a: 'canary' }),
      () => emulator.rotate('web', 'ROT', 'canary'),
      () => emulator.setSecret('web', '', 'canary'),
      () => emulator.setSecret('web', 'X', 4711 as never),
    ];
    for (const attempt of wrong) {
      const error = thrownBy(attempt);
      expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
      expect(error.message).not.toMatch(/canary|4711/);
    }
  });
});

describe('TLS', () => {
  it('given tls: true, when a client trusts the certificate, then API and token endpoint are https on one server', async () => {
    const emulator = await start({ apps: { web: { KEY: 'v' } } }, { tls: true });
    expect(emulator.apiUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(emulator.authUrl).toBe(emulator.apiUrl);
    expect(emulator.environment).toMatchObject({
      HCP_API_TLS: 'insecure',
      HCP_AUTH_TLS: 'insecure',
      HCP_AUTH_URL: emulator.authUrl,
    });
    const ca = emulator.certificate;
    expect(ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
    const api = clientOf(emulator, { ...(ca && { ca }) });
    expect((await api.call('apps/web/secrets/KEY:open')).body.secret.static_version.value).toBe('v');
    const localhost = emulator.apiUrl.replace('127.0.0.1', 'localhost');
    expect((await api.raw('GET', `${localhost}/`)).status).toBe(404);
    await expect(clientOf(emulator).call('apps')).rejects.toThrow(/self-signed|unable to verify/i);
  });

  it('given tls and hanging connections, when it is stopped, then it ends', async () => {
    const emulator = await start({ apps: {} }, { tls: true });
    emulator.fail({ hang: true });
    const ca = emulator.certificate;
    const api = clientOf(emulator, { ...(ca && { ca }) });
    const pending = api.call('apps', { token: 'any' }).then(
      () => 'answered',
      () => 'ended',
    );
    await soon(() => emulator.requests.length === 1);
    await emulator.stop();
    expect(await pending).toBe('ended');
  });

  it('given a key and certificate, when it starts, then they are used, without any package', async () => {
    const pair = await keyPairFor(true);
    const emulator = await start({ apps: {} }, { tls: pair });
    expect(emulator.certificate).toBe(pair.cert);
    expect(await keyPairFor(pair, () => Promise.reject(new Error('not needed')))).toEqual(pair);
    expect((await clientOf(emulator, { ca: pair.cert }).call('apps')).status).toBe(200);
  });

  it('given no package "selfsigned", when tls: true is asked for, then the error says what to install', async () => {
    const missing = () => Promise.reject(Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' }));
    await expect(keyPairFor(true, missing)).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining('npm install --save-dev selfsigned'),
    });
  });

  it('given keys that do not fit, when it starts, then it is a configuration error', async () => {
    const { cert } = await keyPairFor(true);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    for (const tls of [{ key: other, cert }, { key: 'x', cert: 'y' }, { key: other } as never]) {
      await expect(start({ apps: {} }, { tls })).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    }
  });
});

describe('options', () => {
  it('given a port, when it is free or taken, then it is used or refused', async () => {
    const first = await start({ apps: {} });
    const port = Number(new URL(first.apiUrl).port);
    await expect(start({ apps: {} }, { port })).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    await first.stop();
    expect((await start({ apps: {} }, { port })).apiUrl).toBe(`http://127.0.0.1:${port}`);
  });

  it.each([
    { port: -1 },
    { port: 70_000 },
    { pageSize: 0 },
    { pageSize: 101 },
    { maxVersions: 0 },
    { tokenLifetime: 'soon' },
  ])('given %j, when it starts, then it is a configuration error', async (options) => {
    await expect(start({ apps: {} }, options)).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
  });
});

function thrownBy(attempt: () => void): Error {
  try {
    attempt();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
