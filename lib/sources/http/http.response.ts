import { SecretSourceUnavailableError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { parseJsonExactly } from '../../core/secret/json.js';
import type { BodyStream } from './body.stream.js';
import type { ExchangeAnswer } from './exchange.handler.js';

/** An answer of a backend. Holds the body, which may be full of secrets, and shows only its status. */
export class HttpResponse {
  readonly status: number;
  readonly #answer: ExchangeAnswer;
  readonly #origin: string;
  readonly #sourceKind: string;

  constructor(answer: ExchangeAnswer, origin: string, sourceKind: string) {
    this.status = answer.status;
    this.#answer = answer;
    this.#origin = origin;
    this.#sourceKind = sourceKind;
  }

  /** A header by its lower-case name; the first where it came several times. */
  header(name: string): string | undefined {
    const value = this.#answer.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** The body of a success that was asked for as a stream; `body` is empty then. */
  get stream(): BodyStream | undefined {
    return this.#answer.stream;
  }

  get body(): Buffer {
    return this.#answer.body;
  }

  text(): string {
    return this.#answer.body.toString('utf8');
  }

  /** The body as JSON; an integer that a double can’t hold comes as the text of its digits. Throws SecretSourceUnavailableError (`effect: 'possible'`, for the server has answered), which never quotes it. */
  json(): unknown {
    try {
      return parseJsonExactly(this.text());
    } catch {
      throw new SecretSourceUnavailableError(
        `${this.#origin} answered HTTP ${this.status} with a body that is not JSON (${this.#answer.body.length} bytes).`,
        {
          sourceKind: this.#sourceKind,
          effect: 'possible',
          advice: 'Check that the address is the API’s own, and that no proxy or sign-in page answers in its place.',
        },
      );
    }
  }

  static {
    hideInOutput(HttpResponse.prototype, (self) => `[http response ${self.status}]`);
  }
}
