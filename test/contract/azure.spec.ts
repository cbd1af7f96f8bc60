import type { SecretValue } from '../../lib/core/secret/secret-value.js';
import { isBytes } from '../../lib/core/secret/secret-value.js';
import { azureKeyVault } from '../../lib/sources/azure/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { CLIENT, KeyVaultServer, TENANT } from '../servers/key-vault/index.js';
import { credentialOf } from '../sources/azure/azure.js';
import { tokenBucket } from '../sources/support/token-bucket.js';

describeSecretSource(
  'azure-key-vault',
  async (values) => {
    const vault = await KeyVaultServer.start();
    const nameOf = (name: string): string => `contract-${name.replaceAll('_', '-')}`;
    const put = (name: string, value: SecretValue): void => {
      const isBinary = isBytes(value);
      const text = isBinary
        ? Buffer.from(value).toString('base64')
        : typeof value === 'string'
          ? value
          : JSON.stringify(value);
      vault.secrets.set(nameOf(name), text, isBinary ? { tags: { 'file-encoding': 'base64' } } : {});
    };
    return {
      source: azureKeyVault({
        vaultUrl: vault.url,
        tls: { ca: vault.ca },
        prefix: 'contract-',
        credential: credentialOf(vault),
      }),
      seed: () => Object.entries(values).forEach(([name, value]) => put(name, value)),
      rotate: put,
      remove: (name) => vault.secrets.delete(nameOf(name)),
      spoil: (name) => put(name, '{"n":1e999}'),
      fail: () => vault.fail({ status: 503, code: 'ServiceUnavailable' }),
      recover: () => vault.recover(),
      requests: () => vault.requests.length,
      throttle: (quota) => (vault.faults.quota = tokenBucket(quota)),
      credentials: [vault.entra.clientSecret, ...vault.entra.issued, CLIENT, TENANT],
      dispose: () => vault.stop(),
    };
  },
  {
    values: ['text', 'object', 'bytes'],
    names: ['with-dashes', '0-9'],
    without: ['watch', 'renew', 'revoke', 'release'],
  },
);
