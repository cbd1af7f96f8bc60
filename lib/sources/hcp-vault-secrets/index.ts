import type { HcpVaultSecretsOptions } from './hcp-vault-secrets.options.js';
import { HcpVaultSecretsSource } from './hcp-vault-secrets.source.js';

export type { HcpVaultSecretsOptions } from './hcp-vault-secrets.options.js';
export { HcpVaultSecretsSource } from './hcp-vault-secrets.source.js';
export { refreshIntervalFromEnvironment } from './refresh-interval.js';

/**
 * The secrets of an app of HCP Vault Secrets. Every option falls back to its environment variable; throws one SecretConfigurationError
 * that lists all that is missing. See {@link HcpVaultSecretsSource} for the shapes of values.
 */
export const hcpVaultSecrets = (options?: HcpVaultSecretsOptions): HcpVaultSecretsSource =>
  new HcpVaultSecretsSource(options);
