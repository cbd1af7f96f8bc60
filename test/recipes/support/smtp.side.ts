import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { OtherSide } from './under-rotation.js';

const { version } = createRequire(import.meta.url)('smtp-server/package.json') as { version: string };

/** The SMTP server of nodemailer's author, with logins; it takes every mail and keeps none. */
export async function smtpSide(): Promise<OtherSide> {
  const passwords = new Map<string, string>();
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true, // loopback
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth: ({ username = '', password }, _session, done) =>
      passwords.get(username) === password && password !== undefined
        ? done(null, { user: username })
        : done(new Error('no such login')),
    onData: (stream, _session, done) => void stream.resume().on('end', () => done()),
  });
  server.on('error', () => undefined); // connections that end in the middle
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const sessions = (): string[] =>
    [...(server.connections as Set<{ session: SMTPServerSession }>)].map(({ session }) => session.hostNameAppearsAs);
  return {
    server: `smtp-server ${version}`,
    // A connection for forty mails: logins go on all the time.
    secret: ({ user, password, turn }) => ({
      host: '127.0.0.1',
      port,
      auth: { user, pass: password },
      maxConnections: 50,
      maxMessages: 40,
      name: `turn-${turn}`, // what the client calls itself
    }),
    accept: async ({ user, password }) => void passwords.set(user, password),
    refuse: async ({ user }) => void passwords.delete(user),
    sessions: () => Promise.resolve(sessions().filter((name) => String(name).startsWith('turn'))),
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
