import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import type { ChildServer } from './child.server.js';
import { freePort, startChild } from './child.server.js';
import { pubSubBinary } from './locations.mjs';

export const PUBSUB_TOKEN = 'canary-pub-sub-token';
export const TOPIC = 'projects/app-project/topics/secrets';

/** What a request meets in place of the service: a status, or silence. */
export type Fault = (method: string, path: string) => number | 'hang' | 'cut' | undefined;

/** Google's own in-memory Pub/Sub, behind a door that counts requests and can be shut. */
export class PubSubServer {
  readonly requests: string[] = [];
  fault: Fault = () => undefined;
  #child!: ChildServer;
  #door!: Server;
  #port = 0;

  static async start(): Promise<PubSubServer> {
    const self = new PubSubServer();
    await self.startService();
    self.#door = createServer((incoming, outgoing) => void self.#pass(incoming, outgoing)).listen(0, '127.0.0.1');
    await once(self.#door, 'listening');
    return self;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#door.address() as AddressInfo).port}`;
  }

  /** Begins with the topic alone: it keeps all in memory. */
  async startService(): Promise<void> {
    this.#port = await freePort();
    this.#child = await startChild({
      command: pubSubBinary()!,
      args: ['-listen', `127.0.0.1:${this.#port}`, '-token', PUBSUB_TOKEN],
      ready: async () => (await request(`http://127.0.0.1:${this.#port}/`)).statusCode === 200,
    });
    await this.ask('PUT', TOPIC, {});
  }

  stopService(): Promise<void> {
    return this.#child.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#door.closeAllConnections();
    this.#door.close();
    await this.stopService();
  }

  /** As somebody else asks it. */
  async ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const answer = await request(`http://127.0.0.1:${this.#port}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${PUBSUB_TOKEN}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return answer.body.json();
  }

  /** As Secret Manager does. */
  publish(...events: Record<string, string>[]): Promise<unknown> {
    return this.ask('POST', `${TOPIC}:publish`, {
      messages: events.map((attributes) => ({ attributes, data: Buffer.from('{"name":"x"}').toString('base64') })),
    });
  }

  async subscriptions(): Promise<Record<string, unknown>[]> {
    const { subscriptions } = (await this.ask('GET', 'projects/app-project/subscriptions')) as { subscriptions: Record<string, unknown>[] }; // prettier-ignore
    return subscriptions;
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = incoming;
    this.requests.push(`${method} ${url}`);
    const fault = this.fault(method, url);
    if (fault === 'hang') return;
    if (fault === 'cut') return void incoming.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (fault !== undefined) {
      outgoing.writeHead(fault, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error: { code: fault, message: 'canary-text of the service' } }));
      return;
    }
    try {
      const { authorization = '' } = incoming.headers;
      const answer = await request(`http://127.0.0.1:${this.#port}${url}`, {
        method: method as 'GET',
        headers: { authorization, 'content-type': 'application/json' },
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      outgoing.writeHead(answer.statusCode, { 'content-type': 'application/json' });
      outgoing.end(await answer.body.text());
    } catch {
      incoming.socket.destroy();
    }
  }
}
