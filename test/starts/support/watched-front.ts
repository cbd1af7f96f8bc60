import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Milliseconds: a client that is not so far by then will not be. */
const WITHIN = 25_000;

export interface WatchedFront {
  readonly address: string;
  readonly port: number;
  /** Resolves as soon as the nth such request was passed on; rejects where that takes too long. @param request e.g. 'POST /v1/auth/approle/login' */
  asked(request: string, times?: number): Promise<void>;
  /** Resolves as soon as the answer to the nth such request was passed back. */
  answered(request: string, times?: number): Promise<void>;
  count(request: string): number;
  stop(): void;
}

/**
 * Stands before a server as a wire does: it hands on bytes, and the end of a connection at once, so that a server notices of a client that is killed what it
 * would notice without it. Tells how far the client is.
 */
export async function startWatchedFront(target: string): Promise<WatchedFront> {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  const counts = new Map<string, number>();
  const changes = new EventEmitter().setMaxListeners(0);
  const add = (what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
    changes.emit('change');
  };
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(targetPort), noDelay: true });
    let request: string | undefined;
    // A connection carries one request at a time.
    client.on('data', (bytes) => {
      upstream.write(bytes);
      const started = /^[A-Z]+ \S+(?= HTTP\/1\.1\r\n)/.exec(bytes.toString('latin1'))?.[0];
      if (started === undefined) return;
      request = started;
      add(`asked ${request}`);
    });
    upstream.on('data', (bytes) => {
      client.write(bytes);
      if (request !== undefined) add(`answered ${request}`);
      request = undefined;
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const reached = async (what: string, times: number): Promise<void> => {
    const signal = AbortSignal.timeout(WITHIN);
    try {
      while ((counts.get(what) ?? 0) < times) await once(changes, 'change', { signal });
    } catch {
      throw new Error(`not ${times} times within ${WITHIN} ms: ${what}`);
    }
  };
  return {
    address: `http://127.0.0.1:${port}`,
    port,
    asked: (request, times = 1) => reached(`asked ${request}`, times),
    answered: (request, times = 1) => reached(`answered ${request}`, times),
    count: (request) => counts.get(`asked ${request}`) ?? 0,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
