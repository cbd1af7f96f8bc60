import type { VaultAuth, VaultCalls, VaultClient } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import { saysNotYet } from '../client/not-yet.js';
import { isBareDenial, saysInvalidToken } from '../source/vault.source.errors.js';
import type { SessionLife } from './vault.session.js';

/** A renewal that grants less than this share of what was asked for tells that the maximum is near. */
const FULL = 0.9;

const lifeOf = (seconds: number, renewable: boolean): SessionLife => ({
  ttl: seconds > 0 ? seconds * 1000 : undefined,
  renewable,
});

/** What is known of a token's life: a login tells it; of one that was given, Vault does. */
export async function lifeAfter(auth: VaultAuth | undefined, client: VaultClient): Promise<SessionLife> {
  if (auth) return lifeOf(auth.lease_duration, auth.renewable);
  try {
    const { data } = await client.auth.token.lookupSelf();
    return lifeOf(data.ttl, data.renewable === true);
  } catch (error) {
    // One that may not look itself up is as good as any other, but for its life, of which nobody can tell.
    if (verdictOf(error) !== 'silent') throw error;
    return { ttl: undefined, renewable: false };
  }
}

/** `silent` where the token may not look itself up; trouble on the way is no verdict. */
export type TokenVerdict = 'alive' | 'dead' | 'silent' | 'unknown';

export async function lookAt(client: Pick<VaultCalls, 'auth'>): Promise<TokenVerdict> {
  try {
    await client.auth.token.lookupSelf();
    return 'alive';
  } catch (error) {
    return verdictOf(error);
  }
}

function verdictOf(error: unknown): TokenVerdict {
  if (!isVaultError(error) || error.status !== 403) return 'unknown';
  return saysInvalidToken(error) || isBareDenial(error) ? 'dead' : 'silent';
}

/** What a renewal granted. Whole seconds, so that 0 is less than one here, and not for ever. @param asked milliseconds. */
export function grantedLife(
  auth: VaultAuth,
  asked: number,
): { readonly isFull: boolean; readonly ttl: number; readonly renewable: boolean } {
  const ttl = auth.lease_duration * 1000;
  return { ttl, renewable: auth.renewable, isFull: ttl >= asked * FULL };
}

/** True for failures of a renewal that a moment may heal. A 500 is none: that is how Vault says "past the max TTL, cannot renew"; but for one of a cluster without a leader. */
export function isPassing(error: unknown): boolean {
  if (saysNotYet(error)) return true;
  const status = isVaultError(error) ? error.status : undefined;
  return status === undefined || status === 412 || status === 429 || status > 500;
}
