import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OtherSide } from '../support/under-rotation.js';

/** An HTTP API of ours that takes keys, as `x-api-key` or `Authorization: Bearer`, and answers 401 to all others. A key has no user; two may be good at once. */
export async function httpSide(): Promise<OtherSide & { readonly url: string }> {
  const keys = new Map<string, string>();
  const server = createServer((incoming, outgoing) => {
    const { 'x-api-key': key = incoming.headers.authorization?.replace(/^Bearer /, '') } = incoming.headers;
    incoming.resume().on('end', () => {
      const isTaken = [...keys.values()].includes(String(key));
      outgoing.writeHead(isTaken ? 201 : 401, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: 'an HTTP API of ours',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    secret: ({ password }) => password,
    accept: async ({ user, password }) => void keys.set(user, password),
    refuse: async ({ user }) => void keys.delete(user),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
