import { OpenedKeys } from '../../core/shared/opened-keys.js';
import type { SharedScope, SharedTier } from '../../core/shared/shared-cache.js';
import { hideInOutput } from '../../core/redaction.js';
import type { DiskCacheSettings } from './disk-cache.options.js';
import { DiskTier } from './disk.tier.js';
import { stretchingIn } from './keyring-file.js';
import { PrivateFolder } from './private-folder.js';

/** The folder and the keys of one cache, for all connections that use it. Loaded when the first one opens it: most apps have none. */
export class OpenedDisk {
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
    hideInOutput(OpenedDisk.prototype, () => '[disk cache]');
  }
}
