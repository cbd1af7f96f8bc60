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

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?![\d.eE])|-?\d[\d.eE+-]*/g;

/** True for an integer that has no exact double: parsing would silently change it (an account number, a Snowflake id). */
function isInexact(token: string): boolean {
  return token.length > 15 && /^-?\d+$/.test(token) && BigInt(token) !== BigInt(Number(token));
}

function losesAnInteger(json: string): boolean {
  for (const [token] of json.matchAll(TOKEN)) if (isInexact(token)) return true;
  return false;
}

/** What `JSON.parse` gives, but that an integer which a double can’t hold becomes the text of its digits. Throws as `JSON.parse` does. */
export function parseJsonExactly(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as unknown;
  return JSON.parse(text.replace(TOKEN, (token) => (isInexact(token) ? `"${token}"` : token))) as unknown;
}

/**
 * The object or array that a text holds, or undefined where it is no JSON, a bare scalar (`"5432"` stays a string, digits too),
 * or holds an integer that a double can't.
 */
export function parseJsonDocument(text: string): JsonObject | JsonArray | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const parsed = JSON.parse(text) as JsonObject | JsonArray;
    return losesAnInteger(text) ? undefined : parsed;
  } catch {
    return undefined; // the parser's error quotes the text
  }
}
