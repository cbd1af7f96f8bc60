import { SecretAuthenticationError } from '../../core/errors/index.js';
import type { BaseUrl, HttpResponse } from '../http/index.js';
import { challengeOf, KIND } from './azure-key-vault.errors.js';
import { KNOWN_RESOURCES } from './azure-key-vault.settings.js';

/** Whom a token has to be for, as the vault says. */
export interface Challenged {
  readonly scope: string;
  readonly tenantId: string | undefined;
}

/**
 * What a vault of an unknown cloud asks for. A token is taken only for a resource to which the vault's own host belongs, so that none that is
 * good elsewhere goes there; a vault on loopback may also ask for one of the clouds' own. Who gives tokens is never taken from it.
 * Throws SecretAuthenticationError.
 */
export function challenged(response: HttpResponse, { origin, loopback }: BaseUrl): Challenged {
  const { resource, scope, authorization, authorization_uri: uri } = challengeOf(response);
  const asked = resource ?? scope?.replace(/\/\.default$/, '');
  if (response.status !== 401 || asked === undefined || !URL.canParse(asked)) {
    throw refused(`${origin} does not say whom a token for it has to be for: it is not a vault that we know.`);
  }
  const { hostname, protocol } = new URL(asked);
  const own = new URL(origin).hostname;
  const isParent = own === hostname || own.endsWith(`.${hostname}`);
  const isKnown = loopback && KNOWN_RESOURCES.includes(hostname);
  if (protocol !== 'https:' || (!isKnown && (!isParent || !hostname.includes('.')))) {
    throw refused(`${origin} asks for a token that is for another domain: none is sent there.`);
  }
  const tenantId = /^https:\/\/[^/]+\/([0-9a-zA-Z.-]+)\/?$/.exec(authorization ?? uri ?? '')?.[1];
  return { scope: `https://${new URL(asked).host}/.default`, tenantId };
}

/** What the next token has to hold, where the vault says so (continuous access evaluation); undefined for what is not JSON, which nobody could give. */
export function claimsOf(response: HttpResponse): string | undefined {
  const { error, claims } = challengeOf(response);
  if (error !== 'insufficient_claims' || !claims) return undefined;
  const text = Buffer.from(claims, 'base64').toString();
  try {
    const asked: unknown = JSON.parse(text);
    return typeof asked === 'object' && asked !== null ? text : undefined;
  } catch {
    return undefined;
  }
}

const refused = (reason: string): SecretAuthenticationError =>
  new SecretAuthenticationError(reason, {
    sourceKind: KIND,
    advice: 'Check vaultUrl: it should be the address that the Azure portal shows of the vault.',
  });
