import { displayed } from '../clock.js';
import { listOfNames } from '../name-lists.js';
import type { ChannelStatus } from '../refresh/watching.js';
import { timeText } from '../refresh/outlook.js';
import { placesOf, sourcesText } from '../source/places.js';
import type { SecretRuntime } from './secret-runtime.js';

/** What an operator should know of a connection that has started: one line. */
export function startLine(runtime: SecretRuntime): string {
  const { connection, source, secrets, channel, options, clock, control } = runtime;
  const served: string[] = [];
  const found = new Map<string, number>();
  let oldest = Number.POSITIVE_INFINITY;
  const missing: string[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const state of secrets) {
    const from = state.facts?.given.origin?.from;
    if (state.facts) served.push(state.name);
    if (from) {
      found.set(from, (found.get(from) ?? 0) + 1);
      oldest = Math.min(oldest, state.facts.arrival.wall);
    } else if (state.isGone) missing.push(state.name);
    next = Math.min(next, state.nextAttemptAt);
  }
  const at = displayed(next, clock);
  const { cron } = options;
  const parts = [
    `${served.length} ${served.length === 1 ? 'secret' : 'secrets'} from ${sourcesText(placesOf(source, served[0] ?? ''))}`,
    ...[...found].map(([from, count]) => `${count} of them found in the ${from} cache`),
    found.size > 0 && `the oldest was read at ${timeText(new Date(oldest))}`,
    missing.length > 0 && `not there: ${listOfNames(missing)}`,
    cron !== undefined && `refreshed by cron "${cron}"`,
    control.isPaused && 'refreshing is paused (HCP_VAULT_REFRESH=off)',
    at ? `next refresh at ${timeText(at)}` : cron === undefined && 'no refresh is planned',
    channel.isBeginning ? 'listening for changes begins' : CHANNELS[channel.status],
  ];
  return `Connection "${connection}": ${parts.filter(Boolean).join('; ')}.`;
}

const CHANNELS: Readonly<Record<ChannelStatus, string>> = {
  live: 'changes are announced',
  lost: 'announcements of changes are lost',
  none: 'changes are not announced',
};
