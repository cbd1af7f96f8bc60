import { describeSecretSource } from 'nestjs-hcp-vault/testing';
import { ConsulServer } from './consul.server.js';
import { ConsulSource } from './consul.source.js';

const PREFIX = 'prod/payments/';

describeSecretSource(
  'consul',
  async (values) => {
    const server = new ConsulServer();
    const address = await server.start();
    const put = (name: string, value: unknown): void => server.put(PREFIX + name, value as string);
    for (const [name, value] of Object.entries(values)) put(name, value);
    return {
      source: new ConsulSource({ address, token: server.token, prefix: PREFIX }),
      credentials: [server.token],
      rotate: put,
      remove: (name) => server.remove(PREFIX + name),
      fail: () => (server.isFailing = true),
      recover: () => (server.isFailing = false),
      requests: () => server.requests,
      dispose: () => server.stop(),
    };
  },
  {
    names: ['db/password', 'with space', 'ключ', '100%', 'a.b'],
    without: ['canonicalName', 'close', 'exists', 'release', 'renew', 'revoke', 'throttle', 'watch', 'write'],
  },
);
