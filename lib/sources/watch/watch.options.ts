import type { Duration } from '../../core/duration.js';
import { toMilliseconds } from '../../core/duration.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import type { GivenWatchSettings, WatchSettings } from './path-watcher.js';

/** 1 MiB: what Kubernetes and etcd allow for a whole secret. */
export const DEFAULT_MAX_BYTES = 1024 * 1024;
export const DEFAULT_INTERVAL = 5_000;

/** What sources of watched files have in common. */
export interface WatchedFileOptions {
  /** Bytes of one file; a larger one is refused. @default 1048576 */
  readonly maxBytes?: number | undefined;
  /** How often the files are looked at, beside the events of the file system, which not all of them send. @default '5s' */
  readonly lookEvery?: Duration | undefined;
  /**
   * It may be absent as a whole, and then holds no secrets. Else that is a failure: the values in use stay, and a start
   * waits for it, and fails.
   * @default false
   */
  readonly optional?: boolean | undefined;
  /**
   * Text that holds a JSON object or array becomes that object or array, as it does from AWS, so that one schema serves both. Text with an integer
   * that a double can't hold stays text.
   * @default false
   */
  readonly json?: boolean | undefined;
}

export const WATCHED_FILE_OPTIONS: OptionKinds<WatchedFileOptions> = {
  maxBytes: 'number',
  lookEvery: 'duration',
  optional: 'boolean',
  json: 'boolean',
};

export interface WatchedFileSettings {
  readonly maxBytes: number;
  readonly optional: boolean;
  readonly json: boolean;
  readonly watching: GivenWatchSettings;
}

/** Looks at values, and fills in defaults. Throws SecretConfigurationError. @param watching a clock and events of one’s own, for tests. */
export function watchedFileSettings(
  { maxBytes = DEFAULT_MAX_BYTES, lookEvery = DEFAULT_INTERVAL, optional = false, json = false }: WatchedFileOptions,
  watching: Partial<WatchSettings> = {},
): WatchedFileSettings {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new SecretConfigurationError('Option "maxBytes" is a whole number of bytes, at least 1.');
  }
  const interval = toMilliseconds(lookEvery, 'lookEvery');
  if (interval < 10) throw new SecretConfigurationError('Option "lookEvery" is at least 10 ms.');
  return { maxBytes, optional, json, watching: { interval, ...watching } };
}
