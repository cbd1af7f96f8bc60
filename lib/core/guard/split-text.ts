import { hideInOutput } from '../redaction.js';
import type { Masking } from './masking.js';
import { placesIn, unfinishedIn } from './search.js';

/**
 * Text that comes in pieces: an end that may become a secret is held back until more comes, or until it is over. What is held is never longer than the
 * longest spelling of a secret.
 */
export class SplitText {
  readonly #masking: Masking;
  #held = '';
  /** Characters of `#held` that belong to a secret whose replacement is out. */
  #covered = 0;

  constructor(masking: Masking) {
    this.#masking = masking;
  }

  get held(): string {
    return this.#held.slice(this.#covered);
  }

  /** What may go out. */
  take(piece: string): string {
    return this.#release(this.#held + piece, false);
  }

  /** What was held back: no more comes. */
  end(): string {
    return this.#release(this.#held, true);
  }

  #release(text: string, isLast: boolean): string {
    const { matcher } = this.#masking;
    const end = isLast ? text.length : unfinishedIn(text, matcher);
    const pieces: string[] = [];
    let at = this.#covered;
    for (const span of placesIn(text, matcher)) {
      if (span.start >= end) break;
      if (span.end <= at) continue;
      // What overlaps one that is masked already goes with it.
      if (span.start < at) pieces.push(this.#masking.extension(span.end - at));
      else pieces.push(text.slice(at, span.start), this.#masking.replacement(span, text));
      at = span.end;
    }
    if (at < end) pieces.push(text.slice(at, end));
    this.#held = text.slice(end);
    this.#covered = Math.max(0, at - end);
    return pieces.join('');
  }

  static {
    hideInOutput(SplitText.prototype, () => '[secrets]');
  }
}
