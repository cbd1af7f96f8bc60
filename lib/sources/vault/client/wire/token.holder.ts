import { SecretConfigurationError } from '../../../../core/errors/index.js';
import { hideInOutput } from '../../../../core/redaction.js';

/** What a header can carry, and what every token of Vault's consists of. */
const SENDABLE = /^[\x21-\x7e]+$/;

/** Whether a header can carry this text; undici would refuse any other, and name only the header. */
export const isSendable = (text: string): boolean => typeof text === 'string' && SENDABLE.test(text);

/** The client's token, shared by all that is derived from the client. */
export class TokenHolder {
  #token: string | undefined;

  constructor(token: string | undefined) {
    this.token = token;
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** Throws SecretConfigurationError, without the text, for what no header can carry. */
  set token(token: string | undefined) {
    if (token !== undefined && token !== '' && !isSendable(token)) {
      throw new SecretConfigurationError(
        'The token holds spaces, line breaks or other characters that no Vault token has.',
      );
    }
    this.#token = token === '' ? undefined : token;
  }

  static {
    hideInOutput(TokenHolder.prototype, () => '[token]');
  }
}
