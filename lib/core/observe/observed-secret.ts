import type { LiveSecret } from '../store/live-secret.js';
import type { ObservedSecret } from './observer.js';

/** What is told of a secret beside what became of it. */
export function observedSecret(
  { connection, name, requested }: Pick<LiveSecret, 'connection' | 'name' | 'requested'>,
  source: string,
): ObservedSecret {
  return { connection, source, name, ...(requested !== undefined && { requestedVersion: requested }) };
}
