import { hideInOutput } from '../../core/redaction.js';
import { OpenedKeys } from '../../core/shared/opened-keys.js';
import type { SharedCache, SharedScope, SharedTier } from '../../core/shared/shared-cache.js';
import type { DiskCacheOptions, DiskCacheSettings } from './disk-cache.options.js';
import { diskCacheSettings } from './disk-cache.options.js';
import { DiskTier } from './disk.tier.js';
import { stretchingIn } from './keyring-file.js';
import { PrivateFolder } from './private-folder.js';

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
  readonly #folder: PrivateFolder;
  readonly #keys: OpenedKeys;
  readonly #settings: DiskCacheSettings;

  constructor(settings: DiskCacheSettings) {
    this.#settings = settings;
    this.#folder = new PrivateFolder(settings.dir);
    this.#keys = new OpenedKeys(settings.keys, () => stretchingIn(this.#folder));
  }

  async open(scope: SharedScope): Promise<SharedTier> {
    await this.#folder.check();
    const ring = await this.#keys.ring();
    const { maxStale, dynamic: keepsDynamic } = this.#settings;
    return new DiskTier({ folder: this.#folder, ring, scope, maxStale, keepsDynamic });
  }

  static {
    hideInOutput(DiskCache.prototype, () => '[disk cache]');
  }
}
