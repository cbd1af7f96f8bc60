import { fileURLToPath } from 'node:url';
import type { PeerCertificate } from 'node:tls';
import { credentials, loadPackageDefinition, type Client, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';

export const proto = fileURLToPath(new URL('../grpc/accounts.proto', import.meta.url));

@Controller()
export class Accounts {
  @GrpcMethod('Accounts', 'Balance')
  balance(): { amount: number } {
    return { amount: 1000 };
  }
}

type AccountsClient = Client & {
  balance(account: { id: string }, done: (error: Error | null, money?: { amount: number }) => void): void;
};

/** Clients of {@link Accounts} that connect anew after `callsEach` calls, each with a connection of its own. */
export function callersOf(
  url: string,
  callsEach: number,
  ca: Buffer,
  checkServerIdentity: (host: string, certificate: PeerCertificate) => unknown,
): { readonly call: () => Promise<void>; close(): void } {
  const { accounts } = loadPackageDefinition(loadSync(proto)) as unknown as {
    accounts: { Accounts: ServiceClientConstructor };
  };
  const idle: { readonly client: AccountsClient; calls: number }[] = [];
  let made = 0;
  const opened = () => {
    const trusting = credentials.createSsl(ca, null, null, {
      checkServerIdentity: (host, certificate) => void checkServerIdentity(host, certificate),
    });
    const client = new accounts.Accounts(url, trusting, {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.ssl_target_name_override': 'localhost',
    });
    return { client: client as unknown as AccountsClient, calls: made++ % callsEach }; // so that they don't all connect at one time
  };
  return {
    async call() {
      const caller = idle.shift() ?? opened();
      try {
        await new Promise<void>((resolve, reject) => {
          caller.client.balance({ id: 'a' }, (error, money) =>
            money?.amount === 1000 ? resolve() : reject(error ?? new Error('another amount')),
          );
        });
        caller.calls += 1;
      } finally {
        if (caller.calls < callsEach) idle.push(caller);
        else caller.client.close();
      }
    },
    close: () => idle.forEach(({ client }) => client.close()),
  };
}
