import type { SecretError, SecretErrorDetails } from '../errors/index.js';
import { SecretNotFoundError } from '../errors/index.js';

/** Half a character of UTF-16: no encoding has it, so that on the wire it would be an error, or another name. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** True for text that every encoding has; `encodeURIComponent` throws on anything else. */
export const isEncodable = (text: string): boolean => !LONE_SURROGATE.test(text);

/** Why a backend that is asked in UTF-8 has no secret of this name; undefined where it may have one. */
export function unencodableName(secretName: string, details: SecretErrorDetails = {}): SecretError | undefined {
  if (isEncodable(secretName)) return undefined;
  return new SecretNotFoundError('the name holds half a character (a lone surrogate), which no name there can.', {
    ...details,
    secretName,
    advice: 'Correct the name; it was probably cut in the midst of a character.',
  });
}
