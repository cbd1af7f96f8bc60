import type { Updater } from '../refresh/updater.js';
import type { SourceEvent } from '../source/source-event.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';

/** Leases that end with a token that was replaced are opened anew, where somebody asks for them. */
export function openEndingLeases({ type, names = [] }: SourceEvent, secrets: TrackedSecrets, updater: Updater): void {
  if (type !== 'leases-ending') return;
  for (const name of names) {
    const state = secrets.peek(name);
    const lease = state?.facts?.lease;
    if (!state || !lease) continue;
    state.refuseRenewal(lease);
    if (state.isIdle) state.idle();
    else void updater.readAnew([state]);
  }
}
