import { inspectSymbol } from '../redaction.js';
import { printable } from './printable.js';
import type { SecretErrorDetails } from './secret.error.js';
import { SecretError } from './secret.error.js';

/** The source has no secret of this name (or no such version). */
export class SecretNotFoundError extends SecretError {
  static override readonly name: string = 'SecretNotFoundError';
  readonly code = 'SECRET_NOT_FOUND';
  constructor(reason = 'not found at the source.', details: SecretErrorDetails = {}) {
    super(reason, details, 'Check the name, and where the source looks for it.');
  }
}

/** A synchronous read of a secret that was never read from its source. */
export class SecretNotLoadedError extends SecretError {
  static override readonly name: string = 'SecretNotLoadedError';
  readonly code = 'SECRET_NOT_LOADED';
  constructor(reason = 'not loaded yet.', details: SecretErrorDetails = {}) {
    super(
      reason,
      details,
      'Decorate it, name it in `required`, set `preload: "all"`, or `await client.fetch(name)` first.',
    );
  }
}

export interface SecretFieldErrorDetails extends SecretErrorDetails {
  readonly field?: string | undefined;
}

/** A field path that is malformed, or that leads nowhere in the secret. */
export class SecretFieldError extends SecretError {
  static override readonly name: string = 'SecretFieldError';
  readonly code = 'SECRET_FIELD';
  readonly field: string | undefined;
  constructor(reason: string, details: SecretFieldErrorDetails = {}) {
    super(reason, details);
    this.field = details.field === undefined ? undefined : printable(details.field);
  }
  protected override extra(): object {
    return { field: this.field };
  }
}

/** The source knows us and refuses this secret (HTTP 403 and its kin). */
export class SecretAccessDeniedError extends SecretError {
  static override readonly name: string = 'SecretAccessDeniedError';
  readonly code = 'SECRET_ACCESS_DENIED';
  constructor(reason = 'the source denies access.', details: SecretErrorDetails = {}) {
    super(reason, details, 'Grant the service principal, role or policy the right to read it.');
  }
}

/** The source refuses our own credentials (HTTP 401 and its kin). */
export class SecretAuthenticationError extends SecretError {
  static override readonly name: string = 'SecretAuthenticationError';
  readonly code = 'SECRET_AUTHENTICATION';
  constructor(reason = 'the source refuses our credentials.', details: SecretErrorDetails = {}) {
    super(reason, details, 'Check the client ID and secret, token or role that the source was given.');
  }
}

export interface SecretSourceUnavailableErrorDetails extends SecretErrorDetails {
  readonly effect?: 'none' | 'possible' | undefined;
  /** True where others that were asked for with it were answered. @default false */
  readonly isAlone?: boolean | undefined;
}

/** The source could not be reached, failed, or gave an answer that makes no sense. */
export class SecretSourceUnavailableError extends SecretError {
  static override readonly name: string = 'SecretSourceUnavailableError';
  readonly code = 'SECRET_SOURCE_UNAVAILABLE';
  /** Whether the request may have had an effect at the source: opening a dynamic secret is tried again at once only for `none`. Default `none`. */
  readonly effect: 'none' | 'possible';
  /** Others that were asked for with it were answered: it is this secret that is sick, and not the source. */
  readonly isAlone!: boolean;
  constructor(reason: string, details: SecretSourceUnavailableErrorDetails = {}) {
    super(reason, details, 'Check that the source is up, and that it can be reached from here.');
    this.effect = details.effect ?? 'none';
    Object.defineProperty(this, 'isAlone', { value: details.isAlone ?? false, enumerable: false });
  }
  protected override extra(): object {
    return { effect: this.effect, isAlone: this.isAlone };
  }
}

export interface SecretThrottledErrorDetails extends SecretErrorDetails {
  /** Milliseconds that the source asks us to wait (`Retry-After`). */
  readonly retryAfter?: number | undefined;
}

/** The source asks for fewer requests (HTTP 429 and its kin). */
export class SecretThrottledError extends SecretError {
  static override readonly name: string = 'SecretThrottledError';
  readonly code = 'SECRET_THROTTLED';
  /** Milliseconds, where the source said how long. */
  readonly retryAfter: number | undefined;
  constructor(reason = 'the source throttles our requests.', details: SecretThrottledErrorDetails = {}) {
    super(reason, details, 'Ask it less often (`cache.maxAge`, `refresh.every`), or have its limit raised.');
    this.retryAfter = details.retryAfter;
  }
  protected override extra(): object {
    return { retryAfter: this.retryAfter };
  }
}

/** Where a value was refused: the path inside it and who refused; never the refuser's message, which may quote the value. */
export interface SecretValidationIssue {
  readonly path: string;
  readonly vendor: string;
  /** The library's own word for what is wrong, e.g. `invalid_type`; undefined for one that is not known to us. */
  readonly code?: string;
  /** The type that the schema wants, e.g. `object`. */
  readonly expected?: string;
  /** The type of what is there: as `typeof` has it, or `array`, `null`, `bytes`, `nothing`. */
  readonly received?: string;
}

export interface SecretValidationErrorDetails extends SecretErrorDetails {
  readonly issues?: readonly SecretValidationIssue[] | undefined;
}

/** A value was refused by its schema, or could not be taken by a cache hook. */
export class SecretValidationError extends SecretError {
  static override readonly name: string = 'SecretValidationError';
  readonly code = 'SECRET_VALIDATION';
  readonly issues: readonly SecretValidationIssue[];
  constructor(reason: string, details: SecretValidationErrorDetails = {}) {
    super(reason, details, 'Correct the value at the source, or the schema.');
    this.issues = details.issues ?? [];
  }
  protected override extra(): object {
    return { issues: this.issues };
  }
}

/** `update` on a source that can't write. */
export class SecretSourceReadOnlyError extends SecretError {
  static override readonly name: string = 'SecretSourceReadOnlyError';
  readonly code = 'SECRET_SOURCE_READ_ONLY';
  constructor(reason = 'the source can only be read.', details: SecretErrorDetails = {}) {
    super(reason, details, 'Write it with the backend’s own tools, then `client.refresh(name)`.');
  }
}

/** The app or its options are wrong; nothing that waiting would heal. */
export class SecretConfigurationError extends SecretError {
  static override readonly name: string = 'SecretConfigurationError';
  readonly code = 'SECRET_CONFIGURATION';
  constructor(reason: string, details: SecretErrorDetails = {}) {
    super(reason, details);
  }
}

export interface SecretBootstrapErrorDetails extends SecretErrorDetails {
  readonly errors?: readonly SecretError[] | undefined;
}

/** Bootstrap failed: one error that lists every required secret that is missing, refused or denied. */
export class SecretBootstrapError extends SecretError {
  static override readonly name: string = 'SecretBootstrapError';
  protected static override readonly isListing: boolean = true;
  readonly code = 'SECRET_BOOTSTRAP';
  readonly errors!: readonly SecretError[];
  constructor(reason: string, details: SecretBootstrapErrorDetails = {}) {
    super(reason, details);
    // The text lists them: whoever prints this error prints them once.
    Object.defineProperty(this, 'errors', { value: details.errors ?? [], enumerable: false });
  }
  [inspectSymbol](): string {
    return this.stack ?? this.message;
  }
  toJSON(): object {
    const { name, code, connection, message } = this;
    return { name, code, connection, message };
  }
  protected override extra(): object {
    return { errors: this.errors };
  }
}
