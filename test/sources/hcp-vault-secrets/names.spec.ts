import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import type { SecretConfigurationError } from '../../../lib/core/errors/index.js';
import { hcpVaultSecrets } from '../../../lib/sources/hcp-vault-secrets/index.js';
import { startDecodingGateway } from '../support/decoding-gateway.js';
import { cleanUp, context, failureOf, faked, json, sourceAt, valuesOf } from '../support/hcp.js';
import { hostileNames } from '../support/hostile-names.js';
import { printed } from '../support/printed.js';

const IDS = {
  organizationId: 'org-1',
  projectId: 'project-1',
  clientId: 'client-1',
  clientSecret: 'canary-secret-1b2c',
};
const CANARY = 'canary-of-another-app-91d0';
const HOSTILE = hostileNames('victim', 'KEY');

let emulator: HcpVaultSecretsEmulator;

beforeAll(async () => {
  emulator = await HcpVaultSecretsEmulator.start({ ...IDS, apps: { web: { OWN: 'own' }, victim: { KEY: CANARY } } });
});

afterAll(() => emulator.stop());
afterEach(cleanUp);

async function behindAGateway(manners: (typeof HOSTILE)[number]['manners']) {
  const gateway = await startDecodingGateway(emulator.apiUrl, manners);
  const ids = { ...IDS, clientSecret: IDS.clientSecret, authUrl: emulator.authUrl };
  return { gateway, ids, source: sourceAt(gateway.url, { ...ids, appName: 'web' }) };
}

/** What a client that merely encodes would get there. */
async function openedByEncodingAlone(gatewayUrl: string, name: string): Promise<string> {
  const body = new URLSearchParams({
    client_id: IDS.clientId,
    client_secret: IDS.clientSecret,
    grant_type: 'client_credentials',
    audience: 'https://api.hashicorp.cloud',
  });
  const login = await fetch(`${emulator.authUrl}/oauth2/token`, { method: 'POST', body });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const root = `${gatewayUrl}/secrets/2023-11-28/organizations/org-1/projects/project-1/apps/web`;
  const url = `${root}/secrets/${encodeURIComponent(name)}:open`;
  return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();
}

describe('names at HCP Vault Secrets, behind a gateway that decodes paths', () => {
  test.each(HOSTILE)('given the name $name, when read, then nothing of another app comes, and nothing is sent', async ({ name, manners }) => {
    const { gateway, source } = await behindAGateway(manners);
    expect(await openedByEncodingAlone(gateway.url, name)).toContain(CANARY); // the gateway is one that it deceives
    expect(valuesOf(await source.read(['OWN', name], context()))).toEqual({ OWN: 'own', [name]: 'SECRET_CONFIGURATION' });

    const before = gateway.passed.length;
    const [refusal] = (await source.read([name], context())).values() as unknown as [SecretConfigurationError];
    expect(refusal).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: name, sourceKind: 'hcp-vault-secrets' });
    expect(refusal.message).toMatch(/the name holds (a dot segment|an encoded slash, backslash or control character)/);
    await source.read([name], { ...context(), version: '1' });
    expect(await failureOf(source.exists(name, context()))).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(await failureOf(source.write(name, 'x', context()))).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(gateway.passed).toHaveLength(before);
  }); // prettier-ignore

  test.each(HOSTILE)('given $name as the name of the app or as an ID, when made, then it is refused', ({ name }) => {
    const good = { ...IDS, appName: 'web' };
    for (const option of ['organizationId', 'projectId', 'appName'] as const) {
      for (const id of [name, 'a/b', 'a\nb', '..', 'x'.repeat(4097)]) {
        expect(() => hcpVaultSecrets({ ...good, [option]: id })).toThrow(
          expect.objectContaining({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(option) }),
        );
      }
    }
  });

  test('given names with a slash or a backslash, when read, then they are not found, which says why, unsent', async () => {
    const { gateway, source } = await behindAGateway({});
    for (const name of ['a/b', 'a\\b', '/OWN', 'OWN/']) {
      const refusal = (await source.read([name], context())).get(name);
      expect(refusal).toMatchObject({ code: 'SECRET_NOT_FOUND', message: expect.stringContaining('holds a slash') });
      expect(await source.exists(name, context())).toBe(false);
    }
    expect(gateway.passed).toEqual([]);
  });
});

describe('answers of HCP Vault Secrets about another secret', () => {
  const opened = (name: string) => ({
    secret: { name, type: 'kv', latest_version: 1, static_version: { version: 1, value: CANARY } },
  });

  test('given an answer of another name, when a secret is opened, then it is refused, and neither value nor name is shown', async () => {
    const { source } = await faked((path, response) =>
      json(response, path.startsWith('/secrets:open') ? { secrets: [] } : opened('OF_ANOTHER')),
    );
    const refusal = (await source.read(['KEY'], context())).get('KEY');
    expect(refusal).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'KEY', effect: 'possible' });
    expect(printed(refusal)).toContain('about another secret');
    expect(printed(refusal)).not.toMatch(new RegExp(`${CANARY}|OF_ANOTHER`));
  });

  test('given an answer of the name that was asked for, when it is opened, then it is taken', async () => {
    const { source } = await faked((path, response) =>
      json(response, path.startsWith('/secrets:open') ? { secrets: [] } : opened('KEY')),
    );
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: CANARY });
  });
});
