import type { SecretError } from '../../../core/errors/index.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import type { ReadContext, WriteContext } from '../../../core/source/secret-source.js';

/** One version of a secret as a store gives it. */
export interface Stored {
  readonly value: string | Uint8Array;
  /** Its text is a list, divided by commas. */
  readonly isList?: boolean | undefined;
  readonly version: string | undefined;
  readonly createdAt: Date | undefined;
  /** When it is about to be replaced, where that is known. */
  readonly expiresAt?: Date | undefined;
}

/** Takes what there is of one id, as it comes. */
export type Take = (id: string, found: Stored | SecretError) => void;

/** What the ways of names ask of Secrets Manager and of Parameter Store. An id is a full name or an ARN. Rejects only with SecretErrors. */
export interface AwsStore {
  readonly kind: string;
  /** What names AWS takes for a secret that is to be created. */
  readonly newNames?: { readonly shape: RegExp; readonly words: string } | undefined;
  /** Of ids that are not there nothing is handed on; an error is that of its id. Rejects where the call was aborted. */
  read(ids: readonly string[], context: ReadContext, take: Take): Promise<void>;
  /** Full names that begin with a text, page by page. */
  names(beginning: string, context: ReadContext): AsyncIterable<readonly string[]>;
  exists(id: string, context: ReadContext): Promise<boolean>;
  /**
   * Writes a secret. @param change of the value that is there, where the new one is made from it: then it rejects where there is none, unless the
   * call says `create`.
   */
  write(id: string, change: Change, context: WriteContext): Promise<void>;
}

/** A new value, or what to make of the one that is there. */
export type Change = { readonly value: SecretValue } | { readonly of: (before: SecretValue) => string };
