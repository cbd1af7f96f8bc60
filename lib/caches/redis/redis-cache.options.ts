import type { OptionKinds } from '../../core/options/option-kinds.js';
import { needed } from '../../core/options/option-kinds.js';
import type { SharedKeys } from '../../core/shared/shared-keys.js';
import type { RedisClientLike } from './client/given-client.js';

interface CommonOptions {
  /**
   * Seals what is stored: 32 bytes (`Buffer.from(process.env.CACHE_KEY, 'base64')` of `openssl rand -base64 32`), a passphrase of at least 8 characters, a
   * function that gets either, or a list of these, for rotation: the first seals, all open. Who has it, and may read Redis, has the secrets.
   */
  readonly key: SharedKeys;
  /** Before each key and channel, in braces: a hash tag, so that a cluster keeps all on one node. Letters, digits and `._:-`. @default 'hcp-vault' */
  readonly prefix?: string | undefined;
  /** One process of all asks the source, and the others take from Redis what it read. False: each asks as it likes. @default true */
  readonly coordinate?: boolean | undefined;
  /** Dynamic credentials are shared, too: who asks the source extends their lease. False: each process has its own. @default false */
  readonly shareDynamic?: boolean | undefined;
}

export interface RedisClientOptions extends CommonOptions {
  /** A client of ioredis or redis (node-redis), 5 or later, of one server or of a cluster. It stays the app's: only its listener is a connection of ours. */
  readonly client: RedisClientLike;
  readonly url?: never;
}

export interface RedisUrlOptions extends CommonOptions {
  /** `redis://host:6379`, or `rediss://user:password@host:6379` with TLS. Needs the package ioredis or redis, loaded when a connection first needs it. */
  readonly url: string;
  readonly client?: never;
}

export type RedisCacheOptions = RedisClientOptions | RedisUrlOptions;

export const REDIS_CACHE_OPTIONS: OptionKinds<RedisCacheOptions> = {
  client: 'any',
  url: 'text',
  key: needed('any'),
  prefix: 'text',
  coordinate: 'boolean',
  shareDynamic: 'boolean',
};
