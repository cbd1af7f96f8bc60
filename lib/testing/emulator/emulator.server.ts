import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { EmulatorFaults } from './emulator.faults.js';
import type { EmulatorJournal } from './emulator.journal.js';
import type { EmulatorKeyPair } from './emulator.tls.js';
import type { Answer } from './rpc-error.js';
import { rpcAnswer } from './rpc-error.js';

/** A request whose body has arrived. */
export interface ReceivedRequest {
  readonly method: string;
  /** Percent-encoded, as it came, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface EmulatorServerOptions {
  readonly port: number;
  readonly keyPair: EmulatorKeyPair | undefined;
  readonly faults: EmulatorFaults;
  readonly journal: EmulatorJournal;
  readonly answer: (request: ReceivedRequest) => Answer;
}

const HOST = '127.0.0.1';
const MAX_BODY = 1024 * 1024;

/** The socket side: listens on loopback, reads requests, acts out faults, sends answers. */
export class EmulatorServer {
  readonly #server: Server;
  readonly #options: EmulatorServerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #stopping = new AbortController();
  #address = '';
  #stopped: Promise<void> | undefined;

  private constructor(options: EmulatorServerOptions) {
    this.#options = options;
    this.#server = createServer(options.keyPair, (request, response) => void this.#serve(request, response));
    // Node's 5 s would close a client's idle connection at the very moment of its next request.
    this.#server.keepAliveTimeout = 10 * 60 * 1000;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async listen(options: EmulatorServerOptions): Promise<EmulatorServer> {
    const server = new EmulatorServer(options);
    await server.#listen();
    return server;
  }

  /** `host:port` */
  get address(): string {
    return this.#address;
  }

  get url(): string {
    return `${this.#options.keyPair ? 'https' : 'http'}://${this.#address}`;
  }

  /** Ends the server and every connection, those of hanging requests too. */
  stop(): Promise<void> {
    this.#stopped ??= new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#stopping.abort();
      for (const socket of this.#sockets) socket.destroy();
    });
    return this.#stopped;
  }

  async #listen(): Promise<void> {
    const { port } = this.#options;
    try {
      this.#server.listen(port, HOST);
      await once(this.#server, 'listening');
    } catch (cause) {
      throw new SecretConfigurationError(`Emulator: port ${port} of ${HOST} cannot be listened on.`, {
        advice: 'Choose another one, or leave it out for a free one.',
        cause,
      });
    }
    this.#address = `${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    const [path = '/', ...query] = (request.url ?? '/').split('?');
    const answered = this.#options.journal.arrived(method, path);
    const fault = this.#options.faults.take(path);
    try {
      const body = await read(request);
      if (fault.hang) return;
      const received = { method, path, query: new URLSearchParams(query.join('?')), headers, body };
      // The effect comes before the delay, as with a slow network: a client that gives up cannot undo it.
      const answer = fault.answer ?? (body.length > MAX_BODY ? TOO_LARGE : this.#options.answer(received));
      if (fault.delay > 0) await sleep(fault.delay, undefined, { signal: this.#stopping.signal });
      answered(answer.status);
      send(response, answer, fault.cut ? 'cut' : body.length > MAX_BODY ? 'close' : 'keep');
    } catch {
      response.destroy(); // the client went away, or the emulator was stopped
    }
  }
}

/** What becomes of the connection with the answer. */
type Ending = 'keep' | 'close' | 'cut';

const TOO_LARGE = rpcAnswer(413, 3, 'the body is too large');

function createServer(keyPair: EmulatorKeyPair | undefined, listener: RequestListener): Server {
  if (!keyPair) return createHttpServer(listener);
  try {
    return createHttpsServer({ key: keyPair.key, cert: keyPair.cert }, listener);
  } catch (cause) {
    throw new SecretConfigurationError('Emulator: "tls.key" and "tls.cert" are no matching PEM pair.', { cause });
  }
}

/** The body; one that is too large is read just far enough to tell. */
async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BODY) break;
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, body, headers }: Answer, end: Ending): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  const { socket } = response;
  if (end === 'cut') response.write(bytes.subarray(0, bytes.length / 2), () => socket?.destroy());
  else response.end(bytes, () => end === 'close' && socket?.destroySoon());
}
