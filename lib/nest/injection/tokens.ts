import type { Duration } from '../../core/duration.js';
import { toMilliseconds } from '../../core/duration.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import { FieldPath } from '../../core/secret/field-path.js';
import { anyRules, checkName } from '../../core/secret/secret-name.js';
import type { SecretName } from '../../core/secret/typed-names.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';

export const DEFAULT_CONNECTION = 'default';

export interface SecretTokenOptions<C extends string = string> {
  /** A dotted path into the secret. */
  readonly field?: string | undefined;
  /** @default 'default' */
  readonly connection?: C | undefined;
  /** A version or stage other than the current one. */
  readonly version?: string | undefined;
  /** A token of its own, whose provider gives undefined where the secret is not found. */
  readonly optional?: boolean | undefined;
  /** The token of a constructor parameter with this `default`; other places with one take that of `optional`. */
  readonly default?: unknown;
}

export interface SecretRefTokenOptions<C extends string = string> extends Omit<SecretTokenOptions<C>, 'default'> {
  /** How long replaced values stay in `accepted`. @default the module's `overlap` */
  readonly overlap?: Duration | undefined;
}

export const TOKEN_OPTIONS: OptionKinds<SecretTokenOptions> = {
  field: 'text',
  connection: 'text',
  version: 'text',
  optional: 'boolean',
  default: 'any',
};

const { default: _, ...refOptions } = TOKEN_OPTIONS;

export const REF_TOKEN_OPTIONS: OptionKinds<SecretRefTokenOptions> = { ...refOptions, overlap: 'duration' };

/** Throws SecretConfigurationError for what is not a name of a connection. */
export function checkConnection(connection: unknown): asserts connection is string {
  if (typeof connection === 'string' && connection !== '') return;
  throw new SecretConfigurationError('The name of a connection is a text that is not empty.');
}

/** Nest's own texts show a token that nothing provides, and one that nothing injects where `app.get` is asked for it. */
const ADVICE = ' (HcpVaultModule.forRoot gives it; by hand: client.get)';

const DIVIDER = /[%#:@?!]/;

/** Keeps the parts of a token apart: a secret named `A#b` is not field `b` of `A`. */
const escapePart = (part: string): string =>
  !DIVIDER.test(part)
    ? part
    : part.replace(/[%#:@?!]/g, (character) => encodeURIComponent(character).replace('!', '%21'));

function describe(request: Omit<SecretRequest, 'token' | 'kind'>): string {
  const { connection, name, version, field, optional } = request;
  const versionPart = version === undefined ? '' : `@${escapePart(version)}`;
  const fieldPart = field === undefined ? '' : `#${escapePart(field)}`;
  return `${escapePart(connection)}:${escapePart(name)}${versionPart}${fieldPart}${optional ? '?' : ''}`;
}

function request(
  kind: SecretRequest['kind'],
  name: string,
  options: SecretTokenOptions,
  overlap?: number,
): SecretRequest {
  if (typeof name !== 'string' || name === '') {
    throw new SecretConfigurationError('A secret’s name is a text that is not empty: @InjectSecret("NAME").');
  }
  const { field, connection = DEFAULT_CONNECTION, version, optional = false } = options;
  checkConnection(connection);
  checkName(name, anyRules, { connection });
  if (field !== undefined) FieldPath.parse(field);
  const facts = { kind, token: '', name, connection, field, version, optional, overlap };
  const prefix = kind === 'ref' ? 'HcpVaultSecretRef' : 'HcpVaultSecret';
  const suffix = overlap === undefined ? '' : `!${overlap}`;
  facts.token = `${prefix}:${describe(facts)}${suffix}${ADVICE}`;
  return registry.record(facts);
}

/** The request behind a value token; recorded, so that its provider exists. */
export const valueRequest = (name: string, options: SecretTokenOptions = {}): SecretRequest =>
  request('value', name, options);

/** The request behind a ref token. */
export function refRequest(name: string, options: SecretRefTokenOptions = {}): SecretRequest {
  const overlap = options.overlap === undefined ? undefined : toMilliseconds(options.overlap, 'overlap');
  return request('ref', name, options, overlap);
}

/**
 * The injection token of a secret’s value, a readable string: `HcpVaultSecret:default:KEY (…)`, with a hint for whoever meets it in an error of Nest's. Calling it records the secret, so that the token can
 * stand in an `inject` list, or be overridden in a test. Throws SecretFieldError for a malformed field path.
 */
export function getSecretToken<const C extends string = 'default'>(
  name: SecretName<C>,
  options?: SecretTokenOptions<C>,
): string {
  const { default: fallback, ...given } = ownOptions(options, TOKEN_OPTIONS, 'getSecretToken');
  if (fallback === undefined) return registry.recordHandmade(valueRequest(name, given)).token;
  return registry.recordDefault(registry.recordHandmade(valueRequest(name, { ...given, optional: true })), fallback);
}

/** The injection token of a secret’s `SecretRef`. */
export function getSecretRefToken<const C extends string = 'default'>(
  name: SecretName<C>,
  options?: SecretRefTokenOptions<C>,
): string {
  return registry.recordHandmade(refRequest(name, ownOptions(options, REF_TOKEN_OPTIONS, 'getSecretRefToken'))).token;
}

/** The injection token of a connection’s HcpVaultClient. */
export function getClientToken(connection: string = DEFAULT_CONNECTION): string {
  checkConnection(connection);
  return `HcpVaultClient:${escapePart(connection)}`;
}

/** The injection token of a connection’s source: the one to override in tests. */
export function getSecretSourceToken(connection: string = DEFAULT_CONNECTION): string {
  checkConnection(connection);
  return `HcpVaultSecretSource:${escapePart(connection)}`;
}

/** Tokens that the module keeps to itself. */
export const internalToken = (
  part: 'Options' | 'Arrival' | 'Runtime' | 'Linker' | 'Lifecycle' | 'ConfigViews' | 'RefreshSchedule' | 'Hub',
  connection: string,
): string => `HcpVault${part}:${escapePart(connection)}`;

const LINKER = 'HcpVaultLinker:';

/** The connection whose linker has this token; none of any other token. */
export function connectionOfLinker(token: unknown): string | undefined {
  if (typeof token !== 'string' || !token.startsWith(LINKER)) return undefined;
  return decodeURIComponent(token.slice(LINKER.length));
}
