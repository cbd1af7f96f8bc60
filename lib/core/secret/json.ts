/** JSON as `JSON.parse` gives it. */
export type JsonValue = string | number | boolean | null | JsonObject | JsonArray;
export interface JsonObject {
  [key: string]: JsonValue;
}
export type JsonArray = JsonValue[];

/** The same, frozen. */
export type ReadonlyJson = string | number | boolean | null | ReadonlyJsonObject | readonly ReadonlyJson[];
export interface ReadonlyJsonObject {
  readonly [key: string]: ReadonlyJson;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?![\d.eE])|-?\d[\d.eE+-]*/g;
/** Without this much there is nothing in a text that a double can't hold: looking closer would cost time. */
const LONG_INTEGER = /\d{16}/;
const LONG_INTEGER_OR_LARGE_EXPONENT = /\d{16}|\d[eE]\+?\d{3}/;

/** True for an integer that has no exact double: parsing would silently change it (an account number, a Snowflake id). */
function isInexact(token: string): boolean {
  if (token.length <= 15 || !/^-?\d+$/.test(token)) return false;
  const double = Number(token);
  return !Number.isFinite(double) || BigInt(token) !== BigInt(double);
}

/** True for a number beyond every double, as well (`1e999`). */
const isBeyondDoubles = (token: string): boolean =>
  !token.startsWith('"') && (isInexact(token) || !Number.isFinite(Number(token)));

function losesAnInteger(json: string): boolean {
  if (!LONG_INTEGER.test(json)) return false;
  for (const [token] of json.matchAll(TOKEN)) if (isInexact(token)) return true;
  return false;
}

/** With the numbers that are chosen as the texts of their digits. */
const parseWithTexts = (json: string, isChosen: (token: string) => boolean): unknown =>
  JSON.parse(json.replace(TOKEN, (token) => (isChosen(token) ? `"${token}"` : token)));

/**
 * What `JSON.parse` gives, but that an integer which a double can't hold becomes the text of its digits. Throws as
 * `JSON.parse` does.
 */
export function parseJsonExactly(text: string): unknown {
  return LONG_INTEGER.test(text) ? parseWithTexts(text, isInexact) : (JSON.parse(text) as unknown);
}

const mayBeDocument = (text: string): boolean => /^\s*[[{]/.test(text);

/**
 * The object or array that a text holds, or undefined where it is not JSON, a bare scalar (`"5432"` stays a string, digits too),
 * or holds an integer that a double can't.
 */
export function parseJsonDocument(text: string): JsonObject | JsonArray | undefined {
  if (!mayBeDocument(text)) return undefined;
  try {
    const parsed = JSON.parse(text) as JsonObject | JsonArray;
    return losesAnInteger(text) ? undefined : parsed;
  } catch {
    return undefined; // the parser's error quotes the text
  }
}

/** For sources whose option `json` asks for it: the object or array that a text holds, in its place; all else as it is. */
export const withJsonParsed = <T>(value: T): T | JsonObject | JsonArray =>
  (typeof value === 'string' && parseJsonDocument(value)) || value;

/**
 * The same for who looks for one part of it: a number that a double can't hold is the text of its digits, and takes
 * nothing else away.
 * Undefined where the text is not JSON, or a bare scalar.
 */
export function parseJsonForReading(text: string): JsonObject | JsonArray | undefined {
  if (!mayBeDocument(text)) return undefined;
  try {
    const closely = LONG_INTEGER_OR_LARGE_EXPONENT.test(text);
    return (closely ? parseWithTexts(text, isBeyondDoubles) : JSON.parse(text)) as JsonObject | JsonArray;
  } catch {
    return undefined; // the parser's error quotes the text
  }
}
