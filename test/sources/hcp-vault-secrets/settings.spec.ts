import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretConfigurationError } from '../../../lib/core/errors/index.js';
import type { HcpVaultSecretsOptions } from '../../../lib/sources/hcp-vault-secrets/index.js';
import { hcpVaultSecrets, refreshIntervalFromEnvironment } from '../../../lib/sources/hcp-vault-secrets/index.js';
import { resolveSettings } from '../../../lib/sources/hcp-vault-secrets/hcp-vault-secrets.settings.js';
import { printed } from '../support/printed.js';

const canary = 'canary-settings-secret';
const ids = { organizationId: 'o', projectId: 'p', appName: 'a' };
const client = { clientId: 'c', clientSecret: canary };
const all = { ...ids, ...client };
const variables = {
  HCP_ORGANIZATION_ID: 'env-o',
  HCP_PROJECT_ID: 'env-p',
  HCP_APP_ID: 'env-a',
  HCP_CLIENT_ID: 'env-c',
  HCP_CLIENT_SECRET: canary,
};
const PORTAL =
  'https://api.cloud.hashicorp.com/secrets/2023-11-28/organizations/11-22/projects/33-44/apps/my-app/secrets:open';

const errorOf = (options?: HcpVaultSecretsOptions, environment: Record<string, string> = {}): Error => {
  try {
    resolveSettings(options, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(SecretConfigurationError);
    expect(printed(error)).not.toContain(canary);
    return error as Error;
  }
  throw new Error('nothing was thrown');
};

function credentialFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'hcp-')), 'cred.json');
  writeFileSync(path, content);
  return path;
}

