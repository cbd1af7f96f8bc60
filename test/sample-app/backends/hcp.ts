import { hcpVaultSecrets } from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import type { BackendKind } from './backend.js';
import { SECRETS } from './backend.js';
import { Front } from './front.js';

const APP = 'sample-app';

/** Where the app comes from: one secret of each type that the service knew. */
export const hcp: BackendKind = {
  title: 'HCP Vault Secrets',
  needs: [],
  async start() {
    const entries = Object.entries(SECRETS).map(([name, value]) => {
      if (typeof value === 'string') return [name, value] as const;
      return [name, { type: name === 'AWS' ? 'dynamic' : 'rotating', values: value.values, ttl: '3600s' }] as const;
    });
    const seed = { apps: { [APP]: Object.fromEntries(entries) } } as Parameters<
      typeof HcpVaultSecretsEmulator.start
    >[0];
    const emulator = await HcpVaultSecretsEmulator.start(seed);
    const { environment } = emulator;
    const front = await Front.before(emulator.apiUrl);
    return {
      source: hcpVaultSecrets({
        clientId: environment.HCP_CLIENT_ID,
        clientSecret: environment.HCP_CLIENT_SECRET,
        organizationId: environment.HCP_ORGANIZATION_ID,
        projectId: environment.HCP_PROJECT_ID,
        appName: APP,
        apiUrl: front.url,
        authUrl: emulator.authUrl,
      }),
      isIssuing: true,
      isReadOnly: false,
      rotate: (name, value) => {
        if (typeof value === 'string') emulator.setSecret(APP, name, value);
        else emulator.rotate(APP, name, value.values);
        return Promise.resolve();
      },
      async stored(name) {
        // As another client of the service sees it.
        const other = hcpVaultSecrets({
          clientId: environment.HCP_CLIENT_ID,
          clientSecret: environment.HCP_CLIENT_SECRET,
          organizationId: environment.HCP_ORGANIZATION_ID,
          projectId: environment.HCP_PROJECT_ID,
          appName: APP,
          apiUrl: emulator.apiUrl,
          authUrl: emulator.authUrl,
        });
        const found = (await other.read([name], { signal: AbortSignal.timeout(5_000) })).get(name);
        await other.close?.();
        return found && 'value' in found && typeof found.value === 'string' ? found.value : undefined;
      },
      cut: () => front.cut(),
      restore: () => front.restore(),
      open: () => front.open,
      async stop() {
        await front.stop();
        await emulator.stop();
      },
    };
  },
};
