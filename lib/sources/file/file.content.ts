import type { SecretValue } from '../../core/secret/secret-value.js';

/** What is wrong with a file, in words that quote nothing of it; it goes on from "the file …". */
export interface FileFault {
  readonly fault: string;
}

export type FileContent = ReadonlyMap<string, SecretValue> | FileFault;

export type FileParser = (text: string) => FileContent;
