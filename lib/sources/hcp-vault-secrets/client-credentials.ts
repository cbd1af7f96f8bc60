import { hideInOutput } from '../../core/redaction.js';

/** ID and secret of a service principal. Shows neither. */
export class ClientCredentials {
  readonly #clientId: string;
  readonly #clientSecret: string;

  constructor(clientId: string, clientSecret: string) {
    this.#clientId = clientId;
    this.#clientSecret = clientSecret;
  }

  /** HTTP Basic, both parts form-encoded first, as RFC 6749 §2.3.1 has it and HashiCorp's Go SDK does it. */
  authorization(): string {
    const pair = `${formEncoded(this.#clientId)}:${formEncoded(this.#clientSecret)}`;
    return `Basic ${Buffer.from(pair, 'latin1').toString('base64')}`;
  }

  static {
    hideInOutput(ClientCredentials.prototype, () => '[secrets of a service principal]');
  }
}

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
