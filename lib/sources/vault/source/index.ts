import type { VaultOptions } from './vault.source.options.js';
import { VaultSource } from './vault.source.js';

export { VaultSource } from './vault.source.js';
export type { VaultKvOptions, VaultOptions } from './vault.source.options.js';
export { VaultSecret } from './vault.secret.js';
export type { MapOption } from './vault.secret.js';
export {
  awsCredentials,
  databaseCredentials,
  kv,
  pkiCertificate,
  read,
  staticDatabaseCredentials,
} from './engine.secrets.js';
export type {
  AwsCredentialsOptions,
  DatabaseCredentialsOptions,
  KvOptions,
  PkiCertificateOptions,
  ReadOptions,
  StaticDatabaseCredentialsOptions,
  StaticDatabaseLogin,
} from './engine.secrets.js';

/**
 * Secrets of HashiCorp Vault or OpenBao. Throws SecretConfigurationError for options that can't work; logs in when first asked. See
 * {@link VaultSource}.
 */
export const vault = (options: VaultOptions): VaultSource => new VaultSource(options);
