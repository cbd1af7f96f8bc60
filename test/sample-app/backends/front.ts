import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A port before a server's own, which can be cut off, and comes back: an outage that the server knows nothing of. */
export class Front {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(private readonly target: URL) {}

  static async before(url: string): Promise<Front> {
    const front = new Front(new URL(url));
    await front.restore();
    return front;
  }

  /** Where the app finds the server. */
  get url(): string {
    return `${this.target.protocol}//127.0.0.1:${this.#port}`;
  }

  /** Connections that somebody holds. */
  get open(): number {
    return this.#sockets.size;
  }

  async cut(): Promise<void> {
    const server = this.#server!;
    this.#server = undefined;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(server, 'close');
  }

  async restore(): Promise<void> {
    this.#server = createServer((socket) => {
      const behind = connect(Number(this.target.port), this.target.hostname);
      for (const [one, other] of [
        [socket, behind],
        [behind, socket],
      ] as const) {
        one.on('error', () => undefined).on('close', () => other.destroy()); // prettier-ignore
        one.pipe(other);
      }
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (this.#server) await this.cut();
  }
}
