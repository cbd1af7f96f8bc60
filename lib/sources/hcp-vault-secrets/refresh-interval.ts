const MINUTE = 60_000;
const DEFAULT_MINUTES = 25;

/**
 * Milliseconds between two refreshes, from HCP_REFRESH_TIMEOUT_MIN (minutes). What is missing, unreadable, zero or negative gives 25 minutes:
 * the variable and its default are those of the Python wrapper whose users move here.
 */
export function refreshIntervalFromEnvironment(environment: NodeJS.ProcessEnv = process.env): number {
  const minutes = Number(environment['HCP_REFRESH_TIMEOUT_MIN']?.trim() || Number.NaN);
  return (Number.isFinite(minutes) && minutes > 0 ? minutes : DEFAULT_MINUTES) * MINUTE;
}
