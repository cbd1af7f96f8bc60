import { azureKeyVault } from 'nestjs-hcp-vault/azure';
import { KeyVaultServer } from '../../servers/key-vault/index.js';
import { credentialOf } from '../../sources/azure/azure.js';
import type { BackendKind } from './backend.js';
import { asText, SECRETS } from './backend.js';
import { Front } from './front.js';

export const azure: BackendKind = {
  title: 'Azure Key Vault',
  needs: [],
  async start() {
    const server = await KeyVaultServer.start();
    const front = await Front.before(server.url);
    server.secrets.origin = front.url;
    const nameOf = (name: string): string => name.replaceAll('_', '-');
    for (const [name, value] of Object.entries(SECRETS)) server.secrets.set(nameOf(name), asText(value));
    return {
      source: azureKeyVault({ vaultUrl: front.url, tls: { ca: server.ca }, credential: credentialOf(server) }),
      isIssuing: false,
      isReadOnly: false,
      rotate: (name, value) => Promise.resolve(server.secrets.set(nameOf(name), asText(value))),
      stored: (name) => Promise.resolve(server.secrets.find(nameOf(name))?.versions.at(-1)?.value),
      cut: () => front.cut(),
      restore: () => front.restore(),
      open: () => front.open,
      async stop() {
        await front.stop();
        await server.stop();
      },
    };
  },
};
