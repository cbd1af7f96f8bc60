import { hideInOutput } from '../../../core/redaction.js';

export interface TokenWish {
  /** E.g. `https://vault.azure.net/.default`. */
  readonly scope: string;
  /** The vault's tenant, where it has told. */
  readonly tenantId?: string | undefined;
  /** What the vault asks to be in the token (continuous access evaluation). */
  readonly claims?: string | undefined;
  readonly signal: AbortSignal;
}

/** A token as it was given, and how long it lives from then on. */
export class IssuedToken {
  readonly #text: string;

  /** @param life milliseconds. */
  constructor(
    text: string,
    readonly life: number,
  ) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  static {
    hideInOutput(IssuedToken.prototype, () => '[secret access token]');
  }
}

/** One way to get a token. Rejects with SecretErrors alone. */
export interface TokenIssuer {
  issue(wish: TokenWish): Promise<IssuedToken>;
  close(): Promise<void>;
}
