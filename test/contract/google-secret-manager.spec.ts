import { GoogleSecretManagerSource } from '../../lib/sources/gcp/secret-manager/google-secret-manager.source.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { GoogleAuthServer } from '../servers/google/auth.server.js';
import { GoogleSecretManagerServer, PROJECT } from '../servers/google/secret-manager.server.js';
import { startGate } from './support/gate.js';

const down = { status: 503, body: { error: { code: 503, status: 'UNAVAILABLE', message: 'down' } } };
// As the service refuses, with no word on how long.
const throttled = { status: 429, body: { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'quota' } } };

let auth: GoogleAuthServer;
beforeAll(async () => void (auth = await GoogleAuthServer.start()));
afterAll(() => auth.stop());

for (const location of [undefined, 'europe-west3']) {
  describeSecretSource(
    `google-secret-manager (${location ?? 'global'})`,
    async (values) => {
      const server = await GoogleSecretManagerServer.start({ location, accepts: auth.accepts });
      for (const [name, value] of Object.entries(values)) server.set(`app_${name}`, value);
      server.set('other', 'of another app');
      const gate = await startGate(server.url, { down, throttled });
      const options = { projectId: PROJECT, prefix: 'app_', location, endpoint: gate.url };
      const environment = { HOME: '/nonexistent', GCE_METADATA_HOST: auth.host };
      return {
        source: new GoogleSecretManagerSource(options, { environment }),
        rotate: (name, value) => server.set(`app_${name}`, value),
        remove: (name) => server.store.delete(`app_${name}`, undefined),
        spoil: (name) => server.set(`app_${name}`, '{"n":1e999}'),
        fail: gate.fail,
        recover: gate.recover,
        requests: gate.requests,
        throttle: gate.throttle,
        get credentials() {
          return auth.issued; // as they are by then
        },
        dispose: () => Promise.all([gate.stop(), server.stop()]),
      };
    },
    {
      values: ['text', 'object', 'bytes'],
      names: ['dashes-and_underscores', '0', '-a', '_', 'A'.repeat(250)],
      without: ['canonicalName', 'watch', 'renew', 'revoke', 'release'],
    },
  );
}
