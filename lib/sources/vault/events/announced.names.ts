import type { KvNames } from '../source/kv.names.js';
import type { VaultSecret } from '../source/vault.secret.js';

/** The app's names for what an event announces: a path with its mount, as Vault tells it (`secret/data/app/db`), or one of the names themselves. */
export function namesAt(
  announced: string,
  secrets: ReadonlyMap<string, VaultSecret>,
  kv: KvNames | undefined,
): readonly string[] {
  const path = announced.replace(/^\/+|\/+$/g, '');
  const bare = path.replace(/^([^/]+(?:\/[^/]+)*?)\/(?:data|metadata)\//, '$1/');
  const own = [...secrets].filter(([, { place }]) => place === path || place === bare).map(([name]) => name);
  return [...new Set([...own, ...(kv?.namesAt(path) ?? []), announced])];
}
