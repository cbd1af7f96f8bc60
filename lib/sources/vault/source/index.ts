import { ownOptions } from '../../../core/options/own-options.js';
import { KIND } from '../errors/vault.source.errors.js';
import type { VaultOptions } from './vault.source.options.js';
import { VAULT_OPTIONS } from './vault.source.options.js';
import { VaultSource } from './vault.source.js';

export { VaultSource } from './vault.source.js';
export type { VaultKvOptions, VaultOptions } from './vault.source.options.js';
export { VaultSecret } from './vault.secret.js';
export type { MapOption, OpenContext, OpenedData, VaultSecretShape } from './vault.secret.js';
export { read } from './any.secret.js';
export type { ReadOptions } from './any.secret.js';
export {
  awsCredentials,
  databaseCredentials,
  kv,
  pkiCertificate,
  staticDatabaseCredentials,
} from './engine.secrets.js';
export type {
  AwsCredentialsOptions,
  DatabaseCredentialsOptions,
  KvOptions,
  PkiCertificateOptions,
  StaticDatabaseCredentialsOptions,
  StaticDatabaseLogin,
} from './engine.secrets.js';

/** What is an option elsewhere. */
const HINTS = {
  token: 'A token is a login: `auth: token(…)`.',
  roleId: 'It stands in a login: `auth: appRole({ roleId, secretId })`.',
  timeout: 'It stands in the options of HcpVaultModule, for whatever source.',
  retry: 'It stands in the options of HcpVaultModule, for whatever source.',
  mount: 'It stands in `kv`, or in the options of a secret or a login.',
};

/**
 * Secrets of HashiCorp Vault or OpenBao. Throws SecretConfigurationError for options that can't work; logs in when first asked. See
 * {@link VaultSource}.
 */
export const vault = (options: VaultOptions): VaultSource =>
  new VaultSource(ownOptions(options, VAULT_OPTIONS, 'vault', { hints: HINTS, details: { sourceKind: KIND } }));
