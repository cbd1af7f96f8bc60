import { hideInOutput } from '../../core/redaction.js';
import type { SharedCache, SharedScope, SharedTier } from '../../core/shared/shared-cache.js';
import type { DiskCacheOptions, DiskCacheSettings } from './disk-cache.options.js';
import { diskCacheSettings } from './disk-cache.options.js';
import type { OpenedDisk } from './opened-disk.js';

/**
 * Keeps secrets on the disk, encrypted (AES-256-GCM), so that an app starts, and goes on, while its source is away, and processes on one machine share what
 * was read. For the option `sharedCache` of HcpVaultModule. Throws SecretConfigurationError for options that can't be meant; whatever becomes of the disk
 * later is told in the log and in `events$`, and stops nothing.
 */
export function diskCache(options: DiskCacheOptions): SharedCache {
  return new DiskCache(diskCacheSettings(options));
}

class DiskCache implements SharedCache {
  readonly kind = 'disk';
  readonly #settings: DiskCacheSettings;
  #opened: Promise<OpenedDisk> | undefined;

  constructor(settings: DiskCacheSettings) {
    this.#settings = settings;
  }

  async open(scope: SharedScope): Promise<SharedTier> {
    this.#opened ??= import('./opened-disk.js').then((disk) => new disk.OpenedDisk(this.#settings));
    return (await this.#opened).open(scope);
  }

  static {
    hideInOutput(DiskCache.prototype, () => '[disk cache]');
  }
}
