import { InitError } from './init-error.js';

/** The files of a project, by paths from its root with `/` between their parts. */
export interface ProjectFiles {
  /** Undefined where there is none. */
  read(path: string): string | undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws InitError where the file is there and holds no JSON object. */
export function jsonFile(files: ProjectFiles, path: string): JsonObject | undefined {
  const text = files.read(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.replace(BYTE_ORDER_MARK, ''));
    if (isObject(value)) return value;
  } catch {
    // told below: the parser's text quotes the file
  }
  throw new InitError(`${path} is not a JSON object.`);
}

/** Which Windows puts before a text, and npm and the Nest CLI pass over. */
export const BYTE_ORDER_MARK = /^\ufeff/;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `a/./b/../c` as `a/c`. */
export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split(/[/\\]/)) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
