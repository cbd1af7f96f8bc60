import type { SecretSource } from '../../core/source/secret-source.js';
import { FirstOfSource } from './first-of.source.js';

export type { FirstOfSource } from './first-of.source.js';

/**
 * Several sources as one: a secret comes from the first that has it, e.g. `firstOf(envSource({ prefix: 'APP_' }), hcpVaultSecrets())`.
 * Only "not found", said of a secret, moves on to the next; any other error is the answer, so that a source that is
 * down doesn't let another's value
 * through. A source that is not found as a whole (its document, app or address) is such an error too, unless it has
 * `optional: true`.
 *
 * A write goes to the first writable source that has the secret, and where none has it to the first writable one; whether that one creates it is
 * its own affair. It may stay unseen, where a source further ahead that can't be written has the secret too.
 *
 * Throws SecretConfigurationError for anything that is not a source, and for none at all.
 */
export const firstOf = (...sources: SecretSource[]): FirstOfSource => new FirstOfSource(sources);
