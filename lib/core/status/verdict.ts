import { spanText } from './span-text.js';
import type { ResourceStatus } from '../rotation/resource-life.js';
import type { SecretStanding } from './secret-standing.js';
import { STANDINGS } from './secret-standing.js';
import type { ConnectionReport, StandingCounts, Verdict } from './status-report.js';

/** More sources than these are counted, and not named. */
const NAMED = 3;

export const noCounts = (): Record<SecretStanding, number> =>
  Object.fromEntries(STANDINGS.map((standing) => [standing, 0])) as Record<SecretStanding, number>;

/** What a look at one connection has found, or at all of them. */
interface Found {
  readonly counts: StandingCounts;
  readonly resources: readonly Pick<ResourceStatus, 'state' | 'isAlive'>[];
  /** Whoever announces changes is deaf. */
  readonly isDeaf: boolean;
  /** The source's own login or token failed last. */
  readonly isLoggedOut: boolean;
}

/** One sentence on how many secrets stand how, and what else is wrong. */
export function headlineOf(found: Found): string {
  const { counts } = found;
  const { current, missing, unread, ended, stale, failing } = counts;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const beside = besideText(found);
  if (all === 0) return `No secrets are known yet${beside}.`;
  const faults = [
    ended > 0 && `${ended} ${has(ended)} ended and ${is(ended)} not served`,
    stale > 0 && `${stale} ${is(stale)} stale`,
    failing > 0 && `${failing} could not be read last`,
  ].filter((part) => part !== false);
  if (faults.length > 0) {
    const kept = stale + failing;
    const serves = kept === 0 ? '' : kept === 1 ? '; its last value serves' : '; their last values serve';
    return `Of ${all} ${plural(all)}, ${listed(faults)}${serves}${beside}.`;
  }
  const absent = [missing > 0 && `${missing} ${is(missing)} not there`, unread > 0 && `${unread} not read yet`];
  const rest = absent.filter((part) => part !== false);
  if (rest.length === 0) return `${all === 1 ? 'The secret is' : `All ${all} secrets are`} current${beside}.`;
  return `${current} ${plural(current)} ${is(current)} current, ${listed(rest)}${beside}.`;
}

/** What is wrong beside the secrets. */
function besideText({ resources, isDeaf, isLoggedOut }: Found): string {
  const dead = resources.filter(isDead).length;
  const failing = resources.filter((resource) => isFailing(resource) && !isDead(resource)).length;
  const parts = [
    dead > 0 && `${dead} ${dead === 1 ? 'resource is' : 'resources are'} not there`,
    failing > 0 && `${failing} ${failing === 1 ? 'resource' : 'resources'} could not be rebuilt`,
    isDeaf && 'announcements of changes are lost',
    isLoggedOut && 'the login at the source fails',
  ].filter((part) => part !== false);
  return parts.length === 0 ? '' : `; ${listed(parts)}`;
}

const isDead = ({ state, isAlive }: Found['resources'][number]): boolean => !isAlive && state !== 'closed';
const isFailing = ({ state }: Found['resources'][number]): boolean => state === 'failed';

/** The whole verdict, as it is at a time. A pure function, and the one owner of these words. */
export function verdictOf(connections: readonly ConnectionReport[], resources: Found['resources'], at: Date): Verdict {
  const counts = noCounts();
  for (const connection of connections) {
    for (const standing of STANDINGS) counts[standing] += connection.counts[standing];
  }
  const levels = connections.map(({ level }) => level);
  const level = levels.includes('down') ? 'down' : levels.includes('degraded') ? 'degraded' : 'ok';
  const headline =
    connections.length === 1
      ? connections[0]!.headline
      : headlineOf({
          counts,
          resources,
          isDeaf: connections.some(({ channel }) => channel === 'lost'),
          isLoggedOut: connections.some(({ session }) => session?.lastError !== undefined),
        });
  const said = [headline, answersText(connections, at), nextText(connections, at)];
  return { level, headline, text: said.filter((part) => part !== '').join(' ') };
}

function answersText(connections: readonly ConnectionReport[], at: Date): string {
  const silent = connections.filter(({ consecutiveFailures }) => consecutiveFailures > 0);
  if (connections.length > NAMED) {
    if (silent.length > 0) return `${silent.length} of ${connections.length} sources do not answer.`;
    return `All ${connections.length} sources answer.`;
  }
  return connections
    .map((connection) => answerText(connection, at))
    .join(' ')
    .trim();
}

/** What is known of how one source answers. */
export function answerText(
  { title, lastAnswerAt, lastFailure, consecutiveFailures }: ConnectionReport,
  at: Date,
): string {
  const name = title.charAt(0).toUpperCase() + title.slice(1);
  const ago = lastAnswerAt && spanText(at.getTime() - lastAnswerAt.getTime());
  if (consecutiveFailures > 0 && lastFailure) {
    return ago === undefined ? `${name} has not answered yet.` : `${name} has not answered for ${ago}.`;
  }
  return ago === undefined ? '' : `${name} answered ${ago} ago.`;
}

function nextText(connections: readonly ConnectionReport[], at: Date): string {
  const paused = connections.filter(({ isPaused }) => isPaused).length;
  if (paused > 0) return paused === connections.length ? 'Readings are paused.' : `Readings of ${paused} of ${connections.length} connections are paused.`; // prettier-ignore
  const next = Math.min(
    ...connections.map(({ nextRefreshAt }) => nextRefreshAt?.getTime() ?? Number.POSITIVE_INFINITY),
  );
  if (next === Number.POSITIVE_INFINITY) return 'No refresh is planned.';
  const left = next - at.getTime();
  return left < 1_000 ? 'A refresh is due now.' : `Next refresh in ${spanText(left)}.`;
}

const is = (count: number): string => (count === 1 ? 'is' : 'are');
const has = (count: number): string => (count === 1 ? 'has' : 'have');
const plural = (count: number): string => (count === 1 ? 'secret' : 'secrets');
const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
