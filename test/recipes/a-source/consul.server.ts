import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Consul's key-value store, as far as the source asks: `GET /v1/kv/KEY`, with `recurse`, and its token. */
export class ConsulServer {
  readonly token = 'canary-consul-token';
  requests = 0;
  isFailing = false;
  readonly #entries = new Map<string, { value: string; index: number }>();
  readonly #server: Server = createServer((request, response) => {
    const { status, body } = this.#answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  #index = 0;

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  put(key: string, value: string): void {
    this.#index += 1;
    this.#entries.set(key, { value, index: this.#index });
  }

  remove(key: string): void {
    this.#entries.delete(key);
  }

  #answer({ url = '', headers }: IncomingMessage): { status: number; body: unknown } {
    this.requests += 1;
    if (this.isFailing) return { status: 500, body: 'rpc error' };
    if (headers['x-consul-token'] !== this.token) return { status: 403, body: 'ACL not found' };
    const { pathname, searchParams } = new URL(url, 'http://consul');
    const key = decodeURIComponent(pathname.slice('/v1/kv/'.length));
    const isMeant = (at: string): boolean => (searchParams.has('recurse') ? at.startsWith(key) : at === key);
    const found = [...this.#entries].filter(([at]) => isMeant(at));
    const body = found.map(([at, { value, index }]) => ({
      Key: at,
      Value: Buffer.from(value).toString('base64'),
      ModifyIndex: index,
    }));
    return found.length > 0 ? { status: 200, body } : { status: 404, body: '' };
  }
}
