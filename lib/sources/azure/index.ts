import type { AzureKeyVaultOptions } from './azure-key-vault.options.js';
import { AzureKeyVaultSource } from './azure-key-vault.source.js';

// The public promise of `nestjs-hcp-vault/azure`. It needs no package of Azure's.
export type { AzureKeyVaultOptions, AzureTokenCredential } from './azure-key-vault.options.js';
export type { AzureKeyVaultSource } from './azure-key-vault.source.js';

/**
 * The secrets of one Azure Key Vault. Without `credential` the environment says who asks: a client secret or certificate, a federated token's file, else
 * a managed identity. Throws SecretConfigurationError for options, or an environment, that can't be meant. See {@link AzureKeyVaultSource} for the
 * shapes of values.
 */
export const azureKeyVault = (options: AzureKeyVaultOptions): AzureKeyVaultSource => new AzureKeyVaultSource(options);
