import type { SecretReport, StatusReport } from '../../core/status/status-report.js';

/** A secret whose versions are not the same on all replicas that have it. */
export interface Difference {
  readonly connection: string;
  readonly name: string;
  /** By replica, in their order: its version, undefined where it has none. */
  readonly versions: readonly (string | undefined)[];
}

/** Secrets that differ between replicas. Versions made under a key of only one process tell others nothing, and are left out. */
export function differences(reports: readonly StatusReport[]): Difference[] {
  const byKey = new Map<string, { secret: SecretReport; versions: (string | undefined)[] }>();
  for (const [at, { secrets }] of reports.entries()) {
    for (const secret of secrets) {
      if (secret.version === undefined || secret.versionKind === 'process') continue;
      const key = JSON.stringify([secret.connection, secret.name, secret.requestedVersion]);
      const known = byKey.get(key) ?? { secret, versions: reports.map(() => undefined) };
      known.versions[at] = secret.version;
      byKey.set(key, known);
    }
  }
  return [...byKey.values()]
    .filter(({ versions }) => new Set(versions.filter((version) => version !== undefined)).size > 1)
    .map(({ secret: { connection, name }, versions }) => ({ connection, name, versions }));
}
