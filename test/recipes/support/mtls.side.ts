import { createServer } from 'node:https';
import { trustingSide } from './trusting.side.js';

/** An HTTPS API of ours that wants a certificate. */
export const mtlsSide = () =>
  trustingSide({
    server: 'an HTTPS API of ours',
    make: (options) =>
      createServer(options, (incoming, outgoing) => {
        incoming.resume().on('end', () => outgoing.writeHead(200).end());
      }),
    url: (port) => `https://127.0.0.1:${port}`,
  });
