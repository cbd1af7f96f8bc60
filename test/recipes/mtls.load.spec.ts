import type { Rotating } from 'nestjs-hcp-vault';
import type { Agent } from 'undici';
import { mtlsSide } from './support/mtls.side.js';
import { underRotation } from './support/under-rotation.js';
import { apiProvider } from './tls/mtls.provider.js';

// The file of docs/recipes/certificates.md, as it stands there.
describe('the recipe of a client that shows a certificate', () => {
  underRotation({
    recipe: 'undici with a client certificate',
    page: 'certificates.md',
    secret: 'MTLS',
    start: async () => {
      const side = await mtlsSide();
      process.env['API_URL'] = side.url;
      return side;
    },
    app: () => ({ providers: [apiProvider] }),
    work: (app) => () =>
      app.get<Rotating<Agent>>('API').use(async (agent) => {
        const { body } = await agent.request({
          origin: process.env['API_URL']!,
          path: '/',
          method: 'POST',
          body: '{}',
        });
        await body.dump();
      }),
  });
});
