// One way each to read a secret of KV v2, all against the same server.
import { Agent, request } from 'undici';

const PATH = 'bench/secret';

/** Those of `package.json` that are installed; the others are left out. */
async function optional(name) {
  try {
    return await import(name);
  } catch {
    return undefined;
  }
}

/** @returns {Promise<{ name: string, read(): Promise<string>, limit?: number, close?(): unknown }[]>} each reads the field `value` of the secret */
export async function makeClients({ VaultClient, address, token }) {
  const url = `${address}/v1/secret/data/${PATH}`;
  const headers = { 'X-Vault-Token': token, 'X-Vault-Request': 'true' };
  const undici = (dispatcher) => async () => {
    const { statusCode, body } = await request(url, { headers, dispatcher });
    const answer = await body.json();
    if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
    return answer.data.data.value;
  };
  const [unbounded, bounded] = [new Agent(), new Agent({ connections: 128 })];
  const ours = new VaultClient({ address, token });
  const clients = [
    { name: 'undici', read: undici(unbounded), close: () => unbounded.destroy() },
    { name: 'undici, 128 connections', read: undici(bounded), close: () => bounded.destroy() },
    {
      name: 'VaultClient',
      limit: 1.15,
      read: async () => (await ours.kv.v2.read(PATH)).data.data.value,
      close: () => ours.close(),
    },
    {
      name: 'global fetch',
      read: async () => (await (await globalThis.fetch(url, { headers })).json()).data.data.value,
    },
  ];
  const nodeVault = await optional('node-vault');
  if (nodeVault) {
    const client = nodeVault.default({ endpoint: address, token });
    clients.push({ name: 'node-vault', read: async () => (await client.read(`secret/data/${PATH}`)).data.data.value });
  }
  const litehex = await optional('@litehex/node-vault');
  if (litehex) {
    const client = new litehex.Client({ endpoint: address, token });
    clients.push({
      name: '@litehex/node-vault',
      read: async () => (await client.kv2.read({ mountPath: 'secret', path: PATH })).data.data.data.value,
    });
  }
  const hashi = await optional('hashi-vault-js');
  if (hashi) {
    const client = new hashi.default({
      https: false,
      baseUrl: `${address}/v1`,
      rootPath: 'secret',
      timeout: 60_000,
      proxy: false,
    });
    clients.push({
      name: 'hashi-vault-js',
      read: async () => (await client.readKVSecret(token, PATH)).data.value,
    });
  }
  return clients;
}
