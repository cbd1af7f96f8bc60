import { bearsOwn } from '../own-brand.js';
import { ownOnly } from '../own-only.js';
import { foreignCause } from './foreign-cause.js';
import { printable, printableLines } from './printable.js';

/** Names of the errors' kinds, stable across releases: what `status()` and alerting rules go by. */
export type SecretErrorCode =
  | 'SECRET_NOT_FOUND'
  | 'SECRET_NOT_LOADED'
  | 'SECRET_FIELD'
  | 'SECRET_ACCESS_DENIED'
  | 'SECRET_AUTHENTICATION'
  | 'SECRET_SOURCE_UNAVAILABLE'
  | 'SECRET_THROTTLED'
  | 'SECRET_VALIDATION'
  | 'SECRET_SOURCE_READ_ONLY'
  | 'SECRET_CONFIGURATION'
  | 'SECRET_BOOTSTRAP';

/** Where an error belongs. None of these may hold a value, a token or a body. */
export interface SecretErrorDetails {
  readonly secretName?: string | undefined;
  readonly connection?: string | undefined;
  readonly sourceKind?: string | undefined;
  /** One sentence: what to do next. Each class has a default. */
  readonly advice?: string | undefined;
  /** A foreign error is reduced to its name, code and status; a SecretError stays. */
  readonly cause?: unknown;
}

// Two copies of the package (CommonJS and ESM) may live in one process, so `instanceof` is not enough.
const brand = Symbol.for('nestjs-hcp-vault.SecretError');

/**
 * The base of all errors of this package. Its text names the secret, the connection and the source, says what happened and what to do next;
 * neither the text nor `cause` ever carries a value, a token, a request body or a response body. Names and paths in it come from outside: what is no
 * text in them (control characters, terminal escapes) is U+FFFD in the message and in the fields.
 */
export abstract class SecretError extends Error {
  /** Written out, as in each class below it: a minifier shortens the names of classes, and alerting rules go by these. */
  static override readonly name: string = 'SecretError';
  /** True for a class whose texts have lines of our own. */
  protected static readonly isListing: boolean = false;
  abstract readonly code: SecretErrorCode;
  readonly secretName: string | undefined;
  readonly connection: string | undefined;
  readonly sourceKind: string | undefined;
  /** Where the package's own files say what the code means and what to do: `nestjs-hcp-vault/docs/reference/errors.md#secret_not_found`. */
  readonly help: string;
  /** What happened, without the names that `message` puts before it. */
  readonly reason!: string;
  readonly advice!: string;

  constructor(given: string, about: SecretErrorDetails = {}, advice = '') {
    const details = ownOnly(about);
    // What follows it in a line begins a sentence: the advice, what becomes of the values, another reason.
    const text = new.target.isListing ? printableLines : (part: string): string => sentence(printable(part));
    const reason = text(given);
    const next = text(details.advice ?? advice);
    const where = {
      secretName: shown(details.secretName),
      connection: shown(details.connection),
      sourceKind: shown(details.sourceKind),
    };
    super([`${subject(where)}${reason}`, next].filter(Boolean).join(' '));
    this.name = new.target.name;
    this.secretName = where.secretName;
    this.connection = where.connection;
    this.sourceKind = where.sourceKind;
    // Of its own and enumerable: whoever prints the error prints it.
    this.help = `${ERRORS_PAGE}#${anchorOf(new.target.name)}`;
    // Parts of the message: there for `located` and for tests, but not twice in an inspection.
    Object.defineProperty(this, 'reason', { value: reason, enumerable: false });
    Object.defineProperty(this, 'advice', { value: next, enumerable: false });
    Object.defineProperty(this, brand, { value: true });
    const cause = isSecretError(details.cause) ? details.cause : foreignCause(details.cause);
    if (cause !== undefined) Object.defineProperty(this, 'cause', { value: cause, configurable: true });
  }

  /** The same error with the names that only the caller knows; what is set already stays. */
  located(about: Pick<SecretErrorDetails, 'secretName' | 'connection' | 'sourceKind'>): this {
    const where = ownOnly(about);
    const details = {
      ...this.extra(),
      secretName: this.secretName ?? where.secretName,
      connection: this.connection ?? where.connection,
      sourceKind: this.sourceKind ?? where.sourceKind,
      advice: this.advice,
      cause: this.cause,
    };
    const unchanged =
      details.secretName === this.secretName &&
      details.connection === this.connection &&
      details.sourceKind === this.sourceKind;
    if (unchanged) return this;
    const Self = this.constructor as new (reason: string, details: SecretErrorDetails) => this;
    return new Self(this.reason, details);
  }

  /** The details that only this class has, for `located`. */
  protected extra(): object {
    return {};
  }
}

/** As one finds it below `node_modules`. */
export const ERRORS_PAGE = 'nestjs-hcp-vault/docs/reference/errors.md';

/** The code of a class in small letters: a field of the class is not there yet while its base is made. */
const anchorOf = (name: string): string =>
  name
    .replace(/Error$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase();

/** Texts of sources and apps come without a full stop, too. */
const sentence = (text: string): string => (text === '' || /[.!?…:][)"'’`]?\s*$/u.test(text) ? text : `${text}.`);

const shown = (text: string | undefined): string | undefined => (text === undefined ? undefined : printable(text));

function subject({ secretName, connection, sourceKind }: SecretErrorDetails): string {
  const where = [connection && `connection "${connection}"`, sourceKind && `source ${sourceKind}`].filter(Boolean);
  const suffix = where.length > 0 ? ` (${where.join(', ')})` : '';
  if (secretName !== undefined) return `Secret "${secretName}"${suffix}: `;
  return where.length > 0 ? `${where.join(', ').replace(/^./, (c) => c.toUpperCase())}: ` : '';
}

/** True for every error of this package, also for one made by another copy of it. */
export function isSecretError(error: unknown): error is SecretError {
  return bearsOwn(error, brand);
}
