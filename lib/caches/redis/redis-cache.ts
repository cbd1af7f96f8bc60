import { createHash, randomBytes } from 'node:crypto';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { hideInOutput } from '../../core/redaction.js';
import { OpenedKeys } from '../../core/shared/opened-keys.js';
import { newStretching, type Stretching } from '../../core/shared/passphrase.js';
import type { SharedCache, SharedScope, SharedTier } from '../../core/shared/shared-cache.js';
import { CheckedKeys } from '../../core/shared/shared-keys.js';
import { connectionTo, givenConnection } from './client/given-client.js';
import type { RedisConnection } from './client/redis-connection.js';
import { SharedConnection } from './client/shared-connection.js';
import { FleetTier } from './fleet/fleet-tier.js';
import type { RedisCacheOptions } from './redis-cache.options.js';
import { REDIS_CACHE_OPTIONS } from './redis-cache.options.js';
import { RedisStorage } from './storage/redis-storage.js';

const TAKER = 'redisCache';
const PREFIX = /^[\w.:-]{1,64}$/;

/**
 * A cache in Redis or Valkey between the memory of an app's processes and their source, for the connection's option `sharedCache`: one of all processes
 * asks the source, and the others have what it read at once. What is stored is sealed with `key`. Where Redis is away each process asks for itself.
 * Throws SecretConfigurationError for options that can't be used.
 */
export function redisCache(options: RedisCacheOptions): SharedCache {
  return new RedisCache(options);
}

class RedisCache implements SharedCache {
  readonly kind = 'redis';
  readonly #keys: OpenedKeys;
  readonly #prefix: string;
  readonly #flags: { readonly coordinates: boolean; readonly sharesDynamic: boolean };
  readonly #connection: SharedConnection;

  constructor(given: RedisCacheOptions) {
    const {
      client,
      url,
      key,
      prefix = 'hcp-vault',
      coordinate,
      shareDynamic,
    } = ownOptions(given, REDIS_CACHE_OPTIONS, TAKER);
    if ((client === undefined) === (url === undefined)) {
      throw new SecretConfigurationError(`${TAKER} needs one of the options "client" and "url".`);
    }
    if (!PREFIX.test(prefix)) {
      throw new SecretConfigurationError(`option "prefix" of ${TAKER} is 1 to 64 letters, digits, or any of "._:-".`);
    }
    this.#prefix = prefix;
    this.#keys = new OpenedKeys(new CheckedKeys(key, TAKER), () => Promise.resolve(stretchingFor(prefix)));
    this.#flags = { coordinates: coordinate ?? true, sharesDynamic: shareDynamic ?? false };
    this.#connection = new SharedConnection(url === undefined ? givenConnection(client) : connectionTo(url));
  }

  async open(scope: SharedScope): Promise<SharedTier> {
    const ring = await this.#keys.ring();
    const connection: RedisConnection = await this.#connection.acquire();
    const storage = new RedisStorage(connection, scope.clock, this.#prefix);
    const self = randomBytes(12).toString('base64url');
    const onClose = (): Promise<void> => this.#connection.release();
    return new FleetTier({ ...this.#flags, storage, ring, scope, self, random: Math.random, onClose });
  }

  static {
    hideInOutput(RedisCache.prototype, () => '[redis cache]');
  }
}

/**
 * The same for all who share a prefix, whatever is stored: what is lost, or changed by others, in Redis must neither part those who have the same
 * passphrase nor make it weaker.
 */
function stretchingFor(prefix: string): Stretching {
  const salt = createHash('sha256').update(`nestjs-hcp-vault redis ${prefix}`).digest();
  return { ...newStretching(), salt };
}
