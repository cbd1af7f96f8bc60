import {
  foreignCause,
  isSecretError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../core/errors/index.js';
import type { SecretError } from '../../core/errors/index.js';

/** The cause of what was given up after its own time: nobody answered. */
export const TIMED_OUT = { name: 'TimeoutError' };

/** Codes of failures that a moment may heal: a server that restarts, a name server that is busy, a connection that broke. */
const PASSING = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN',
  'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]); // prettier-ignore

/** True for the cause of a failure that the same request, sent in a moment, may well not meet. */
export function isPassing(cause: unknown): boolean {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && PASSING.has(code);
}

/** True for an error of a library's HTTP client that says: nobody answers just now, or asks for fewer requests. */
export function isAway(error: unknown): boolean {
  const { status, code } = foreignCause(error) ?? {};
  const { response } = (error ?? {}) as { readonly response?: { readonly status?: unknown } | undefined };
  const answered = status ?? response?.status;
  return isPassing({ code }) || (typeof answered === 'number' && (answered === 429 || answered >= 500));
}

/** What the value of a header may hold (RFC 9110 §5.5). */
export const isHeaderText = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);

export const isTimedOut = (cause: unknown): boolean =>
  (cause as { readonly name?: unknown } | undefined)?.name === TIMED_OUT.name;

/** Why an exchange ended without an answer. */
export type ExchangeFailure =
  | { readonly kind: 'timeout'; readonly milliseconds: number }
  | { readonly kind: 'aborted'; readonly reason: unknown }
  | { readonly kind: 'oversize'; readonly limit: number }
  | { readonly kind: 'wire'; readonly error: unknown };

export interface Circumstances {
  readonly origin: string;
  readonly sourceKind: string;
  /** Whether anything of the request may have reached the server. */
  readonly started: boolean;
  readonly connectTimeout: number;
}

const TRUST = 'Give the server’s CA as `tls: { ca }`, or name its file in NODE_EXTRA_CA_CERTS.';
/** What to do about a handshake that failed, by the code of Node's; the first that fits. */
const TLS_FAULTS: readonly (readonly [code: RegExp, advice: string])[] = [
  // OpenSSL's words for an answer in plain HTTP.
  [
    /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
    'What listens there speaks no TLS. Check the scheme and the port.',
  ],
  [/^ERR_TLS_CERT_ALTNAME/, 'The certificate there is for another host. Check the address.'],
  [
    /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/,
    "Have the server's certificate renewed, and check the clock of this machine.",
  ],
  // Told by the server, of what it got from us.
  [/_ALERT_/, "The server refuses the handshake: check the client's certificate and key, and the versions of TLS."],
  [/CERT|_SIGNATURE|^ERR_TLS/, TRUST],
  [/^ERR_SSL|^EPROTO$/, 'Check the address, and which versions of TLS the server speaks.'],
];

/** True for the cause of a handshake that failed: files of certificates may have been replaced. */
export function isTlsFault(cause: unknown): boolean {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && TLS_FAULTS.some(([pattern]) => pattern.test(code));
}

/** True for the cause of a streamed answer that broke off because nothing came any more. */
export const isSilent = (cause: unknown): boolean =>
  (cause as { readonly code?: unknown } | undefined)?.code === 'UND_ERR_BODY_TIMEOUT';

const REACH = 'Check the address, the network, and HTTPS_PROXY and NO_PROXY.';

/**
 * The failure as the core knows it: SecretSourceUnavailableError, `effect: 'none'` where nothing can have reached the server.
 * A caller who aborts with a SecretError gets that back.
 */
export function toSecretError(failure: ExchangeFailure, circumstances: Circumstances): SecretError {
  const { origin, sourceKind, started, connectTimeout } = circumstances;
  const unavailable = (reason: string, cause?: unknown, advice?: string): SecretError =>
    new SecretSourceUnavailableError(reason, { sourceKind, cause, advice, effect: started ? 'possible' : 'none' });
  switch (failure.kind) {
    case 'timeout':
      return unavailable(`${origin} gave no whole answer within ${failure.milliseconds} ms.`, TIMED_OUT);
    case 'oversize':
      return unavailable(`the answer of ${origin} is larger than ${failure.limit} bytes.`);
    case 'aborted':
      if (isSecretError(failure.reason)) return failure.reason;
      return foreignCause(failure.reason)?.name === 'TimeoutError'
        ? unavailable(`${origin} gave no whole answer in time.`, failure.reason)
        : unavailable(`the request to ${origin} was aborted.`, failure.reason);
    case 'wire':
      return isUnsendable(failure.error)
        ? unsendable(failure.error, circumstances)
        : wireFailure(failure.error, origin, started, connectTimeout, unavailable);
  }
}

const isUnsendable = (error: unknown): boolean => foreignCause(error)?.code === 'UND_ERR_INVALID_ARG';

/** No waiting heals it. */
const unsendable = (cause: unknown, { origin, sourceKind }: Circumstances): SecretError =>
  new SecretConfigurationError(`a request to ${origin} can't be sent: a header of it holds what HTTP does not take.`, {
    sourceKind,
    cause,
    advice:
      'Look for line breaks and the like in what goes into headers: tokens, and what files and the environment give.',
  });

function wireFailure(
  error: unknown,
  origin: string,
  started: boolean,
  connectTimeout: number,
  unavailable: (reason: string, cause?: unknown, advice?: string) => SecretError,
): SecretError {
  const code = String(foreignCause(error)?.code ?? 'unknown');
  switch (code) {
    case 'ECONNREFUSED':
      return unavailable(`nothing listens at ${origin} (${code}).`, error, REACH);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unavailable(`the host of ${origin}, or of the proxy, has no known address (${code}).`, error, REACH);
    case 'UND_ERR_CONNECT_TIMEOUT':
      return unavailable(`no connection to ${origin} within ${connectTimeout} ms.`, error, REACH);
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return unavailable(`the source was closed while it talked to ${origin}.`, error);
  }
  if (started) return unavailable(`the connection to ${origin} broke before the answer was whole (${code}).`, error);
  const [, advice] = TLS_FAULTS.find(([pattern]) => pattern.test(code)) ?? [];
  if (advice !== undefined) return unavailable(`TLS with ${origin} failed (${code}).`, error, advice);
  // undici reports a proxy's refusal as an aborted request, its status only in the text.
  const refusal =
    code === 'UND_ERR_ABORTED' && error instanceof Error && /^Proxy response \((\d{3})\)/.exec(error.message);
  if (refusal) return unavailable(`the proxy refuses a tunnel to ${origin} (HTTP ${refusal[1]}).`, error, REACH);
  return unavailable(`no connection to ${origin} (${code}).`, error, REACH);
}
