import { isVaultError } from './vault.errors.js';

/**
 * As for some moments after a start: a cluster between two leaders answers 500, a KV engine that looks whether it has to be upgraded 400
 * (https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/upgrade). Nothing was done, so that whatever it was may be sent again.
 */
export function isNotReady(error: unknown): boolean {
  if (!isVaultError(error)) return false;
  const { status, errors } = error;
  if (status === 500) return errors.some((text) => text.includes('active cluster node not found'));
  return status === 400 && errors.some((text) => text.includes('This backend will be unavailable for a brief period'));
}
