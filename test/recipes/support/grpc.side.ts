import { createServer } from 'node:tls';
import { loadPackageDefinition, Server, ServerCredentials, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { proto } from './grpc.callers.js';
import { trustingSide } from './trusting.side.js';

/** A gRPC API of ours that wants a certificate, behind a TLS server whose connections it is handed. */
export async function grpcSide() {
  const { accounts } = loadPackageDefinition(loadSync(proto)) as unknown as {
    accounts: { Accounts: ServiceClientConstructor };
  };
  const grpc = new Server();
  grpc.addService(accounts.Accounts.service, {
    balance: (_call: unknown, done: (error: null, money: object) => void) => done(null, { amount: 1000 }),
  });
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const { sessions: _sessions, ...side } = await trustingSide({
    server: '@grpc/grpc-js 1.14.7',
    make: (options) => createServer({ ...options, ALPNProtocols: ['h2'] }),
    onSession: (socket) => injector.injectConnection(socket),
    url: (port) => `127.0.0.1:${port}`,
    end: () => grpc.forceShutdown(),
  });
  // Not counted: on a loaded machine grpc-js leaves connections open whose client was closed (docs/recipes/certificates.md).
  return side;
}
