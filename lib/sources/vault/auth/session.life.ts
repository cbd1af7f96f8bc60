import type { VaultAuth, VaultCalls, VaultClient } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import { boundedSeconds } from '../client/foreign-numbers.js';
import { isNotReady } from '../client/not-ready.js';
import { isBareDenial, saysInvalidToken } from '../client/token-denial.js';
import type { SessionLife, VaultSession } from './vault.session.js';

const lifeOf = (seconds: unknown, renewable: boolean): SessionLife => ({
  ttl: boundedSeconds(seconds) * 1000 || undefined,
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
    if (verdictOf(error) !== 'lookup-denied') throw error;
    return { ttl: undefined, renewable: false };
  }
}

/** `lookup-denied` where the token may not look itself up, which tells nothing of its life; `unknown` where there was trouble on the way. */
export type TokenVerdict = 'alive' | 'dead' | 'lookup-denied' | 'unknown';

export async function lookupSelf(client: Pick<VaultCalls, 'auth'>): Promise<TokenVerdict> {
  try {
    await client.auth.token.lookupSelf();
    return 'alive';
  } catch (error) {
    return verdictOf(error);
  }
}

function verdictOf(error: unknown): TokenVerdict {
  if (!isVaultError(error) || error.status !== 403 || error.isForeign) return 'unknown';
  return saysInvalidToken(error) || isBareDenial(error) ? 'dead' : 'lookup-denied';
}

export interface Renewal {
  /** Milliseconds, of whole seconds, so that 0 is less than one here, and not for ever. */
  readonly granted: number;
  readonly renewable: boolean;
}

/** Milliseconds: a Vault that takes a renewal and never answers must not hold up the next try. */
const RENEW_WITHIN = 10_000;

/** @param asked milliseconds. */
export async function renew(
  client: VaultClient,
  session: VaultSession,
  asked: number,
  within = RENEW_WITHIN,
): Promise<Renewal> {
  const increment = `${Math.ceil(asked / 1000)}s`;
  const calls = session.callsOf(client, AbortSignal.timeout(within));
  const { auth } = await calls.auth.token.renewSelf({ increment });
  return { granted: boundedSeconds(auth.lease_duration) * 1000, renewable: auth.renewable };
}

/** True for failures of a renewal that a moment may heal. A 500 is none: that is how Vault says "past the max TTL, cannot renew"; but for one of a cluster without a leader. */
export function isTransient(error: unknown): boolean {
  if (isNotReady(error)) return true;
  const status = isVaultError(error) && !error.isForeign ? error.status : undefined;
  return status === undefined || status === 412 || status === 429 || status > 500;
}
