import { SecretSourceUnavailableError } from '../../core/errors/index.js';

/** More than any store has pages: a list of so many is one that does not end. */
const MOST = 10_000;

/** What one list in pages was continued with: a list that goes in circles is an error, not a loop without end. */
export class PageTokens {
  readonly #seen = new Set<string>();

  constructor(private readonly sourceKind: string) {}

  /** With what the list goes on, undefined at its end (an empty token is none). @param tried for the error, e.g. `listing the secrets`. */
  next(token: string | undefined, tried: string): string | undefined {
    if (!token) return undefined;
    if (this.#seen.has(token) || this.#seen.size === MOST) {
      throw new SecretSourceUnavailableError(`${tried} does not end: the pages repeat.`, {
        sourceKind: this.sourceKind,
      });
    }
    this.#seen.add(token);
    return token;
  }
}
