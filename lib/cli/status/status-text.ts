import type { StatusReport } from '../../core/status/status-report.js';
import { table } from '../table.js';
import type { Asked } from './asked-replica.js';
import type { Difference } from './compared-replicas.js';

/** One replica: the verdict, its secrets, and why those that are not current aren't. */
export function replicaText({ verdict, secrets, replica }: StatusReport): string {
  const rows = secrets.map(({ name, connection, standing, version, loadedAt, nextRefreshAt }) => [
    name,
    connection,
    standing,
    version ?? '-',
    timeOf(loadedAt),
    timeOf(nextRefreshAt),
  ]);
  const whys = secrets.filter(({ why }) => why !== undefined).map(({ name, why }) => [name, why!]);
  return [
    table([
      [`${verdict.level}: ${verdict.text}`],
      [`${replica.host}, process ${replica.pid}, version ${replica.version}`],
    ]),
    rows.length > 0 ? `\n${table([['SECRET', 'CONNECTION', 'STANDING', 'VERSION', 'READ', 'NEXT'], ...rows])}` : '',
    whys.length > 0 ? `\n${table(whys)}` : '',
  ].join('');
}

/** Many replicas: a line each, and the secrets that are not the same everywhere. */
export function replicasText(asked: readonly Asked[], different: readonly Difference[]): string {
  const rows = asked.map((one, at) => {
    if ('error' in one) return [`#${at + 1}`, one.address, 'no answer', '-', one.error.message];
    const { replica, verdict, secrets } = one.report;
    return [`#${at + 1}`, `${replica.host}:${replica.pid}`, verdict.level, String(secrets.length), verdict.headline];
  });
  const answered = asked.flatMap((one, at) => ('error' in one ? [] : [`#${at + 1}`]));
  const versions = different.map(({ connection, name, versions: each }) => [
    name,
    connection,
    ...each.map((version) => version ?? '-'),
  ]);
  const same = answered.length > 1 ? '\nAll versions that can be compared are the same.\n' : '';
  return [
    table([['', 'REPLICA', 'LEVEL', 'SECRETS', 'VERDICT'], ...rows]),
    versions.length > 0 ? `\n${table([['DIFFERS', 'CONNECTION', ...answered], ...versions])}` : same,
  ].join('');
}

/** Out of JSON, where a Date is its text. */
const timeOf = (date: Date | string | undefined): string =>
  date === undefined ? '-' : String(date).replace(/\.\d+Z$/, 'Z');
