import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Longer than an answer over loopback takes, so that work is under way when a pool is swapped. */
const WORK_TAKES = 15;

/** A service on loopback that looks at who asks, each time: 200 for whom it knows, 401 for others. */
export class CheckingServer {
  private constructor(private readonly server: Server) {}

  static async start(knows: (user: string, password: string) => boolean): Promise<CheckingServer> {
    const server = createServer(({ headers }, response) => {
      const [, basic = ''] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? [];
      const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
      response.statusCode = knows(user, password.join(':')) ? 200 : 401;
      setTimeout(() => response.end(), WORK_TAKES);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CheckingServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