describe('hcpVaultSecrets: what it needs', () => {
  test('given nothing, when made, then one error lists all that is missing, by option and variable', () => {
    const { message } = errorOf();
    for (const part of [
      'organizationId (HCP_ORG_ID or HCP_ORGANIZATION_ID)',
      'projectId (HCP_PROJECT_ID)',
      'appName (HCP_APP_ID)',
      'clientId (HCP_CLIENT_ID)',
      'clientSecret (HCP_CLIENT_SECRET)',
    ]) {
      expect(message).toContain(part);
    }
  });

  test('given a part, when made, then only the rest is missing; an empty variable counts as none', () => {
    const { message } = errorOf(ids, { HCP_CLIENT_ID: 'x', HCP_CLIENT_SECRET: '' });
    expect(message).toContain('missing: clientSecret (HCP_CLIENT_SECRET).');
  });

  test.each(['HCP_ORG_ID', 'HCP_ORGANIZATION_ID'])('given the variables with %s, when made, then they do', (name) => {
    const { HCP_ORGANIZATION_ID: id, ...others } = variables;
    expect(resolveSettings({}, { ...others, [name]: id })).toMatchObject({
      organizationId: 'env-o',
      projectId: 'env-p',
      appName: 'env-a',
    });
  });

  test('given options and variables, when made, then options win', () => {
    expect(resolveSettings(all, variables)).toMatchObject(ids);
  });

  test('given the process’s own environment, when made without options, then it is read at that time', async () => {
    const before = { ...process.env };
    Object.assign(process.env, variables, { HCP_REFRESH_TIMEOUT_MIN: '10' });
    try {
      const source = hcpVaultSecrets();
      expect(source.defaultMaxAge).toBe(600_000);
      expect(source.kind).toBe('hcp-vault-secrets');
      await source.close();
    } finally {
      for (const name of [...Object.keys(variables), 'HCP_REFRESH_TIMEOUT_MIN']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });

  test('given an ID that would lead out of the path, when made, then it is refused', () => {
    expect(errorOf({ ...all, appName: '..' }).message).toContain('appName');
  });
});

describe('hcpVaultSecrets: the portal’s URL', () => {
  test('given the URL, when made, then it holds the three IDs, and HashiCorp’s address', () => {
    expect(resolveSettings({ url: PORTAL, ...client }, {})).toMatchObject({
      organizationId: '11-22',
      projectId: '33-44',
      appName: 'my-app',
      api: { url: 'https://api.cloud.hashicorp.com' },
      auth: { url: 'https://auth.idp.hashicorp.com' },
    });
  });

  test('given the European URL, when made, then the token comes from there too', () => {
    const url = PORTAL.replace('api.cloud.', 'api.cloud.eu.');
    expect(resolveSettings({ url, ...client }, {})).toMatchObject({
      api: { url: 'https://api.cloud.eu.hashicorp.com' },
      auth: { url: 'https://auth.idp.eu.hashicorp.com' },
    });
  });

  test('given a URL of another host, when made, then that is the API; HashiCorp’s gives way to HCP_API_ADDRESS', () => {
    const url = PORTAL.replace('https://api.cloud.hashicorp.com', 'http://127.0.0.1:81');
    expect(resolveSettings({ url, ...client }, {}).api.url).toBe('http://127.0.0.1:81');
    expect(
      resolveSettings({ url: PORTAL, ...client }, { HCP_API_ADDRESS: 'localhost:82', HCP_API_TLS: 'disabled' }).api.url,
    ).toBe('http://localhost:82');
  });

  test.each([
    'https://api.cloud.hashicorp.com/',
    'my-app',
    PORTAL.replace('/apps/my-app', ''),
    `https://host/${canary}`,
  ])('given what is no such URL, when made, then it is refused without being quoted (%#)', (url) => {
    expect(errorOf({ url, ...client }).message).toContain('url is not the secrets URL of an app');
  });

  test('given the URL and an ID, when made, then it is refused', () => {
    expect(errorOf({ url: PORTAL, appName: 'x', ...client } as unknown as HcpVaultSecretsOptions).message).toContain(
      'give either',
    );
  });
});

describe('hcpVaultSecrets: addresses', () => {
  const addresses = (options: HcpVaultSecretsOptions, environment: Record<string, string> = {}) => {
    const { api, auth } = resolveSettings({ ...all, ...options } as HcpVaultSecretsOptions, environment);
    return { api: [api.url, api.verify], auth: [auth.url, auth.verify] };
  };
  const US = { api: ['https://api.cloud.hashicorp.com', true], auth: ['https://auth.idp.hashicorp.com', true] };
  const EU = { api: ['https://api.cloud.eu.hashicorp.com', true], auth: ['https://auth.idp.eu.hashicorp.com', true] };

  test('given a geography, when made, then HashiCorp’s hosts are its own', () => {
    expect(addresses({})).toEqual(US);
    expect(addresses({ geography: 'eu' }, { HCP_GEOGRAPHY: 'us' })).toEqual(EU);
    expect(addresses({}, { HCP_GEOGRAPHY: 'eu' })).toEqual(EU);
    expect(errorOf(all, { HCP_GEOGRAPHY: 'mars' }).message).toContain('HCP_GEOGRAPHY');
  });

  test.each([
    ['enabled', 'https://host:1', true],
    ['insecure', 'https://host:1', false],
    ['disabled', 'http://host:1', true],
    ['', 'https://host:1', true],
  ])('given HCP_API_ADDRESS and HCP_API_TLS=%s, when made, then it is %s', (mode, url, verify) => {
    expect(addresses({}, { HCP_API_ADDRESS: 'host:1', HCP_API_TLS: mode })).toEqual({ ...US, api: [url, verify] });
    expect(addresses({}, { HCP_AUTH_URL: 'host:1', HCP_AUTH_TLS: mode })).toEqual({ ...US, auth: [url, verify] });
  });

  test('given addresses with their scheme, when made, then it stays; options win over variables', () => {
    const environment = { HCP_API_ADDRESS: 'http://host:1', HCP_AUTH_URL: 'https://host:2' };
    expect(addresses({}, environment)).toEqual({ api: ['http://host:1', true], auth: ['https://host:2', true] });
    expect(addresses({ apiUrl: 'https://o:1', authUrl: 'https://o:2' }, environment)).toEqual({
      api: ['https://o:1', true],
      auth: ['https://o:2', true],
    });
  });

  test('given a TLS mode that nobody knows, when made, then the error names it', () => {
    expect(errorOf(all, { HCP_AUTH_TLS: 'maybe' }).message).toContain(
      'HCP_AUTH_TLS has to be one of enabled, insecure, disabled',
    );
  });

  test('given allowInsecure, when an address is given, then its certificate is not checked; HashiCorp’s own always is', () => {
    expect(addresses({ allowInsecure: true, apiUrl: 'https://o:1' })).toEqual({ ...US, api: ['https://o:1', false] });
    expect(addresses({ allowInsecure: true, apiUrl: 'https://o:1', tls: { ca: 'x' } }).api).toEqual([
      'https://o:1',
      true,
    ]);
    expect(addresses({ allowInsecure: true, apiUrl: 'https://o:1' }, { HCP_API_TLS: 'enabled' }).api).toEqual([
      'https://o:1',
      true,
    ]);
  });

  test.each([{ apiUrl: 'http://vault.example' }, { authUrl: 'http://vault.example' }])(
    'given %j, when made without allowInsecure, then plain http is refused',
    (options) => {
      expect(() => hcpVaultSecrets({ ...all, ...options })).toThrow(/plain http is refused/);
    },
  );

  test('given self-signed certificates by variable beyond loopback, when made without allowInsecure, then they are refused', () => {
    process.env['HCP_API_TLS'] = 'insecure';
    try {
      expect(() => hcpVaultSecrets({ ...all, apiUrl: 'https://vault.example' })).toThrow(
        /HCP_API_TLS.*is refused but on loopback/,
      );
      expect(() => hcpVaultSecrets({ ...all, apiUrl: 'https://127.0.0.1' })).not.toThrow();
    } finally {
      delete process.env['HCP_API_TLS'];
    }
  });
});

describe('hcpVaultSecrets: HCP_CRED_FILE', () => {
  const content = {
    scheme: 'service_principal_creds',
    project_id: 'file-p',
    oauth: { client_id: 'file-c', client_secret: canary },
  };

  test('given the file, when made, then it holds project and client', () => {
    const HCP_CRED_FILE = credentialFile(JSON.stringify(content));
    const { projectId, credentials } = resolveSettings({}, { HCP_CRED_FILE, HCP_ORG_ID: 'o', HCP_APP_ID: 'a' });
    expect(projectId).toBe('file-p');
    expect(credentials.authorization()).toBe(`Basic ${Buffer.from(`file-c:${canary}`).toString('base64')}`);
  });

  test('given other values, when made, then the file fills gaps alone, and never half a pair', () => {
    const HCP_CRED_FILE = credentialFile(JSON.stringify(content));
    const own = resolveSettings({ ...client, organizationId: 'o', appName: 'a' }, { HCP_CRED_FILE });
    expect(own.projectId).toBe('file-p');
    expect(own.credentials.authorization()).toBe(`Basic ${Buffer.from(`c:${canary}`).toString('base64')}`);
    expect(errorOf({ ...ids, clientId: 'c' }, { HCP_CRED_FILE }).message).toContain('missing: clientSecret');
  });

  test('given all values, when made, then the file is not even read', () => {
    expect(() => resolveSettings(all, { HCP_CRED_FILE: '/nowhere' })).not.toThrow();
  });

  test.each([
    ['no JSON', `{"oauth": ${canary}`, 'it is not JSON'],
    ['another scheme', JSON.stringify({ ...content, scheme: 'workload' }), 'its "scheme" is not'],
  ])('given %s, when made, then the error names the file and quotes nothing', (_, text, reason) => {
    const HCP_CRED_FILE = credentialFile(text);
    const { message } = errorOf(ids, { HCP_CRED_FILE });
    expect(message).toContain(HCP_CRED_FILE);
    expect(message).toContain(reason);
  });

  test('given a file that is gone or holds nothing, when made, then the error says so', () => {
    expect(errorOf(ids, { HCP_CRED_FILE: '/nowhere/at.all' }).message).toContain(
      '"/nowhere/at.all", is not usable: it cannot be read',
    );
    expect(errorOf(ids, { HCP_CRED_FILE: credentialFile('null') }).message).toContain(
      'missing: clientId (HCP_CLIENT_ID), clientSecret',
    );
  });
});

describe('refreshIntervalFromEnvironment', () => {
  test.each([
    ['10', 600_000],
    ['0.5', 30_000],
    [' 3 ', 180_000],
    [undefined, 1_500_000],
    ['', 1_500_000],
    ['soon', 1_500_000],
    ['0', 1_500_000],
    ['-5', 1_500_000],
    ['Infinity', 1_500_000],
  ])('given HCP_REFRESH_TIMEOUT_MIN=%j, when read, then it is %i ms', (value, milliseconds) => {
    expect(refreshIntervalFromEnvironment(value === undefined ? {} : { HCP_REFRESH_TIMEOUT_MIN: value })).toBe(
      milliseconds,
    );
  });
});
