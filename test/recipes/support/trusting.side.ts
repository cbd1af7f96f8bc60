import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server, TlsOptions, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { ROTATIONS, type OtherSide } from './under-rotation.js';

export interface TrustingSideOptions {
  /** As the table names it. */
  readonly server: string;
  /** The server, which does not listen yet. */
  make(options: TlsOptions): Server;
  /** @param port on 127.0.0.1 */
  url(port: number): string;
  /** For each connection whose certificate is trusted, once that was noted: HTTP/2 takes the socket over. */
  onSession?(socket: TLSSocket): void;
  /** Of what the server has beside itself. */
  end?(): void;
}

export const certificateFor = async (name: string) => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key, cert };
};

/** A server that ends the handshake of whoever does not show a certificate that it trusts. Connections tell the turn of their certificate by its name. */
export async function trustingSide(options: TrustingSideOptions): Promise<OtherSide & { readonly url: string }> {
  const own = await certificateFor('server');
  const shown = await Promise.all(Array.from({ length: ROTATIONS + 1 }, (_, turn) => certificateFor(`turn-${turn}`)));
  const trusted = new Map<string, string>();
  const sessions = new Map<TLSSocket, string>();
  const server = options.make({ ...own, requestCert: true, rejectUnauthorized: true });
  server.on('secureConnection', (socket) => {
    sessions.set(socket, String(socket.getPeerCertificate().subject?.CN));
    socket.on('close', () => sessions.delete(socket)).on('error', () => undefined);
    options.onSession?.(socket);
  });
  const trust = (): void => server.setSecureContext({ ...own, ca: [own.cert, ...trusted.values()] });
  const cut = async (): Promise<void> => [...sessions.keys()].forEach((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: options.server,
    url: options.url((server.address() as AddressInfo).port),
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
      options.end?.();
      server.close();
      await once(server, 'close');
    },
  };
}
