import { setTimeout as pause } from 'node:timers/promises';
import { KafkaJSConnectionError, type Mechanism } from 'kafkajs';
import type { HcpVaultClient, SecretRef } from 'nestjs-hcp-vault';

/** What kafkajs takes as `sasl`: the secret as it is at each login. After a refusal the secret is read again, and kafkajs tries again. */
export function saslOf(login: SecretRef<object>, secrets: HcpVaultClient): Mechanism {
  const refused = async (error: Error): Promise<never> => {
    await Promise.all([secrets.reportRejected('KAFKA'), pause(100)]); // by then the broker has closed this connection
    throw new KafkaJSConnectionError(error);
  };
  return new Proxy({} as Mechanism, {
    get: (own, key) => Reflect.get({ ...login.value, ...own }, key),
    set: (own, key, made: Mechanism['authenticationProvider']) =>
      Reflect.set(own, key, (args: never) => ({ authenticate: () => made(args).authenticate().catch(refused) })),
  });
}
