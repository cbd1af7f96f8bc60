import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AzureTokenCredential } from '../../../lib/sources/azure/index.js';
import { describeWith } from '../../servers/available.js';
import { CLIENT, TENANT } from '../../servers/key-vault/index.js';
import { azureClients } from '../../servers/locations.mjs';
import { context, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { cleanUp, emulated, sourceAt } from './azure.js';

afterEach(cleanUp);

interface Identity {
  readonly ClientSecretCredential: new (...given: readonly unknown[]) => AzureTokenCredential;
}

describeWith(['azure-clients'], 'azureKeyVault with credentials of @azure/identity', () => {
  it('given one, when read, then it gives tokens; with a wrong secret its name alone is told', async () => {
    const require = createRequire(join(azureClients()!, 'node/package.json'));
    const { ClientSecretCredential } = require('@azure/identity') as Identity;
    const { vault } = await emulated({ DB: 'v' });
    const options = { authorityHost: vault.entra.url, disableInstanceDiscovery: true, tlsOptions: { ca: vault.ca }, retryOptions: { maxRetries: 0 } }; // prettier-ignore
    const credential = new ClientSecretCredential(TENANT, CLIENT, vault.entra.clientSecret, options);
    const source = sourceAt(vault, { credential });
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'v' });
    expect(vault.entra.signIns).toEqual(['client_secret']);
    const wrong = new ClientSecretCredential(TENANT, CLIENT, 'canary-wrong-secret', options);
    const error = (await sourceAt(vault, { credential: wrong }).read(['DB'], context())).get('DB') as Error;
    expect(error).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    expect(error.message).toMatch(/: Authentication\w*Error\./);
    expect(printed(error)).not.toMatch(/canary|AADSTS/);
  });
});
