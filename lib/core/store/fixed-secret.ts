import type { Arrival } from '../secret/arrival.js';
import { LiveSecret } from './live-secret.js';

/** A secret with the one value that somebody gives it for good: what a test has put in its place. */
export function fixedSecret(name: string, connection: string, value: unknown, arrival: Arrival): LiveSecret {
  const live = new LiveSecret(name, connection, undefined);
  live.replace(live.prepare(value, 'given', arrival), arrival.at, []);
  return live;
}
