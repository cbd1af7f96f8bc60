import { hideInOutput } from '../../core/redaction.js';
import type { Lived } from '../../core/source/renewed-ahead.js';

/** An OAuth access token, or what serves as one. Shows nothing of itself. */
export class AccessToken implements Lived {
  readonly #text: string;

  constructor(
    text: string,
    readonly life: number,
  ) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  /** What can stand in a header. */
  static isText(text: unknown): text is string {
    return typeof text === 'string' && /^[\x21-\x7e]+$/.test(text);
  }

  static {
    hideInOutput(AccessToken.prototype, () => '[secret access token]');
  }
}
