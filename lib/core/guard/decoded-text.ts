import type { Escaping } from './escapes.js';

/** A text with its escapes undone, and where each of its characters was. */
export class DecodedText {
  private constructor(
    readonly text: string,
    /** Where, in the decoded text, each piece begins that was not escaped. */
    private readonly decodedAt: readonly number[],
    private readonly originalAt: readonly number[],
  ) {}

  /** Undefined where there is nothing to undo. */
  static of(text: string, escaping: Escaping): DecodedText | undefined {
    const { sign } = escaping;
    let at = text.indexOf(sign);
    if (at < 0) return undefined;
    let escape = escaping.read(text, at);
    while (!escape) {
      at = text.indexOf(sign, at + 1);
      if (at < 0) return undefined;
      escape = escaping.read(text, at);
    }
    const pieces: string[] = [];
    const decodedAt = [0];
    const originalAt = [0];
    let length = 0;
    let from = 0;
    while (at >= 0) {
      if (escape) {
        pieces.push(text.slice(from, at), escape.stands);
        length += at - from + escape.stands.length;
        from = at + escape.length;
        decodedAt.push(length);
        originalAt.push(from);
      }
      at = text.indexOf(sign, escape ? from : at + 1);
      if (at >= 0) escape = escaping.read(text, at);
    }
    pieces.push(text.slice(from));
    return new DecodedText(pieces.join(''), decodedAt, originalAt);
  }

  /** Where in the original text a character of the decoded one begins. */
  start(at: number): number {
    const piece = this.#pieceOf(at);
    const original = this.originalAt[piece]! + at - this.decodedAt[piece]!;
    // Of several characters that one escape stands for, none begins behind it.
    const next = this.originalAt[piece + 1];
    return next === undefined ? original : Math.min(original, next - 1);
  }

  /** Behind the last character of what ends here. */
  end(at: number): number {
    const piece = this.#pieceOf(at - 1);
    const next = this.decodedAt[piece + 1];
    if (next !== undefined && at >= next) return this.originalAt[piece + 1]!;
    // Within what one escape stands for, all of it.
    return this.start(at - 1) + 1;
  }

  #pieceOf(at: number): number {
    let low = 0;
    let high = this.decodedAt.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.decodedAt[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
