import { Buffer } from 'node:buffer';

/** A shorter one is left: it would be found in what has nothing to do with it. */
export const SHORTEST_FORM = 8;

/** A spelling of a value, and whether a character beside it holds bits of it: base64 knows no bounds of bytes. */
export interface Form {
  readonly text: string;
  readonly before: 0 | 1;
  readonly after: 0 | 1;
}

/** What `util.inspect` shows of a Buffer. */
const INSPECTED = 50;
/** Of longer values there are no spellings that nobody gives of much. */
const LONG = 16_384;

/** Every spelling of a value that no decoding leads to; those that escape characters are undone where text is searched. */
export function formsOf(value: string | Uint8Array): Form[] {
  const isText = typeof value === 'string';
  const bytes = isText ? Buffer.from(value, 'utf8') : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const texts = new Set<string>();
  if (isText) texts.add(value);
  else if (isUtf8(bytes)) texts.add(bytes.toString('utf8'));
  texts.add(bytes.toString('latin1')); // as bytes of a stream; and what is read with the wrong charset
  // A form of HTML writes a space so. What else it escapes is undone.
  for (const text of [...texts]) if (text.includes(' ')) texts.add(text.replaceAll(' ', '+'));
  const hex = bytes.toString('hex');
  texts.add(hex).add(hex.toUpperCase());
  const spaced = hex.replace(/..(?!$)/g, '$& ');
  texts.add(spaced.slice(0, 3 * INSPECTED - 1));
  if (bytes.length <= LONG) texts.add(spaced);
  if (!isText && bytes.length <= LONG) texts.add([...bytes].map((byte, index) => `"${index}":${byte}`).join(','));
  const forms = new Map<string, Form>();
  for (const text of texts) forms.set(text, { text, before: 0, after: 0 });
  for (const form of base64Forms(bytes)) forms.set(form.text, form);
  return [...forms.values()].filter(({ text }) => text.length >= SHORTEST_FORM);
}

/** Of a value that stands alone, or behind one or two bytes of something else, in both alphabets. */
function base64Forms(bytes: Buffer): Form[] {
  return [0, 1, 2].flatMap((ahead): Form[] => {
    const encoded = Buffer.concat([Buffer.alloc(ahead), bytes]).toString('base64');
    const bits = 8 * (ahead + bytes.length);
    const text = encoded.slice(ahead === 0 ? 0 : ahead + 1, Math.floor(bits / 6));
    const edges = { before: ahead === 0 ? 0 : 1, after: bits % 6 === 0 ? 0 : 1 } as const;
    const url = text.replaceAll('+', '-').replaceAll('/', '_');
    return url === text
      ? [{ text, ...edges }]
      : [
          { text, ...edges },
          { text: url, ...edges },
        ];
  });
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
