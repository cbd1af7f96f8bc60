import { ClientsModule, Transport } from '@nestjs/microservices';
import { getSecretRefToken, HcpVaultClient, type SecretRef } from 'nestjs-hcp-vault';
import { saslOf } from './sasl.js';

export const kafkaOptions = (login: SecretRef<{ brokers: string[] }>, secrets: HcpVaultClient) => ({
  transport: Transport.KAFKA as const,
  options: { client: { brokers: [...login.value.brokers], sasl: saslOf(login, secrets), requestTimeout: 10_000 } },
});

/** Injected as `@Inject('ORDERS') orders: ClientKafka`. */
export const OrdersClientModule = ClientsModule.registerAsync([
  { name: 'ORDERS', inject: [getSecretRefToken('KAFKA'), HcpVaultClient], useFactory: kafkaOptions },
]);
