import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { managedIdentity } from '../../../lib/sources/azure/credentials/managed-identity.js';
import { azureKeyVault } from '../../../lib/sources/azure/index.js';
import type { KeyVaultServer } from '../../servers/key-vault/index.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { appVariables, cleanUp, emulated, environment, sourceAt, startVault } from './azure.js';

const folder = mkdtempSync(join(tmpdir(), 'azure-sign-in-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(cleanUp);

/** A source whose environment is this. */
async function signedIn(variables: (vault: KeyVaultServer) => Record<string, string>) {
  const { vault } = await emulated({ DB: 'v' });
  environment(variables(vault));
  return { vault, source: sourceAt(vault, { credential: undefined }) };
}

const withoutSecret = (vault: KeyVaultServer): Record<string, string> => {
  const { AZURE_CLIENT_SECRET: _, ...rest } = appVariables(vault);
  return rest;
};

describe('azureKeyVault: who asks, by the environment', () => {
  it('given a client secret, when read, then one token of Entra ID serves', async () => {
    const { vault, source } = await signedIn(appVariables);
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'v' });
    await source.read(['DB'], context());
    expect(vault.entra.signIns).toEqual(['client_secret']);
  });

  it('given a certificate in PEM, also with an encrypted key, when read, then an assertion is signed with it', async () => {
    const made = await generate([{ name: 'commonName', value: 'app' }], { keySize: 2048 });
    const path = join(folder, 'app.pem');
    writeFileSync(path, made.private + made.cert);
    const { vault, source } = await signedIn((vault) => ({
      ...withoutSecret(vault),
      AZURE_CLIENT_CERTIFICATE_PATH: path,
    }));
    vault.entra.certificate = made.cert;
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'v' });
    const encrypted = createPrivateKey(made.private).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'canary-password',
    });
    writeFileSync(path, made.cert + encrypted.toString());
    process.env['AZURE_CLIENT_CERTIFICATE_PASSWORD'] = 'canary-password';
    const other = sourceAt(vault, { credential: undefined });
    expect(valuesOf(await other.read(['DB'], context()))).toEqual({ DB: 'v' });
    expect(vault.entra.signIns).toEqual(['certificate', 'certificate']);
    writeFileSync(path, 'canary-no-pem');
    const third = (await sourceAt(vault, { credential: undefined }).read(['DB'], context())).get('DB');
    expect(third).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(printed([third, other])).not.toContain('canary');
  });

  it('given a federated token’s file, when the token in it is replaced, then the next sign-in takes the new one; a missing file is waited for', async () => {
    const path = join(folder, 'federated');
    const { vault, source } = await signedIn((vault) => ({
      ...withoutSecret(vault),
      AZURE_FEDERATED_TOKEN_FILE: path,
    }));
    expect((await source.read(['DB'], context())).get('DB')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    writeFileSync(path, `${vault.entra.federatedToken}\n`);
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'v' });
    vault.entra.federatedToken = 'canary-second';
    vault.entra.revoke();
    expect((await source.read(['DB'], context())).get('DB')).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    writeFileSync(path, 'canary-second');
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'v' });
  });

  it.each<[string, string, (vault: KeyVaultServer) => Record<string, string>]>([
    [
      'the instance metadata service',
      'imds',
      ({ entra }) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: entra.metadataUrl }),
    ],
    [
      'App Service',
      'app-service',
      ({ entra }) => ({ IDENTITY_ENDPOINT: `${entra.metadataUrl}/msi/token`, IDENTITY_HEADER: entra.identityHeader }),
    ],
  ])('given a managed identity of %s, when read, then its token serves', async (_, way, variables) => {
    const { vault, source } = await signedIn(variables);
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'v' });
    expect(vault.entra.signIns).toEqual([way]);
  });

  it('given Azure Arc, when a token is asked for, then its key proves who asks; a challenge that names another file is refused', async () => {
    const { entra } = await startVault();
    const variables: Record<string, string> = {
      IDENTITY_ENDPOINT: `${entra.metadataUrl}/arc/token`,
      IMDS_ENDPOINT: 'http://localhost',
    };
    const wish = { scope: 'https://vault.azure.net/.default', signal: context().signal };
    const arc = managedIdentity((name) => variables[name], entra.arcFolder);
    expect(entra.audienceOf((await arc.issue(wish)).text)).toBe('https://vault.azure.net');
    await arc.close();
    const astray = managedIdentity((name) => variables[name], '/var/opt/azcmagent/tokens');
    expect(await failureOf(astray.issue(wish))).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    await astray.close();
  });

  it('given no identity there, or an unknown one, when read, then the error says what to assign', async () => {
    const { source } = await signedIn(({ entra }) => ({
      AZURE_POD_IDENTITY_AUTHORITY_HOST: entra.metadataUrl,
      AZURE_CLIENT_ID: 'unknown',
    }));
    const error = (await source.read(['DB'], context())).get('DB') as Error;
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(error.message).toContain('AZURE_CLIENT_ID');
  });

  it.each<[string, Record<string, string>, string]>([
    ['a secret without the app', { AZURE_CLIENT_SECRET: 'canary' }, 'AZURE_TENANT_ID and AZURE_CLIENT_ID'],
    [
      'a tenant that leads elsewhere',
      { AZURE_CLIENT_SECRET: 'canary', AZURE_CLIENT_ID: 'a', AZURE_TENANT_ID: 'a/../b' },
      'AZURE_TENANT_ID',
    ],
    ['a developer’s credential', { AZURE_TOKEN_CREDENTIALS: 'dev' }, 'DefaultAzureCredential'],
    ['a chosen one without variables', { AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' }, 'AZURE_TENANT_ID'],
    [
      'an endpoint on another machine',
      { IDENTITY_ENDPOINT: 'http://10.0.0.1/token', IDENTITY_HEADER: 'canary' },
      'IDENTITY_ENDPOINT',
    ],
    [
      'Service Fabric',
      { IDENTITY_ENDPOINT: 'https://localhost', IDENTITY_HEADER: 'canary', IDENTITY_SERVER_THUMBPRINT: 'x' },
      'Service Fabric',
    ],
  ])('given %s, when the source is made, then it is refused', (_, variables, words) => {
    environment(variables);
    const make = () => azureKeyVault({ vaultUrl: 'https://shop.vault.azure.net' });
    expect(make).toThrow(words);
    expect(make).not.toThrow('canary');
  });

  it('given Entra ID that refuses, throttles, is down or answers nonsense, when read, then each is told, by number and in no other word of its', async () => {
    const { vault, source } = await signedIn((vault) => ({
      ...appVariables(vault),
      AZURE_CLIENT_SECRET: 'canary-wrong-secret',
    }));
    const error = (await source.read(['DB'], context())).get('DB') as Error;
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(error.message).toMatch(/AADSTS7000215.*AZURE_CLIENT_SECRET/s);
    vault.entra.faults.add({ status: 429, retryAfter: '60', times: 1 });
    expect((await source.read(['DB'], context())).get('DB')).toMatchObject({
      code: 'SECRET_THROTTLED',
      retryAfter: 60_000,
    });
    const fresh = sourceAt(vault, { credential: undefined });
    vault.entra.faults.add({ status: 503, body: '<canary>' });
    const down = (await fresh.read(['DB'], context())).get('DB');
    expect(down).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    vault.entra.faults.clear();
    vault.entra.faults.add({ status: 200, body: '{"access_token":"canary with blanks"}' });
    const nonsense = (await fresh.read(['DB'], context())).get('DB');
    expect(nonsense).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(printed([error, down, nonsense, source])).not.toMatch(/canary/);
  });

  it('given a vault whose challenge names another authority, when signed in, then the client secret goes to the configured one alone', async () => {
    const { vault, source } = await signedIn(appVariables);
    const evil = await startVault();
    vault.entra.url = evil.entra.url; // what the challenge says; the source was made before
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'v' });
    expect(evil.entra.signIns).toEqual([]);
  });
});
