import { createHash } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { request } from 'undici';

/**
 * The events of Vault Enterprise, played in front of a Vault that has none: `sys/events/subscribe/{type}` by websocket, in the documented format
 * (https://developer.hashicorp.com/vault/docs/concepts/events, 1.21). No server that has them was to be had: nothing of this is verified against one, neither
 * its refusals nor when it closes. All else goes to the Vault behind it.
 */
export class VaultEventsServer {
  /** What subscribers came with. */
  readonly subscriptions: { readonly url: string; readonly token: string; readonly namespace: string }[] = [];
  readonly requests: string[] = [];
  /** A status in place of a websocket. */
  refusal: number | undefined;
  readonly #sockets = new Set<Duplex>();
  #server!: Server;

  private constructor(private readonly behind: string) {}

  static async before(address: string): Promise<VaultEventsServer> {
    const self = new VaultEventsServer(address);
    self.#server = createServer((incoming, outgoing) => void self.#pass(incoming, outgoing)).listen(0, '127.0.0.1');
    self.#server.on('upgrade', (incoming: IncomingMessage, socket: Duplex) => self.#upgrade(incoming, socket));
    await once(self.#server, 'listening');
    return self;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get open(): number {
    return this.#sockets.size;
  }

  send(type: string, metadata: Record<string, string>, mount = 'secret/'): void {
    const event = { id: 'e', metadata };
    const data = { event, event_type: type, plugin_info: { mount_path: mount, mount_class: 'secret', plugin: 'kv' } };
    this.sendText(
      JSON.stringify({ id: 'x', source: 'vault://node', specversion: '1.0', type: '*', data, time: new Date() }),
    );
  }

  sendText(text: string): void {
    const body = Buffer.from(text);
    const head =
      body.length < 126
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x81, 126, body.length >> 8, body.length & 255]);
    for (const socket of this.#sockets) socket.write(Buffer.concat([head, body]));
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex): void {
    socket.on('error', () => undefined);
    if (this.refusal !== undefined) return void socket.end(`HTTP/1.1 ${this.refusal} No\r\nconnection: close\r\n\r\n`);
    const { headers, url = '' } = incoming;
    this.subscriptions.push({
      url,
      token: String(headers['x-vault-token']),
      namespace: String(headers['x-vault-namespace']),
    });
    const accept = createHash('sha1')
      .update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    this.#sockets.add(socket);
    socket.on('data', (chunk: Buffer) => (chunk[0]! & 15) === 8 && socket.end(Buffer.from([0x88, 0])));
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = incoming;
    this.requests.push(`${method} ${url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (this.refusal !== undefined && url.includes('/sys/events/')) {
      outgoing.writeHead(this.refusal, { 'content-type': 'application/json' });
      return void outgoing.end('{"errors":["1 error occurred:\\n\\t* permission denied\\n\\n"]}');
    }
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => name.startsWith('x-vault') || name === 'content-type'),
    ) as Record<string, string>;
    const answer = await request(this.behind + url, {
      method: method as 'GET',
      headers,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    outgoing.writeHead(answer.statusCode, { 'content-type': 'application/json' });
    outgoing.end(await answer.body.text());
  }
}
