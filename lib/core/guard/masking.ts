import { Buffer } from 'node:buffer';
import { hideInOutput } from '../redaction.js';
import type { Catches, CatchPlace } from './catches.js';
import type { Matcher, Span } from './matcher.js';
import { replacementOf } from './replacement.js';
import { placesIn } from './search.js';

/** Masks text, and tells where it had to. */
export class Masking {
  constructor(
    readonly matcher: Matcher,
    readonly catches: Catches,
    readonly place: CatchPlace,
    /** What is known of who prints. */
    readonly from?: string,
  ) {}

  mask(text: string): string {
    const places = placesIn(text, this.matcher);
    if (places.length === 0) return text;
    const pieces: string[] = [];
    let at = 0;
    for (const span of places) {
      pieces.push(text.slice(at, span.start), this.replacement(span, text));
      at = span.end;
    }
    pieces.push(text.slice(at));
    return pieces.join('');
  }

  /** The same, without a word of it: of what only says who prints. */
  quiet(text: string): string {
    return placesIn(text, this.matcher).length === 0 ? text : '[secret]';
  }

  /** The same of bytes: what is not UTF-8 stays as it is. */
  maskBytes(bytes: Uint8Array): Uint8Array {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const masked = this.ofBytes().mask(text);
    return masked === text ? bytes : Buffer.from(masked, 'latin1');
  }

  /** The same for texts whose characters are the bytes of UTF-8. */
  ofBytes(): Masking {
    return new ByteMasking(this.matcher, this.catches, this.place, this.from);
  }

  /** What stands in the text in its place; tells of it. */
  replacement(span: Span, text: string): string {
    this.catches.tell(span, this.place, this.from);
    return replacementOf(span, text);
  }

  /** What stands for more of a secret whose replacement is out. */
  extension(_length: number): string {
    return '';
  }

  static {
    hideInOutput(Masking.prototype, () => '[secrets]');
  }
}

/** Masks text whose characters are bytes. */
class ByteMasking extends Masking {
  override replacement(span: Span, text: string): string {
    return Buffer.from(super.replacement(span, text), 'utf8').toString('latin1');
  }
}

/** Covers secrets in bytes whose number is told already: as many characters as there were. */
export class Covering extends Masking {
  override replacement(span: Span): string {
    this.catches.tell(span, this.place, this.from);
    return this.extension(span.end - span.start);
  }

  override extension(length: number): string {
    return '*'.repeat(length);
  }

  override ofBytes(): Masking {
    return this;
  }
}
