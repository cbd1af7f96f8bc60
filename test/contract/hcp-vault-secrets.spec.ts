import { hcpVaultSecrets } from '../../lib/sources/hcp-vault-secrets/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { HcpVaultSecretsEmulator } from '../../lib/testing/emulator/index.js';

const ids = {
  clientId: 'client-1',
  clientSecret: 'canary-contract-client-secret-8e1f',
  organizationId: 'org-1',
  projectId: 'project-1',
};

describeSecretSource(
  'hcp-vault-secrets',
  async (values) => {
    const dynamic = { type: 'dynamic' as const, values: { user: 'canary-user' }, ttl: '3600s' };
    const apps = { web: { ...(values as Record<string, string>), DYNAMIC: dynamic } };
    const emulator = await HcpVaultSecretsEmulator.start({ ...ids, apps });
    return {
      source: hcpVaultSecrets({ ...ids, appName: 'web', apiUrl: emulator.apiUrl, authUrl: emulator.authUrl }),
      rotate: (name, value) => emulator.rotate('web', name, value as string),
      remove: (name) => emulator.removeSecret('web', name),
      opened: (name) => emulator.opened('web', name),
      fail: () => emulator.fail({ status: 503 }),
      recover: () => emulator.recover(),
      credentials: [ids.clientSecret],
      dispose: () => emulator.stop(),
    };
  },
  { dynamic: 'DYNAMIC', without: ['canonicalName', 'watch', 'renew', 'revoke', 'release'] },
);
