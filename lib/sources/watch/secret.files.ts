import type { SecretError } from '../../core/errors/index.js';
import { isSecretError } from '../../core/errors/index.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import { decodeUtf8 } from './utf8.js';

/** What a file that is one secret holds: text, and what is not UTF-8 as bytes. @param rules `trim` takes the line breaks off its end, as `$(cat file)` does. */
export function textOfFile(bytes: Uint8Array, { trim }: { readonly trim: boolean }): string | Uint8Array {
  const text = decodeUtf8(bytes);
  return trim && text !== undefined ? withoutLastLineBreaks(text) : (text ?? bytes);
}

/** Of those with a value: one that becomes unreadable, or readable, has changed. */
export const versionsOf = (found: ReadonlyMap<string, SecretVersion | SecretError>): Map<string, string> =>
  new Map([...found].flatMap(([name, secret]) => (isSecretError(secret) ? [] : [[name, secret.version]])));

function withoutLastLineBreaks(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end -= 1;
  return text.slice(0, end);
}
