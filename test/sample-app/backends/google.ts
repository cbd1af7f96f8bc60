import { googleSecretManager } from 'nestjs-hcp-vault/gcp';
import { GoogleSecretManagerServer, PROJECT } from '../../servers/google/secret-manager.server.js';
import type { BackendKind } from './backend.js';
import { asText, SECRETS } from './backend.js';
import { Front } from './front.js';

export const google: BackendKind = {
  title: 'Google Secret Manager',
  needs: [],
  async start() {
    const server = await GoogleSecretManagerServer.start();
    for (const [name, value] of Object.entries(SECRETS)) server.set(`sample_${name}`, asText(value));
    const front = await Front.before(server.url);
    const auth = { getAccessToken: () => Promise.resolve('canary-google-token') };
    return {
      source: googleSecretManager({ projectId: PROJECT, prefix: 'sample_', endpoint: front.url, auth }),
      isIssuing: false,
      isReadOnly: false,
      rotate: (name, value) => Promise.resolve(server.set(`sample_${name}`, asText(value))),
      stored: (name) => Promise.resolve(server.store.access(`sample_${name}`, 'latest').data?.toString()),
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
