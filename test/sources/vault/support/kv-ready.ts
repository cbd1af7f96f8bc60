import type { VaultClient } from '../../../../lib/sources/vault/index.js';
import { isNotReady } from '../../../../lib/sources/vault/client/not-ready.js';
import { until } from '../../vault-source/support/app.js';

/** An engine of KV v2 looks first whether it has to be upgraded, when it is new and when Vault is unsealed: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/upgrade */
export async function kvReady(client: VaultClient, mount = 'secret'): Promise<void> {
  await until('the KV engine is ready', async () => {
    try {
      await client.read(`${mount}/config`);
      return true;
    } catch (error) {
      if (isNotReady(error)) return false;
      throw error;
    }
  });
}
