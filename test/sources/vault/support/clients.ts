import type { VaultClientOptions } from '../../../../lib/sources/vault/index.js';
import { VaultClient } from '../../../../lib/sources/vault/index.js';

const clients: VaultClient[] = [];

/** A client that `closeClients` ends, so that no socket outlives a test file. */
export function clientTo(server: { address: string; token?: string }, options: VaultClientOptions = {}): VaultClient {
  const client = new VaultClient({ address: server.address, token: server.token ?? '', ...options });
  clients.push(client);
  return client;
}

export async function closeClients(): Promise<void> {
  await Promise.all(clients.splice(0).map((client) => client.close()));
}

/** What a call rejects with. */
export async function failureOf<E = Error>(work: Promise<unknown>): Promise<E> {
  try {
    await work;
  } catch (error) {
    return error as E;
  }
  throw new Error('it did not fail');
}
