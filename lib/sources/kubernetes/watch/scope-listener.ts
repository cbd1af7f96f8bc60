import type { SecretError } from '../../../core/errors/index.js';
import type { StoredSecret } from '../kubernetes.answers.js';

/** What a watch tells. None of these may throw. */
export interface ScopeListener {
  /** All of the scope, as of one moment. @param isReset the server's storage is one of an earlier time: what was heard of it is no longer true. */
  listed(secrets: readonly StoredSecret[], version: string, isReset: boolean): void;
  changed(secret: StoredSecret): void;
  /** It is not in the scope any more: deleted, or without the labels. @param secret its last state, with the version of its end. */
  removed(secret: StoredSecret): void;
  /** It hears from now on. */
  live(): void;
  /** It is deaf, for a moment as it seems. */
  broken(): void;
  /** It is deaf, and tries again by itself. */
  failed(error: SecretError): void;
}
