import { hideInOutput } from '../../../core/redaction.js';
import type { RedisConnection } from './redis-connection.js';

/** One connection for all that use a cache, made for the first and closed by the last. */
export class SharedConnection {
  readonly #make: () => Promise<RedisConnection>;
  #made: Promise<RedisConnection> | undefined;
  #users = 0;

  constructor(make: () => Promise<RedisConnection>) {
    this.#make = make;
  }

  /** Rejects where it can't be made; a server that can't be reached is no reason. */
  async acquire(): Promise<RedisConnection> {
    this.#users += 1;
    try {
      return await (this.#made ??= this.#make());
    } catch (error) {
      this.#users -= 1;
      this.#made = undefined;
      throw error;
    }
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0 || !this.#made) return;
    const made = this.#made;
    this.#made = undefined;
    (await made).close();
  }

  static {
    hideInOutput(SharedConnection.prototype, () => '[connection to Redis]');
  }
}
