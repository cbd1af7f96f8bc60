import { Kafka } from 'kafkajs';
import { getSecretRefToken, HcpVaultClient, type SecretRef } from 'nestjs-hcp-vault';
import { saslOf } from './sasl.js';

export const kafkaProvider = {
  provide: Kafka,
  inject: [getSecretRefToken('KAFKA'), HcpVaultClient],
  useFactory: (login: SecretRef<{ brokers: string[] }>, secrets: HcpVaultClient) => {
    const sasl = saslOf(login, secrets);
    return new Kafka({ clientId: 'orders', brokers: () => [...login.value.brokers], sasl, requestTimeout: 10_000 });
  },
};
