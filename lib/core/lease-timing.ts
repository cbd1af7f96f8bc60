/**
 * When what a backend grants for a time (a lease, a token, a role) is due: after two thirds of it and a little chance, as HashiCorp's LifetimeWatcher
 * and Vault Secrets Operator do, so that a renewal that fails leaves time for others.
 */
const SHARE = 0.67;
const JITTER = 0.1;
/** Less than this share of what was asked for, or of what was there before, is a rest: the maximum is near. */
const WHOLE = 0.9;
/** After this share of a lease it is no longer extended: what is left is for opening new credentials. */
const RENEW_UNTIL = 0.95;

/** Milliseconds after which something granted for `duration` ms is due. `random` is a number in [0, 1). */
export function dueAfter(duration: number, random: number): number {
  return duration * (SHARE + JITTER * random);
}

/** True where a renewal granted what there was before; else new credentials, or a new login, are due. */
export function isGrantedInFull(granted: number, before: number): boolean {
  return granted >= before * WHOLE;
}

/** Milliseconds after the grant until which a renewal may be under way. */
export function renewableFor(duration: number): number {
  return duration * RENEW_UNTIL;
}
