import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { loadPackageDefinition, Server, ServerCredentials, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { proto } from './grpc.callers.js';
import { certificateFor } from './mtls.side.js';
import { ROTATIONS, type OtherSide } from './under-rotation.js';

/** A gRPC API of ours that ends the handshake of whoever does not show a certificate that it trusts. Connections tell the turn of their certificate by its name. */
export async function grpcSide(): Promise<OtherSide & { readonly url: string }> {
  const own = await certificateFor('server');
  const shown = await Promise.all(Array.from({ length: ROTATIONS + 1 }, (_, turn) => certificateFor(`turn-${turn}`)));
  const { accounts } = loadPackageDefinition(loadSync(proto)) as unknown as {
    accounts: { Accounts: ServiceClientConstructor };
  };
  const grpc = new Server();
  grpc.addService(accounts.Accounts.service, {
    balance: (_call: unknown, done: (error: null, money: object) => void) => done(null, { amount: 1000 }),
  });
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const trusted = new Map<string, string>();
  const sessions = new Map<TLSSocket, string>();
  const front = createServer({ ...own, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] });
  front.on('secureConnection', (socket) => {
    sessions.set(socket, String(socket.getPeerCertificate().subject?.CN));
    socket.on('close', () => sessions.delete(socket)).on('error', () => undefined);
    injector.injectConnection(socket);
  });
  const trust = (): void => front.setSecureContext({ ...own, ca: [own.cert, ...trusted.values()] });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const cut = async (): Promise<void> => [...sessions.keys()].forEach((socket) => socket.destroy());
  return {
    server: '@grpc/grpc-js 1.14.7',
    url: `127.0.0.1:${(front.address() as AddressInfo).port}`,
    secret: ({ turn }) => ({ ...shown[turn]!, ca: own.cert }),
    accept: async ({ user, turn }) => {
      trusted.set(user, shown[turn]!.cert);
      trust();
    },
    refuse: async ({ user }) => {
      trusted.delete(user);
      trust();
    },
    cut,
    sessions: async () => [...sessions.values()],
    async stop() {
      await cut();
      grpc.forceShutdown();
      front.close();
      await once(front, 'close');
    },
  };
}
