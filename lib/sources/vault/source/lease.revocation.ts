import { isSecretError } from '../../../core/errors/index.js';
import type { VaultAccess } from './vault.access.js';

/** Ends a lease of the current token's; one that has ended already is not a fault. Rejects with SecretErrors. */
export async function revokeLease(access: VaultAccess, id: string, signal: AbortSignal): Promise<void> {
  try {
    await access.runIfLoggedIn({ signal }, { operation: 'revoking a lease' }, (calls) => calls.sys.leases.revoke(id));
  } catch (error) {
    // 400 and 404: it has ended already.
    if (isSecretError(error) && (error.code === 'SECRET_CONFIGURATION' || error.code === 'SECRET_NOT_FOUND')) return;
    throw error;
  }
}
