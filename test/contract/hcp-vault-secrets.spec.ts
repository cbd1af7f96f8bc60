import { hcpVaultSecrets } from '../../lib/sources/hcp-vault-secrets/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { HcpVaultSecretsEmulator } from '../../lib/testing/emulator/index.js';
import { startGate } from './support/gate.js';

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
    // As the service refuses, with no word on how long.
    const gate = await startGate(emulator.apiUrl, {
      down: { status: 503, body: { code: 14, message: 'down', details: [] } },
      throttled: { status: 429, body: { code: 8, message: 'too many requests', details: [] } },
    });
    return {
      source: hcpVaultSecrets({ ...ids, appName: 'web', apiUrl: gate.url, authUrl: emulator.authUrl }),
      rotate: (name, value) => emulator.rotate('web', name, value as string),
      remove: (name) => emulator.removeSecret('web', name),
      opened: (name) => emulator.opened('web', name),
      fail: gate.fail,
      recover: gate.recover,
      requests: gate.requests,
      throttle: gate.throttle,
      credentials: [ids.clientSecret],
      dispose: () => Promise.all([gate.stop(), emulator.stop()]),
    };
  },
  { dynamic: 'DYNAMIC', without: ['canonicalName', 'watch', 'renew', 'revoke', 'release'] },
);
