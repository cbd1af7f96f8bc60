import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { azureKeyVault } from '../../../lib/sources/azure/index.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { appVariables, cleanUp, credentialOf, emulated, environment, sourceAt } from './azure.js';

afterEach(async () => {
  await cleanUp();
  await stopServers();
});

const CHALLENGE = 'Bearer authorization="https://login.windows.net/tenant", resource="https://vault.azure.net"';
const [FIRST, SECOND] = ['a'.repeat(32), 'b'.repeat(32)] as const;
const bundle = { id: `https://x.vault.azure.net/secrets/KEY/${SECOND}`, value: 'canary-value', attributes: {} };

interface Said {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A vault that asks for a token, and then says what it likes. */
async function hostile(say: (request: IncomingMessage) => Said) {
  const server = await startServer((request, response) => {
    const {
      status = 200,
      body = '',
      headers = {},
    } = request.headers.authorization ? say(request) : { status: 401, headers: { 'www-authenticate': CHALLENGE } };
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  let issued = 0;
  const credential = {
    getToken: () => Promise.resolve({ token: `canary-token-${(issued += 1)}`, expiresOnTimestamp: Date.now() + 1e6 }),
  };
  return { source: azureKeyVault({ vaultUrl: server.url, credential }), issued: () => issued };
}

const errorOf = async (source: ReturnType<typeof azureKeyVault>, more: object = {}) =>
  (await source.read(['KEY'], { ...context(), ...more })).get('KEY') as Error & { retryAfter?: number };

describe('azureKeyVault: answers that are none', () => {
  it('given another version than was asked for, when read, then it is not used', async () => {
    const { source } = await hostile(() => ({ body: bundle }));
    const error = await errorOf(source, { version: FIRST });
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(error.message).toContain('is about another version, and is not used');
    expect(printed(error)).not.toContain('canary');
    expect(valuesOf(await source.read(['KEY'], { ...context(), version: SECOND.toUpperCase() }))).toEqual({
      KEY: 'canary-value',
    });
    await source.close();
  });

  it.each([
    ['an entry of something else', { value: [{ id: 'https://x/keys/KEY' }] }],
    ['an entry without an address', { value: [{ id: 'https://x/secrets/KEY' }, { canary: 1 }] }],
    ['null among entries', { value: [null] }],
  ])('given a list with %s, when listed and read whole, then nothing is left out in silence', async (_, body) => {
    const { source } = await hostile(() => ({ body }));
    for (const failed of [source.list(undefined, context()), source.readAll(context())])
      expect(await failureOf(failed)).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await source.close();
  });

  it('given a pause of months, when throttled, then an hour is heeded at most', async () => {
    const { source } = await hostile(() => ({ status: 429, headers: { 'retry-after-ms': '9999999' } }));
    expect((await errorOf(source)).retryAfter).toBe(3_600_000);
    await source.close();
  });
});

describe('azureKeyVault: refused tokens', () => {
  it('given a refusal without a body, when read, then a new token is fetched once, and it is not a gateway’s page', async () => {
    let asked = 0;
    const refuse = { status: 401, headers: { 'www-authenticate': CHALLENGE } };
    const { source, issued } = await hostile(() => ((asked += 1) === 1 ? refuse : { body: bundle }));
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'canary-value' });
    expect(issued()).toBe(2);
    const always = await hostile(() => refuse);
    const error = await errorOf(always.source);
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(printed(error)).not.toContain('canary');
    await Promise.all([source.close(), always.source.close()]);
  });

  it.each([
    ['that nobody can give', '{"access_token":{"odd":null}}'],
    ['that are garbled', '{"access_tok'],
  ])('given claims %s, when asked for once, then they spoil no token after it', async (_, claims) => {
    const { vault } = await emulated({ KEY: 'v' });
    const { getToken } = credentialOf(vault);
    const source = sourceAt(vault, {
      credential: {
        getToken: (scopes, options) =>
          options?.claims === undefined ? getToken(scopes, options) : Promise.reject(new Error('canary')),
      },
    });
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'v' });
    vault.claims = claims;
    await source.read(['KEY'], context());
    expect(valuesOf(await source.read(['KEY'], context()))).toEqual({ KEY: 'v' });
  });
});

describe('azureKeyVault: a credential that is sick', () => {
  it('given one whose endpoint answers 500, when 500 secrets are read, then it is not asked for each of them', async () => {
    const { vault } = await emulated({ KEY: 'v' });
    let asked = 0;
    const getToken = () => ((asked += 1), Promise.reject(Object.assign(new Error('canary'), { statusCode: 500 })));
    const names = Array.from({ length: 500 }, (_, index) => `K${index}`);
    const found = await sourceAt(vault, { credential: { getToken } }).read(names, context());
    expect(found.size).toBe(500);
    expect(asked).toBeLessThan(10);
    expect(printed([...found.values()])).not.toContain('canary');
  }, 30_000);
});

describe('azureKeyVault: an environment that somebody has tampered with', () => {
  const vaultUrl = 'https://shop.vault.azure.net';

  it.each<[string, Record<string, string>, string]>([
    ['an address that is none', { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'canary' }, 'AZURE_POD_IDENTITY_AUTHORITY_HOST'],
    ['an endpoint that is none', { IDENTITY_ENDPOINT: 'http://[canary', IDENTITY_HEADER: 'x' }, 'IDENTITY_ENDPOINT'],
    [
      'a header that is none',
      { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/x', IDENTITY_HEADER: 'canary\nx' },
      'IDENTITY_HEADER',
    ],
    [
      'a tenant of dots',
      { AZURE_TENANT_ID: '..', AZURE_CLIENT_ID: 'x', AZURE_CLIENT_SECRET: 'canary' },
      'AZURE_TENANT_ID',
    ],
    [
      'an authority by plain http',
      {
        AZURE_AUTHORITY_HOST: 'http://evil.example',
        AZURE_TENANT_ID: 't',
        AZURE_CLIENT_ID: 'x',
        AZURE_CLIENT_SECRET: 'canary',
      },
      'AZURE_AUTHORITY_HOST',
    ],
  ])('given %s, when the source is made, then it is a configuration error by its name', (_, variables, words) => {
    environment(variables);
    const make = (): unknown => azureKeyVault({ vaultUrl });
    expect(make).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }) as Error);
    expect(make).toThrow(words);
    try {
      make();
    } catch (error) {
      expect(printed(error)).not.toContain('canary');
    }
  });

  it('given a pipe or a device for a file, when read, then nobody waits for it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'azure-hostile-'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const { vault } = await emulated({ KEY: 'v' });
    for (const variable of ['AZURE_FEDERATED_TOKEN_FILE', 'AZURE_CLIENT_CERTIFICATE_PATH'])
      for (const path of [join(folder, 'pipe'), '/dev/zero']) {
        const { AZURE_CLIENT_SECRET: _, ...others } = appVariables(vault);
        environment({ ...others, [variable]: path });
        const error = await errorOf(sourceAt(vault, { credential: undefined }));
        expect(error.message).toContain(`"${path}" is not a regular file`);
      }
    rmSync(folder, { recursive: true });
  });

  it('given a machine without a managed identity, when read, then what to set is told', async () => {
    const gone = await startServer(() => undefined);
    await gone.stop();
    environment({ AZURE_POD_IDENTITY_AUTHORITY_HOST: gone.url });
    const { vault } = await emulated({ KEY: 'v' });
    const error = await errorOf(sourceAt(vault, { credential: undefined }));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(error.message).toContain('(the instance metadata service). Assign a managed identity');
  });
});
