import type { SecretError } from '../../../core/errors/index.js';
import {
  isSecretError,
  SecretAuthenticationError,
  SecretSourceUnavailableError,
  SecretThrottledError,
} from '../../../core/errors/index.js';
import { withoutEffect } from '../../../core/errors/transient.js';
import type { HttpRequest, HttpResponse, HttpTransportOptions } from '../../http/index.js';
import { AccessToken, HttpTransport, retryAfterOf } from '../../http/index.js';

/** What secrets are read and written with; what a token may do beyond that is for IAM to say. */
export const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** What a request for a token needs to know of who asks. */
export interface Asking {
  readonly sourceKind: string;
  readonly signal: AbortSignal;
}

/** What is asked, and how people know it, for errors. */
export interface TokenCall extends HttpRequest {
  readonly url: string;
  /** Where the address stands, e.g. `token_url in "/etc/google.json"`. */
  readonly urlOption: string;
  /** E.g. `the security token service`. */
  readonly asked: string;
  readonly advice: string;
  /** Whether a refusal is that of who was asked; another is a page of a gateway's. @default JSON with an `error` */
  readonly isItsOwn?: ((response: HttpResponse) => boolean) | undefined;
  readonly transport?: Pick<HttpTransportOptions, 'allowInsecure' | 'connectTimeout' | 'proxy' | 'warn'> | undefined;
}

/** What a machine is told about itself, by its host: plain http is the protocol there, and no proxy has it. */
export const LINK_LOCAL = { allowInsecure: true, warn: () => undefined, proxy: false as const, connectTimeout: 3000 };

const FOREIGN = 'Check its address, and what stands before it: a gateway, a proxy, a sign-in page.';
/** Milliseconds: as long as one request of the core has by default, for callers wait for it. */
const TIMEOUT = 10_000;
/** Taken where nobody tells how long a token lives (ms). */
const UNKNOWN_LIFE = 300_000;
/** Of RFC 6749 §5.2 and RFC 8693: what else a body calls its error is not looked at. */
const OAUTH =
  /^(?:invalid_(?:request|client|grant|scope|target)|unauthorized_client|unsupported_grant_type|access_denied)$/;

/** One request of its own connection, once an hour or so: nothing stays open. Sent only to that host. Rejects with SecretErrors without effect. */
export async function requestToken<T>(
  { url, urlOption, asked, advice, transport, isItsOwn = hasError, ...request }: TokenCall,
  { sourceKind, signal }: Asking,
  read: (response: HttpResponse) => T,
): Promise<T> {
  const { base, path } = partsOf(url);
  const http = new HttpTransport({ ...transport, url: base, urlOption, sourceKind });
  try {
    const response = await http.request({ ...request, path, signal, timeout: TIMEOUT, repeatable: true });
    if (response.status !== 200) {
      throw refusal(response, `${asked} (${http.origin})`, isItsOwn(response) ? advice : undefined, sourceKind);
    }
    return read(response);
  } catch (error) {
    throw isSecretError(error) ? withoutEffect(error) : error;
  } finally {
    await http.close();
  }
}

/** The transport has one origin, and each request its path. What is not a URL is for the transport to refuse. */
function partsOf(url: string): { base: string; path: string } {
  if (!URL.canParse(url)) return { base: url, path: '/' };
  const { username, password, hash, origin, pathname, search } = new URL(url);
  const isOdd = username !== '' || password !== '' || hash !== '' || origin === 'null';
  return isOdd ? { base: url, path: '/' } : { base: origin, path: pathname + search };
}

/** `{ access_token, expires_in }` of a token endpoint. */
export function grantedToken(response: HttpResponse, asked: string, sourceKind: string): AccessToken {
  const { access_token: text, expires_in: seconds } = fieldsOf(response.json());
  const told = Number(seconds ?? Number.NaN);
  return tokenOf(text, Number.isFinite(told) && told >= 0 ? told * 1000 : UNKNOWN_LIFE, asked, sourceKind);
}

/** @throws SecretSourceUnavailableError where it is not a token. */
export function tokenOf(text: unknown, life: number, asked: string, sourceKind: string): AccessToken {
  if (AccessToken.isText(text)) return new AccessToken(text, Number.isFinite(life) ? Math.max(0, life) : UNKNOWN_LIFE);
  throw new SecretSourceUnavailableError(`${asked} answered without an access token.`, {
    sourceKind,
    advice: FOREIGN,
  });
}

/** The body is looked at only for its error code, and never quoted: it may hold what was sent. */
function refusal(response: HttpResponse, asked: string, advice: string | undefined, sourceKind: string): SecretError {
  const { status } = response;
  const code = errorCodeOf(response);
  const cause = { name: 'HttpStatus', status, ...(code !== undefined && { code }) };
  const reason = `${asked} gives no access token: HTTP ${status}${code ? `, ${code}` : ''}.`;
  if (status === 429) {
    const retryAfter = retryAfterOf(response.header('retry-after'), response.header('date'));
    return new SecretThrottledError(reason, { sourceKind, cause, retryAfter });
  }
  const isVerdict = status >= 400 && status < 500 && status !== 408;
  if (!isVerdict) return new SecretSourceUnavailableError(reason, { sourceKind, cause });
  if (advice === undefined) {
    const foreign = `${reason} The answer is none of its own: something else is in its place.`;
    return new SecretSourceUnavailableError(foreign, { sourceKind, cause, advice: FOREIGN });
  }
  return new SecretAuthenticationError(reason, { sourceKind, cause, advice });
}

const hasError = (response: HttpResponse): boolean => {
  try {
    return 'error' in fieldsOf(response.json());
  } catch {
    return false;
  }
};

function errorCodeOf(response: HttpResponse): string | undefined {
  try {
    const { error } = fieldsOf(response.json());
    return typeof error === 'string' && OAUTH.test(error) ? error : undefined;
  } catch {
    return undefined;
  }
}

/** An object's fields; none for anything else. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
