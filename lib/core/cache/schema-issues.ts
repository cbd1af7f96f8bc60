import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SecretValidationIssue } from '../errors/index.js';
import { property } from '../errors/foreign-cause.js';
import { printable } from '../errors/printable.js';
import { listOfNames } from '../name-lists.js';
import { parseJsonForReading } from '../secret/json.js';
import { isBytes } from '../secret/secret-value.js';
import { writtenKeys } from './schema-keys.js';

/** What a schema's refusal may tell: places, codes and types; never a value, a key of its own, nor the vendor's text, which quotes it. */
export interface Refusal {
  readonly issues: readonly SecretValidationIssue[];
  /** E.g. `port (expected number, got string), name (too_small)`. */
  readonly text: string;
  /** A place that wants an object or an array, and has the text of one. */
  readonly textOfJson: string | undefined;
}

const MOST_SHOWN = 5;
const WHOLE = '(the whole value)';

/** Codes and types are words of a library's own; what is no such word may be part of a value, or a literal of the schema. */
const WORD = /^(?:an? )?([A-Za-z][A-Za-z_]{0,39})$/;

/** Under which keys a library tells the code and the type that it wants; of one that is not known nothing is passed on. */
const KEYS: Readonly<Record<string, { readonly code: string; readonly expected: string }>> = {
  zod: { code: 'code', expected: 'expected' },
  valibot: { code: 'type', expected: 'expected' },
  arktype: { code: 'code', expected: 'expected' },
};

/** @param value what the schema was given. */
export function refusalOf(given: readonly StandardSchemaV1.Issue[], schema: StandardSchemaV1, value: unknown): Refusal {
  const { vendor } = schema['~standard'];
  const written = writtenKeys(schema, vendor);
  const keys = Object.hasOwn(KEYS, vendor) ? KEYS[vendor] : undefined;
  const shown = new Set<string>();
  let textOfJson: string | undefined;
  const issues = given.map((issue): SecretValidationIssue => {
    const path = pathText(issue.path, written);
    const found = valueAt(value, issue.path);
    const received = typeName(found);
    const code = keys && wordIn(issue, keys.code);
    const expected = keys && wordIn(issue, keys.expected)?.toLowerCase();
    const what = whatIsWrong(expected, code, received);
    shown.add(`${path === WHOLE ? 'the whole value' : path} (${what})`);
    if (typeof found === 'string' && expected !== 'string' && parseJsonForReading(found)) textOfJson ??= path;
    return { path, vendor, ...(code !== undefined && { code }), ...(expected !== undefined && { expected }), received };
  });
  return {
    issues,
    text: listOfNames(shown, MOST_SHOWN),
    textOfJson: textOfJson === WHOLE ? 'the value' : textOfJson && `"${textOfJson}"`,
  };
}

function whatIsWrong(expected: string | undefined, code: string | undefined, received: string): string {
  if (expected !== undefined && expected !== received) return `expected ${expected}, got ${received}`;
  if (received === 'nothing') return 'missing';
  return code ?? `got ${received}`;
}

/** In place of a key that may be part of the value, and of all beyond a depth. */
const HIDDEN = '…';
const DEEPEST = 16;
const LONGEST_KEY = 64;
/** Where nobody tells which keys the schema has: names of fields are words, tokens seldom are. */
const SHORT_WORD = /^[A-Za-z_]{1,32}$/;

/** A path as text: `hosts.0.name`. Keys that only the value has (of a record) may be secrets: no more is told of them than that they are there. */
function pathText(path: StandardSchemaV1.Issue['path'], written: ReadonlySet<string> | undefined): string {
  if (!path || path.length === 0) return WHOLE;
  const shown = path.slice(0, DEEPEST).map((segment) => keyText(keyOf(segment), written));
  return [...shown, ...(path.length > DEEPEST ? [HIDDEN] : [])].join('.');
}

function keyText(key: unknown, written: ReadonlySet<string> | undefined): string {
  if (typeof key === 'number' && Number.isSafeInteger(key)) return String(key);
  if (typeof key !== 'string') return HIDDEN;
  const isTold = written ? written.has(key) && key.length <= LONGEST_KEY : SHORT_WORD.test(key);
  return isTold ? printable(key) : HIDDEN;
}

const keyOf = (segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey =>
  typeof segment === 'object' ? segment.key : segment;

function valueAt(value: unknown, path: StandardSchemaV1.Issue['path']): unknown {
  let current = value;
  for (const segment of path ?? []) {
    const key = keyOf(segment);
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

function wordIn(issue: object, key: string): string | undefined {
  const word = property(issue, key);
  return typeof word === 'string' ? WORD.exec(word)?.[1] : undefined;
}

function typeName(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return isBytes(value) ? 'bytes' : typeof value;
}
