import type { SecretError } from '../../core/errors/index.js';
import type { SecretValue } from '../../core/secret/secret-value.js';

/** What is wrong with a file, in words that quote nothing of it; it goes on from "the file …". */
export interface FileFault {
  readonly fault: string;
}

/** By name; an error concerns its own entry. */
export type FileContent = ReadonlyMap<string, SecretValue | SecretError> | FileFault;

export type FileParser = (text: string) => FileContent;
