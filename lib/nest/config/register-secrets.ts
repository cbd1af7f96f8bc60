import { refuseOtherVersions } from '../../core/copies.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import { FieldPath } from '../../core/secret/field-path.js';
import type { FieldPathOf, ReadSecret, SecretName, SecretOf } from '../../core/secret/typed-names.js';
import { checkConnection, DEFAULT_CONNECTION } from '../injection/tokens.js';
import type { RegisteredView } from './registered-views.js';
import { registeredSymbol, registeredViews } from './registered-views.js';
import type { SecretsView } from './secrets-view.js';
import { createView } from './secrets-view.js';
import { isUnshown } from './unshown-names.js';

/** A config factory for `ConfigModule.forRoot({ load: [...] })`, with the key to inject its object by. */
export interface SecretsConfigFactory<C extends string = string> {
  (): SecretsView;
  /** For `@Inject(secretsConfig.KEY)` and `inject` lists: Nest waits until the secrets are loaded. */
  readonly KEY: string;
  readonly namespace: string;
  readonly connection: C;
}

export interface RegisterSecretsOptions<C extends string = string> {
  /** @default 'default' */
  readonly connection?: C | undefined;
}

export const REGISTER_OPTIONS: OptionKinds<RegisterSecretsOptions> = { connection: 'text' };

/** The token under which @nestjs/config provides a namespace (its `getConfigToken`, versions 4 and 12). */
export const configToken = (namespace: string): string => `CONFIGURATION(${namespace})`;

/**
 * Shows a connection’s secrets under a namespace of ConfigService, and gives the key for `@Inject(secretsConfig.KEY)`:
 * what `registerAs` of @nestjs/config does for other settings. What it shows is always current, and never goes into `process.env`.
 */
export function registerSecrets<const C extends string = 'default'>(
  namespace: string,
  options?: RegisterSecretsOptions<C>,
): SecretsConfigFactory<C> {
  refuseOtherVersions();
  checkNamespace(namespace);
  const { connection = DEFAULT_CONNECTION } = ownOptions(options, REGISTER_OPTIONS, 'registerSecrets');
  checkConnection(connection);
  const view = { namespace, connection, token: viewToken(namespace, connection) };
  registeredViews.announce(view.token, view);
  const factory = loader(view, view.token);
  // ConfigModule awaits what stands in `load`, and gets a function with a key of its own: its ConfigService, which may well have the credentials
  // of the source, must not wait for secrets, and who injects `KEY` must.
  const loaded = loader(view, configToken(namespace));
  Object.defineProperty(factory, 'then', { value: (resolve: (value: unknown) => void) => resolve(loaded) });
  return factory as SecretsConfigFactory<C>;
}

const viewToken = (namespace: string, connection: string): string =>
  `HcpVaultConfig:${encodeURIComponent(connection)}:${encodeURIComponent(namespace)}`;

/** A namespaced factory, as `registerAs` of @nestjs/config makes one. */
function loader(view: RegisteredView, token: string): () => SecretsView {
  const factory = (): SecretsView => createView(view.connection);
  // The two properties by which ConfigModule knows a namespaced factory; written here, as the package is an optional peer.
  Object.defineProperty(factory, 'PARTIAL_CONFIGURATION_KEY', { value: view.namespace });
  Object.defineProperty(factory, 'KEY', { value: token });
  Object.defineProperty(factory, 'namespace', { value: view.namespace });
  Object.defineProperty(factory, 'connection', { value: view.connection });
  Object.defineProperty(factory, registeredSymbol, { value: view });
  return factory;
}

export function checkNamespace(namespace: unknown): void {
  if (typeof namespace !== 'string' || namespace === '' || namespace.includes('.')) {
    throw new SecretConfigurationError('A config namespace is a text without dots that is not empty, e.g. "secrets".');
  }
  if (namespace in Object.prototype || namespace === 'prototype') {
    throw new SecretConfigurationError(
      `"${namespace}" is not a config namespace: every object has it. Take e.g. "secrets".`,
    );
  }
}

/**
 * One secret, or a field of it, out of ConfigService, typed: `ConfigService.get('secrets.DB.values.user', { infer: true })` does not compile for deep paths.
 * Takes the namespace, or what `registerSecrets` gave: that knows its connection, and so the types of its secrets.
 * Throws SecretFieldError for a path that leads nowhere; gives undefined for a name that is not there.
 */
export function configSecret<N extends SecretName, const F extends FieldPathOf<SecretOf<N>> | undefined = undefined>(
  config: { get(path: string): unknown },
  namespace: string,
  name: N,
  field?: F,
): ReadSecret<N, F> | undefined;
export function configSecret<
  const C extends string,
  N extends SecretName<C>,
  const F extends FieldPathOf<SecretOf<N, C>> | undefined = undefined,
>(
  config: { get(path: string): unknown },
  namespace: SecretsConfigFactory<C>,
  name: N,
  field?: F,
): ReadSecret<N, F, C> | undefined;
export function configSecret(
  config: { get(path: string): unknown },
  namespace: string | SecretsConfigFactory,
  name: string,
  field?: string,
): unknown {
  const view = config.get(typeof namespace === 'string' ? namespace : namespace.namespace) as SecretsView | undefined;
  const value = isUnshown(name) ? undefined : view?.[name];
  return value === undefined || field === undefined ? value : FieldPath.parse(field).resolve(value, name);
}
