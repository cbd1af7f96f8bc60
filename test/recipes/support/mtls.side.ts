import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { ROTATIONS, type OtherSide } from './under-rotation.js';

export const certificateFor = async (name: string) => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key, cert };
};

/** An HTTPS API of ours that ends the handshake of whoever does not show a certificate that it trusts. Connections tell the turn of their certificate by its name. */
export async function mtlsSide(): Promise<OtherSide & { readonly url: string }> {
  const own = await certificateFor('server');
  const shown = await Promise.all(Array.from({ length: ROTATIONS + 1 }, (_, turn) => certificateFor(`turn-${turn}`)));
  const trusted = new Map<string, string>();
  const sessions = new Map<TLSSocket, string>();
  const server = createServer({ ...own, requestCert: true, rejectUnauthorized: true }, (incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.writeHead(200).end());
  });
  server.on('secureConnection', (socket) => {
    sessions.set(socket, String(socket.getPeerCertificate().subject?.CN));
    socket.on('close', () => sessions.delete(socket));
  });
  const trust = (): void => server.setSecureContext({ ...own, ca: [own.cert, ...trusted.values()] });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: 'an HTTPS API of ours',
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secret: ({ turn }) => ({ ...shown[turn]!, ca: own.cert }),
    accept: async ({ user, turn }) => {
      trusted.set(user, shown[turn]!.cert);
      trust();
    },
    refuse: async ({ user }) => {
      trusted.delete(user);
      trust();
    },
    cut: async () => server.closeAllConnections(),
    sessions: async () => [...sessions.values()],
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
