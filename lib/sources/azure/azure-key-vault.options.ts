import type { OptionKinds } from '../../core/options/option-kinds.js';
import { group, needed } from '../../core/options/option-kinds.js';
import type { TlsOptions } from '../http/index.js';
import { TLS_OPTIONS } from '../http/index.js';

/** Any credential of `@azure/identity`, or one's own, by its shape. */
export interface AzureTokenCredential {
  /**
   * @param scopes what the token is for, e.g. `https://vault.azure.net/.default`.
   * @param options `tenantId` and `claims` where the vault asks for them.
   * Gives the token, and when it ends in milliseconds since 1970.
   */
  getToken(
    scopes: string | string[],
    options?: { abortSignal?: AbortSignal; tenantId?: string; claims?: string; enableCae?: boolean },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

export interface AzureKeyVaultOptions {
  /** The vault's address, e.g. `https://NAME.vault.azure.net`; hosts of the clouds of China and the US Government too. Never read from the environment. */
  readonly vaultUrl: string;
  /** What gives tokens. @default by the environment: a client secret or certificate, a federated token's file, else a managed identity */
  readonly credential?: AzureTokenCredential | undefined;
  /** Goes before names at the vault, after they were mapped; what lies outside is not seen. @default '' */
  readonly prefix?: string | undefined;
  /** The name at the vault (letters, digits, dashes) of an app's name. @default `_` becomes `-` */
  readonly name?: ((name: string) => string) | undefined;
  /** False leaves text that holds a JSON object or array a string. @default true */
  readonly json?: boolean | undefined;
  /** Whether `client.update` creates a missing secret. @default false */
  readonly createIfMissing?: boolean | undefined;
  /** Entra ID's address, for credentials of the environment. @default AZURE_AUTHORITY_HOST, else that of the vault's cloud */
  readonly authorityHost?: string | undefined;
  /** Trust for the vault and for `authorityHost`. */
  readonly tls?: TlsOptions | undefined;
  /** Permits plain http beyond loopback. Warns at each start. @default false */
  readonly allowInsecure?: boolean | undefined;
}

export const AZURE_KEY_VAULT_OPTIONS: OptionKinds<AzureKeyVaultOptions> = {
  vaultUrl: needed('text'),
  credential: 'any',
  prefix: 'text',
  name: 'function',
  json: 'boolean',
  createIfMissing: 'boolean',
  authorityHost: 'text',
  tls: group<TlsOptions>(TLS_OPTIONS),
  allowInsecure: 'boolean',
};
