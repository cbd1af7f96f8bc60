import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands before a server that can't tell whose its sessions are: counts them by what clients say of themselves first, and ends them. */
export interface ToldProxy {
  readonly port: number;
  /** For each connection under way what `label` found in its first bytes. */
  sessions(): string[];
  cut(): void;
  stop(): void;
}

export async function toldProxy(target: number, label: RegExp): Promise<ToldProxy> {
  const alive = new Map<Socket, string | undefined>();
  const proxy = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    alive.set(client, undefined);
    client.once('data', (first) => alive.set(client, label.exec(first.toString('latin1'))?.[0]));
    const end = (): void => {
      alive.delete(client);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', end).on('close', end);
    client.pipe(server).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = (): void => {
    for (const socket of alive.keys()) socket.destroy();
  };
  return {
    port: (proxy.address() as AddressInfo).port,
    sessions: () => [...alive.values()].filter((told) => told !== undefined),
    cut,
    stop() {
      cut();
      proxy.close();
    },
  };
}
