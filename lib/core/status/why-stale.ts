import type { SecretErrorCode } from '../errors/index.js';
import { timeText } from '../refresh/outlook.js';
import type { ChannelStatus } from '../refresh/watching.js';
import type { SecretStanding } from './secret-standing.js';
import { sourceTitle } from './source-title.js';

/** What there is to say of a secret that is not as it should be. All of it is in `status()`, or beside it on the status page. */
export interface StalenessFacts {
  readonly standing: SecretStanding;
  /** The source's kind. */
  readonly source: string;
  readonly lastError?: { readonly code: SecretErrorCode } | undefined;
  readonly loadedAt?: Date | undefined;
  readonly nextRefreshAt?: Date | undefined;
  readonly lease?: { readonly expiresAt: Date } | undefined;
  readonly attempt?: { readonly kind: 'reading' | 'renewal'; readonly since: Date } | undefined;
  readonly channel?: ChannelStatus | undefined;
  /** Whether scheduled and announced readings are paused. */
  readonly isPaused?: boolean | undefined;
}

/** What was wrong at the last try, by the error's code: `$` is the source, which may have answered others since. */
const FAULTS: Readonly<Record<SecretErrorCode, string>> = {
  SECRET_NOT_FOUND: '$ has no such secret any more',
  SECRET_NOT_LOADED: 'it has not been read yet',
  SECRET_FIELD: 'the new value lacks a field that somebody reads, and was refused',
  SECRET_ACCESS_DENIED: '$ denies access to it',
  SECRET_AUTHENTICATION: "$ refuses this app's credentials",
  SECRET_SOURCE_UNAVAILABLE: '$ did not answer',
  SECRET_THROTTLED: '$ asked for fewer requests',
  SECRET_VALIDATION: 'the new value was refused by the schema or the hook',
  SECRET_SOURCE_READ_ONLY: '$ can only be read',
  SECRET_CONFIGURATION: 'the configuration is wrong',
  SECRET_BOOTSTRAP: 'the start failed',
};

/**
 * Why a secret is stale, failing, ended or missing, in one sentence; undefined where nothing is wrong. A pure function, and the one owner of these words:
 * the status page, the command line and `doctor` all say it so. Times are absolute (UTC), so that the sentence stays true.
 */
export function whyStale(facts: StalenessFacts): string | undefined {
  const { standing } = facts;
  if (standing === 'current' || (standing === 'unread' && !facts.lastError)) return pausedText(facts);
  const parts = [faultOf(facts), keptOf(facts), nextOf(facts)].filter((part) => part !== undefined);
  const text = parts.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function pausedText({ isPaused, standing, loadedAt }: StalenessFacts): string | undefined {
  if (!isPaused || standing !== 'current') return undefined;
  return `Readings are paused${loadedAt ? `; the value is that of ${timeText(loadedAt)}` : ''}.`;
}

function faultOf({ standing, source, lastError, lease }: StalenessFacts): string {
  const title = sourceTitle(source);
  if (standing === 'missing') return `${title} has no such secret`;
  if (lastError) return (FAULTS[lastError.code] ?? 'it could not be read').replace('$', title);
  if (standing === 'ended') return lease ? 'its lease has ended' : 'it was kept for as long as it may be stale';
  return 'it could not be read';
}

function keptOf({ standing, loadedAt, lease, lastError }: StalenessFacts): string | undefined {
  if (standing === 'ended') {
    return lastError && lease ? `its lease ended at ${timeText(lease.expiresAt)}` : 'nothing is served in its place';
  }
  if (loadedAt) return `the value of ${timeText(loadedAt)} stays in use`;
  return standing === 'missing' ? undefined : 'there is no value to use';
}

function nextOf({ attempt, nextRefreshAt, isPaused }: StalenessFacts): string | undefined {
  if (attempt) return attempt.kind === 'renewal' ? 'its lease is being renewed now' : 'it is being read now';
  if (isPaused) return 'readings are paused';
  return nextRefreshAt ? `the next try is at ${timeText(nextRefreshAt)}` : 'nothing reads it but a call';
}
