import { displayed } from '../clock.js';
import { listOfNames } from '../name-lists.js';
import { timeText } from '../refresh/outlook.js';
import { placesOf, sourcesText } from '../source/places.js';
import type { SecretRuntime } from './secret-runtime.js';

/** What an operator should know of a connection that has started: one line. */
export function startLine({ connection, source, secrets, channel, options, clock }: SecretRuntime): string {
  const served: string[] = [];
  const missing: string[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const state of secrets) {
    if (state.facts) served.push(state.name);
    else if (state.isGone) missing.push(state.name);
    next = Math.min(next, state.nextAttemptAt);
  }
  const at = displayed(next, clock);
  const { cron } = options;
  const parts = [
    `${served.length} ${served.length === 1 ? 'secret' : 'secrets'} from ${sourcesText(placesOf(source, served[0] ?? ''))}`,
    missing.length > 0 && `not there: ${listOfNames(missing)}`,
    cron !== undefined && `refreshed by cron "${cron}"`,
    at ? `next refresh at ${timeText(at)}` : cron === undefined && 'no refresh is planned',
    { live: 'changes are announced', lost: 'announcements of changes are lost', none: 'changes are not announced' }[
      channel
    ],
  ];
  return `Connection "${connection}": ${parts.filter(Boolean).join('; ')}.`;
}
