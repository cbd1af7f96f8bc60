import { rotatingProvider } from 'nestjs-hcp-vault';
import { Agent, type buildConnector } from 'undici';

const REFUSED = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE|ERR_SSL_.*ALERT.*)$/;

/** Injected as `Rotating<Agent>`. */
export const apiProvider = rotatingProvider<Agent, 'MTLS'>({
  provide: 'API',
  secret: 'MTLS',
  create: (login) => new Agent({ connect: login as buildConnector.BuildOptions, connections: 50 }),
  validate: (agent) => agent.request({ origin: process.env['API_URL']!, path: '/', method: 'HEAD' }),
  dispose: (agent) => agent.close(),
  rejects: (error) => REFUSED.test(String((error as { code?: string }).code)),
});
