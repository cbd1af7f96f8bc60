import { getSecretRefToken, HcpVaultClient, rejectsOf, type SecretRef } from 'nestjs-hcp-vault';
import { createClient } from 'redis';

type Login = { url: string; username: string; password: string };

export const redisProvider = {
  provide: 'REDIS',
  inject: [getSecretRefToken('REDIS'), HcpVaultClient],
  useFactory: async (login: SecretRef<Login>, secrets: HcpVaultClient) => {
    const credentials = { type: 'async-credentials-provider', credentials: async () => login.value } as const;
    const client = createClient({ url: login.value.url, credentialsProvider: credentials });
    client.on('error', (error) => void (rejectsOf.redis(error) && secrets.reportRejected('REDIS')));
    login.changes$.subscribe((to) => client.isReady && client.auth(to).catch(() => undefined));
    return Object.assign(await client.connect(), { onApplicationShutdown: () => client.close() });
  },
};
