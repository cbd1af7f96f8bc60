import { isAbsolute, resolve } from 'node:path';
import type { Duration } from '../../core/duration.js';
import { toMilliseconds } from '../../core/duration.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { needed } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import type { SharedKeys } from '../../core/shared/shared-keys.js';
import { CheckedKeys } from '../../core/shared/shared-keys.js';

export interface DiskCacheOptions {
  /**
   * A folder of its own: made with mode 0700 where it is not there, and refused where it is another user's, a link, or open to others. It may be shared by
   * processes of one user on one machine, and by several connections.
   */
  readonly dir: string;
  /**
   * 32 bytes (`Buffer.from(process.env.CACHE_KEY, 'base64')`), a passphrase of at least 8 characters (scrypt: about half a second and 128 MiB at each start),
   * a function that gets either (a KMS, a TPM, systemd credentials), or a list of these: the first writes, all read. Who has the key may read the secrets.
   */
  readonly key: SharedKeys;
  /** How long past `cache.maxAge` a value from the disk may be served while the source fails; never longer than `cache.maxStale`. @default 'forever' */
  readonly maxStale?: Duration | undefined;
  /** Whether dynamic secrets are kept too, until their lease ends: for an app that comes back after a crash. @default false */
  readonly dynamic?: boolean | undefined;
}

export const DISK_CACHE_OPTIONS: OptionKinds<DiskCacheOptions> = {
  dir: needed('text'),
  key: needed('any'),
  maxStale: 'duration or forever',
  dynamic: 'boolean',
};

export interface DiskCacheSettings {
  /** Absolute. */
  readonly dir: string;
  readonly keys: CheckedKeys;
  /** Milliseconds. */
  readonly maxStale: number;
  readonly dynamic: boolean;
}

/** Throws SecretConfigurationError. */
export function diskCacheSettings(given: DiskCacheOptions): DiskCacheSettings {
  const taker = 'diskCache';
  const { dir, key, maxStale = 'forever', dynamic = false } = ownOptions(given, DISK_CACHE_OPTIONS, taker);
  if (dir === '' || dir.includes('\0')) {
    throw new SecretConfigurationError('option "dir" of diskCache is the path of a folder.', {
      advice: 'Give it a folder of its own, as in `dir: "/var/cache/shop/secrets"`.',
    });
  }
  return {
    dir: isAbsolute(dir) ? dir : resolve(dir),
    keys: new CheckedKeys(key, taker),
    maxStale: maxStale === 'forever' ? Number.POSITIVE_INFINITY : toMilliseconds(maxStale, 'maxStale', taker),
    dynamic,
  };
}
