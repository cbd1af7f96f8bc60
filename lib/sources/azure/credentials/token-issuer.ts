import type { AccessToken } from '../../http/index.js';

export interface TokenWish {
  /** E.g. `https://vault.azure.net/.default`. */
  readonly scope: string;
  /** The vault's tenant, where it has told. */
  readonly tenantId?: string | undefined;
  /** What the vault asks to be in the token (continuous access evaluation). */
  readonly claims?: string | undefined;
  readonly signal: AbortSignal;
}

/** One way to get a token. Rejects only with SecretErrors. */
export interface TokenIssuer {
  issue(wish: TokenWish): Promise<AccessToken>;
  close(): Promise<void>;
}
