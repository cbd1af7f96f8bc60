import { jsonMembers, memberValue } from '../../core/secret/json-fields.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { FileContent } from './file.content.js';

/** Text, which stays, before what stands only outside of it: a comment of a line, or between `/*` and its end. Each goes on to the end where it has none. */
const TEXT_OR_COMMENT = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|\/\/[^\n\r]*|\/\*[^]*?(?:\*\/|$)/g;
/** The comma after the last member or item. */
const TEXT_OR_LAST_COMMA = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|,(?<=[^\s{[,]\s*,)(?=\s*[}\]])/g;

/**
 * The members of a JSON object, each a secret; see `memberValue` for what becomes of numbers and null. Comments, and a comma after the last member or
 * item, are passed over.
 */
export function parseJsonFile(text: string): FileContent {
  const members = jsonMembers(text) ?? jsonMembers(withoutComments(text));
  if (!members) return { fault: 'holds no JSON object' };
  const values = new Map<string, SecretValue>();
  for (const { name, raw } of members) {
    const value = memberValue(raw);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

const isText = (token: string): boolean => token.startsWith('"');
const isWhole = (token: string): boolean => token.startsWith('//') || (token.length > 3 && token.endsWith('*/'));

const withoutComments = (text: string): string =>
  text
    .replace(TEXT_OR_COMMENT, (token) => (isText(token) || !isWhole(token) ? token : ' '))
    .replace(TEXT_OR_LAST_COMMA, (token) => (isText(token) ? token : ''));
