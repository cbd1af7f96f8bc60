import { bearsOwn } from '../../../core/own-brand.js';
import { foreignCause, printable, printableLines } from '../../../core/errors/index.js';
import { ERRORS_PAGE } from '../../../core/errors/secret.error.js';

/** What Vault tells of a version of a KV v2 secret that is no longer readable. Its `custom_metadata` is the user's, and stays out of errors. */
export interface VaultVersionState {
  readonly version: number;
  /** As `Date.toISOString` has it, like `deletion_time`; empty where the answer had no time. */
  readonly created_time: string;
  /** Empty unless the version was deleted. */
  readonly deletion_time: string;
  /** True where the data are gone for good, not to be undeleted. */
  readonly destroyed: boolean;
}

export interface VaultErrorDetails {
  /** HTTP status; undefined where there was no answer. */
  readonly status?: number | undefined;
  /** Vault's own texts: the phrases that it is known to say. What plugins pass on of others stands as `[hidden]`. */
  readonly errors?: readonly string[] | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** The API path without `/v1/`, e.g. `secret/data/app`. */
  readonly path?: string | undefined;
  /** `GET`, `LIST`, `POST`, … */
  readonly call?: string | undefined;
  /** True for an answer that is none of Vault's own, such as a gateway's page. */
  readonly isForeign?: boolean | undefined;
  /** A foreign error is reduced to its name, code and status. */
  readonly cause?: unknown;
}

// Two copies of the package (CommonJS and ESM) may live in one process, so `instanceof` is not enough.
const brand = Symbol.for('nestjs-hcp-vault.VaultError');

/**
 * The base of all errors of `VaultClient`, and the error itself for a status that has no class of its own (405, 412, 413, …).
 * It carries Vault's own phrases in `errors` and `warnings`, never a token, a request body or a response body.
 */
export class VaultError extends Error {
  /** Written out, as in each class below it: a minifier shortens the names of classes. */
  static override readonly name: string = 'VaultError';
  readonly status: number | undefined;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly path: string;
  /** Where the package's own files say when it comes and what to do: `nestjs-hcp-vault/docs/reference/errors.md#vaultforbiddenerror`. */
  readonly help: string;
  /** `GET`, `LIST`, `POST`, …; undefined where nobody told. */
  readonly call!: string | undefined;
  /** Something else answered in Vault's place: what it says of rights and paths is not a word of Vault's. */
  readonly isForeign!: boolean;

  constructor(message: string, details: VaultErrorDetails = {}) {
    super(printable(message));
    this.name = new.target.name;
    this.status = details.status;
    this.errors = (details.errors ?? []).map(printableLines);
    this.warnings = (details.warnings ?? []).map(printableLines);
    this.path = printable(details.path ?? '');
    this.help = `${ERRORS_PAGE}#${new.target.name.toLowerCase()}`;
    Object.defineProperty(this, 'call', { value: details.call, enumerable: false });
    Object.defineProperty(this, 'isForeign', { value: details.isForeign ?? false, enumerable: false });
    Object.defineProperty(this, brand, { value: true });
    const cause = foreignCause(details.cause);
    if (cause !== undefined) Object.defineProperty(this, 'cause', { value: cause, configurable: true });
  }
}

/** 400: a request that Vault can't take, also a lease or wrapping token that is not there; and a path that the client itself refuses to send. */
export class VaultInvalidRequestError extends VaultError {
  static override readonly name: string = 'VaultInvalidRequestError';
}

/** A wrapping token that can't be trusted any more: an alarm, for whoever read it on the way may have used or exchanged it. */
export class VaultWrappingTokenError extends VaultInvalidRequestError {
  static override readonly name: string = 'VaultWrappingTokenError';
  /** `spent`: it is used, past its end, or never was. `forged`: something else made it than should have. */
  readonly misuse: 'spent' | 'forged';
  constructor(message: string, misuse: 'spent' | 'forged', details: VaultErrorDetails = {}) {
    super(message, details);
    this.misuse = misuse;
  }
}

/** 401: credentials are missing. Vault itself mostly answers 403. */
export class VaultUnauthorizedError extends VaultError {
  static override readonly name: string = 'VaultUnauthorizedError';
}

/** 403: the token is invalid or expired, or no policy of it allows this. */
export class VaultForbiddenError extends VaultError {
  static override readonly name: string = 'VaultForbiddenError';
}

export interface VaultInvalidPathErrorDetails extends VaultErrorDetails {
  readonly metadata?: VaultVersionState | undefined;
}

/** 404: nothing there, or no such mount. */
export class VaultInvalidPathError extends VaultError {
  static override readonly name: string = 'VaultInvalidPathError';
  /** Of a KV v2 version that was there: deleted (`deletion_time` is set), or destroyed for good (`destroyed`). Undefined where there is no such version at all. */
  readonly metadata: VaultVersionState | undefined;
  constructor(message: string, details: VaultInvalidPathErrorDetails = {}) {
    super(message, details);
    this.metadata = details.metadata;
  }
}

export interface VaultRateLimitErrorDetails extends VaultErrorDetails {
  readonly retryAfter?: number | undefined;
}

/** 429: a rate limit quota. */
export class VaultRateLimitError extends VaultError {
  static override readonly name: string = 'VaultRateLimitError';
  /** Milliseconds that Vault asks us to wait, where it says so. */
  readonly retryAfter: number | undefined;
  constructor(message: string, details: VaultRateLimitErrorDetails = {}) {
    super(message, details);
    this.retryAfter = details.retryAfter;
  }
}

/** 501: the server was never initialised. */
export class VaultNotInitializedError extends VaultError {
  static override readonly name: string = 'VaultNotInitializedError';
}

/** 503: the server is sealed, or in maintenance. */
export class VaultSealedError extends VaultError {
  static override readonly name: string = 'VaultSealedError';
}

/** The other 5xx. */
export class VaultServerError extends VaultError {
  static override readonly name: string = 'VaultServerError';
}

export interface VaultConnectionErrorDetails extends VaultErrorDetails {
  readonly effect?: 'none' | 'possible' | undefined;
  readonly transient?: boolean | undefined;
  /** @default the message */
  readonly reason?: string | undefined;
  /** Stands at the end of the message. */
  readonly advice?: string | undefined;
}

/** No answer that makes sense: no connection, a time-out, a broken or oversized answer, a redirect that is not followed. */
export class VaultConnectionError extends VaultError {
  static override readonly name: string = 'VaultConnectionError';
  /** Whether the request may have had an effect at the server. */
  readonly effect: 'none' | 'possible';
  /** Whether the same request may well succeed in a moment. */
  readonly transient: boolean;
  /** What happened, without the call that the message begins with; nothing of what was sent or answered. */
  readonly reason!: string;
  /** What to do next, where somebody knows: the end of the message. */
  readonly advice!: string | undefined;
  constructor(message: string, details: VaultConnectionErrorDetails = {}) {
    super([message, details.advice].filter(Boolean).join(' '), details);
    Object.defineProperty(this, 'advice', { value: details.advice && printable(details.advice), enumerable: false });
    Object.defineProperty(this, 'reason', { value: printable(details.reason ?? message), enumerable: false });
    this.effect = details.effect ?? 'none';
    this.transient = details.transient ?? false;
  }
}

/** True for every error of `VaultClient`, also for one made by another copy of the package. */
export function isVaultError(error: unknown): error is VaultError {
  return bearsOwn(error, brand);
}
