import type { Clock } from '../clock.js';
import type { SecretSource } from '../source/secret-source.js';
import type { RefreshSwitch } from '../tracking/refresh-switch.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { Announcing } from './held-announcements.js';
import type { Updater } from './updater.js';

export interface AnnouncementsOptions {
  readonly secrets: TrackedSecrets;
  readonly source: Pick<SecretSource, 'namesOf'>;
  readonly updater: Updater;
  readonly refreshing: RefreshSwitch;
  readonly clock: Clock;
  readonly random: () => number;
  /** 0 to 1. */
  readonly jitter: number;
  /** Reads all static secrets again, in bulk where that is possible; never rejects. */
  readonly readAll: (freshness: Announcing) => Promise<void>;
  /** Tells other processes of what a channel of this one has announced; without a name that anything may have changed. */
  readonly relay?: ((name?: string, version?: string) => void) | undefined;
  /** Something announced what is not an announcement: told once. */
  readonly onMalformed: () => void;
}

/** How an announcement is taken. */
export interface Taken {
  /** @default 'announced' */
  readonly by?: Announcing;
  /** For one that anybody may repeat: one reading in place of a row of them. */
  readonly isOnce?: boolean;
}
