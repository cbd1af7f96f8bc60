import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import type { HttpResponse } from '../../http/index.js';
import { AccessToken } from '../../http/index.js';
import { KIND } from '../azure-key-vault.errors.js';

/** Milliseconds, where nothing is said of it. */
const UNKNOWN_LIFE = 5 * 60_000;

/** The token of an answer; its times may be numbers or texts, as the endpoints of managed identities give them. */
export function tokenOf(response: HttpResponse, from: string): AccessToken {
  const answer = response.json();
  const { access_token: text, expires_in, expires_on } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (!AccessToken.isText(text)) {
    throw new SecretSourceUnavailableError(`${from} answered without an access token.`, {
      sourceKind: KIND,
      advice: 'Check the address: something else may be in its place.',
    });
  }
  const seconds = secondsOf(expires_in);
  const until = secondsOf(expires_on);
  const life = seconds !== undefined ? seconds * 1000 : until !== undefined ? until * 1000 - Date.now() : UNKNOWN_LIFE;
  return new AccessToken(text, Math.max(0, life));
}

function secondsOf(told: unknown): number | undefined {
  const seconds =
    typeof told === 'number' ? told : typeof told === 'string' && /^\d+$/.test(told) ? Number(told) : undefined;
  return seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
