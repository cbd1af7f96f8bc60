import type { Clock } from '../clock.js';
import type { SecretLogger } from '../refresh/connection-log.js';
import type { SecretSource } from '../source/secret-source.js';
import type { ClientOptions } from './client-options.js';

export interface RuntimeOptions extends ClientOptions {
  readonly source: SecretSource;
  /** @default 'default' */
  readonly connection?: string | undefined;
  readonly clock?: Clock | undefined;
  /** A number in [0, 1); Math.random by default. */
  readonly random?: (() => number) | undefined;
  readonly logger?: SecretLogger | undefined;
}
