import type { SourceEvent } from '../source/source-event.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { Updater } from './updater.js';

/** The source ends leases ahead of their time: what somebody uses is opened again, the rest is left to end. */
export function replaceEnding({ names = [] }: SourceEvent, secrets: TrackedSecrets, updater: Updater): void {
  for (const name of names) {
    const state = secrets.peek(name);
    const lease = state?.facts?.lease;
    if (!state || !lease) continue;
    state.refuseRenewal(lease);
    if (state.isIdle) state.idle();
    else void updater.readAnew([state]);
  }
}
