import { jest } from '@jest/globals';
import type { AzureTokenCredential } from '../../../lib/sources/azure/index.js';
import { azureKeyVault } from '../../../lib/sources/azure/index.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { certificate } from '../support/certificate.js';
import { cleanUp, credentialOf, emulated, sourceAt, startVault } from './azure.js';

afterEach(async () => {
  await cleanUp();
  await stopServers();
});

const names = Array.from({ length: 40 }, (_, index) => `K-${index}`);
const values = Object.fromEntries(names.map((name) => [name, name]));

describe('azureKeyVault: the token', () => {
  it('given many names at once, when read and read again, then one token serves, by one flight', async () => {
    const { vault, source } = await emulated(values);
    expect(valuesOf(await source.read(names, context()))).toEqual(values);
    await source.read(names, context());
    expect(vault.entra.issued).toHaveLength(1);
  });

  it('given a token that ends soon, when read, then it serves, and the next is fetched behind', async () => {
    const { vault } = await emulated(values);
    const getToken = jest.fn(credentialOf(vault).getToken);
    vault.entra.tokenLife = 2;
    const source = sourceAt(vault, { credential: { getToken } });
    await source.read(['K-1'], context());
    await new Promise((resolve) => setTimeout(resolve, 1_700)); // nine tenths of it
    await source.read(['K-1'], context());
    expect(getToken).toHaveBeenCalledTimes(2);
    expect(valuesOf(await source.read(['K-1'], context()))).toEqual({ 'K-1': 'K-1' });
  });

  it('given a refused token, when read, then a new one is fetched, once; refused again it is an error that names the tenant', async () => {
    const { vault, source } = await emulated(values);
    await source.read(['K-1'], context());
    vault.entra.revoke();
    expect(valuesOf(await source.read(['K-1'], context()))).toEqual({ 'K-1': 'K-1' });
    expect(vault.entra.issued).toHaveLength(2);
    const foreign = sourceAt(vault, {
      credential: {
        getToken: () => Promise.resolve({ token: 'canary-foreign', expiresOnTimestamp: Date.now() + 1e6 }),
      },
    });
    const error = (await foreign.read(['K-1'], context())).get('K-1');
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION', sourceKind: 'azure-key-vault' });
    expect((error as Error).message).toContain(vault.entra.tenantId);
    expect(printed(error)).not.toContain('canary');
  });

  it('given a vault that asks for claims, when read, then a token with these is fetched, and the request repeated', async () => {
    const { vault } = await emulated(values);
    const { getToken } = credentialOf(vault);
    const asked: unknown[] = [];
    const source = sourceAt(vault, {
      credential: {
        getToken: (scopes, options) => {
          asked.push([scopes, options?.claims]);
          return getToken(scopes, options);
        },
      },
    });
    await source.read(['K-1'], context());
    vault.claims = '{"access_token":{"nbf":{"essential":true}}}';
    const claims = vault.claims;
    expect(valuesOf(await source.read(['K-1'], context()))).toEqual({ 'K-1': 'K-1' });
    const scope = 'https://vault.azure.net/.default';
    expect(asked).toEqual([[scope, undefined], [scope, claims]]); // prettier-ignore
  });

  it.each(['https://graph.microsoft.com', 'https://evil.example', 'http://127.0.0.1', 'https://0.1', 'no url'])(
    'given a vault that asks for a token for %s, when read, then none is asked for, and none is sent',
    async (resource) => {
      const { vault, source } = await emulated(values);
      vault.resource = resource;
      const error = (await source.read(['K-1'], context())).get('K-1');
      expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
      expect(vault.entra.issued).toEqual([]);
      expect(vault.requests.every(({ status }) => status === 401)).toBe(true);
    },
  );

  it('given a vault that sends requests on to another host, when read, then nothing goes there', async () => {
    const { vault, source } = await emulated(values);
    await source.read(['K-1'], context());
    const other = await startServer((_, response) => void response.end('{}'));
    vault.fail({ status: 307, body: '', headers: { location: `${other.url}/secrets/K-1` } });
    expect((await source.read(['K-1'], context())).get('K-1')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(other.requests).toEqual([]);
  });

  it('given a credential that fails, gives nothing, or never answers, when read, then that is told, without its words', async () => {
    const { vault } = await emulated(values);
    const failing = async (getToken: AzureTokenCredential['getToken'], signal = context().signal) => {
      const source = sourceAt(vault, { credential: { getToken } });
      const found = await source.read(['K-1'], { signal }).catch((error: unknown) => new Map([['K-1', error]]));
      return found.get('K-1') as Error;
    };
    const away = await failing(() => Promise.reject(Object.assign(new Error('canary-text'), { statusCode: 503 })));
    expect(away).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    const named = Object.assign(new Error('canary-text'), { name: 'CredentialUnavailableError' });
    const refused = await failing(() => Promise.reject(named));
    expect(refused).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(refused.message).toContain('CredentialUnavailableError');
    expect(printed([away, refused])).not.toContain('canary');
    expect(await failing(() => Promise.resolve(null))).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(await failing(() => new Promise(() => undefined), AbortSignal.timeout(50))).toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
    });
  });

  it('given a source with all its parts, when printed, then neither token nor value shows', async () => {
    const { vault, source } = await emulated({ A: 'canary-value' });
    const found = await source.read(['A'], context());
    for (const shown of [source, found.get('A'), sourceAt(vault)]) expect(printed(shown)).not.toMatch(/canary/);
  });
});

describe('azureKeyVault: options', () => {
  it.each([
    ['no address', { vaultUrl: 'shop' }, 'vaultUrl is not a URL'],
    ['an address of a secret', { vaultUrl: 'https://shop.vault.azure.net/secrets/db' }, 'without a path'],
    ['plain http', { vaultUrl: 'http://shop.vault.azure.net' }, 'plain http'],
    ['a Managed HSM', { vaultUrl: 'https://shop.managedhsm.azure.net' }, 'Managed HSM'],
    ['a prefix that no name has', { vaultUrl: 'https://shop.vault.azure.net', prefix: 'a/' }, '"prefix"'],
    [
      'a token for a credential',
      { vaultUrl: 'https://shop.vault.azure.net', credential: 'canary' as never },
      'getToken',
    ],
  ])('given %s, when the source is made, then it is refused', (_, options, words) => {
    expect(() => azureKeyVault(options)).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }) as Error);
    expect(() => azureKeyVault(options)).toThrow(words);
  });

  it.each([
    ['vault.azure.net', 'https://vault.azure.net/.default'],
    ['vault.azure.cn', 'https://vault.azure.cn/.default'],
    ['vault.usgovcloudapi.net', 'https://vault.usgovcloudapi.net/.default'],
  ])('given a vault at %s, when read, then the token is for %s, and nobody is asked for whom', async (host, scope) => {
    const scopes: unknown[] = [];
    const source = azureKeyVault({
      vaultUrl: `https://shop.${host}`,
      credential: {
        getToken: (asked) => {
          scopes.push(asked);
          return Promise.reject(new Error('enough'));
        },
      },
    });
    expect((await source.read(['A'], context())).get('A')).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(scopes).toEqual([scope]);
    await source.close();
  });

  it('given a certificate that is not trusted, when read, then the error says what to give', async () => {
    const { vault } = await emulated(values);
    const { cert } = await certificate();
    const source = sourceAt(vault, { tls: { ca: cert } });
    expect((await failureOf(source.list(undefined, context()))).message).toContain('tls: { ca }');
    expect((await startVault()).requests).toEqual([]);
  });
});
