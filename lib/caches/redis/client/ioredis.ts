import {
  type ChannelListener,
  type Emitter,
  ignore,
  type Method,
  reconnectDelay,
  type RedisConnection,
  type RedisListening,
} from './redis-connection.js';

/** `new Redis(…)` or `new Cluster(…)` of ioredis 5 or later, by its shape. */
export interface IoRedisLike {
  readonly evalsha: Method;
  readonly eval: Method;
  readonly duplicate: Method;
  readonly psubscribe: Method;
}

interface IoRedis extends Emitter {
  readonly isCluster?: boolean;
  readonly status: string;
  evalsha(sha: string, count: number, ...keysAndValues: string[]): Promise<unknown>;
  eval(script: string, count: number, ...keysAndValues: string[]): Promise<unknown>;
  subscribe(...channels: string[]): Promise<unknown>;
  connect(): Promise<unknown>;
  disconnect(): void;
  duplicate(...options: unknown[]): IoRedis;
}

export const isIoRedis = (client: unknown): client is IoRedisLike =>
  hasMethods(client, ['evalsha', 'eval', 'duplicate', 'psubscribe', 'disconnect']);

export class IoRedisConnection implements RedisConnection {
  readonly #client: IoRedis;

  /** @param isOurs whether it is closed with the connection. */
  constructor(
    client: IoRedisLike,
    private readonly isOurs: boolean,
  ) {
    this.#client = client as unknown as IoRedis;
    this.#client.on('error', ignore); // what fails is told by what was asked; without a listener it is printed
  }

  evalsha(sha: string, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    return this.#client.evalsha(sha, keys.length, ...keys, ...values);
  }

  eval(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    return this.#client.eval(script, keys.length, ...keys, ...values);
  }

  listen(channels: readonly string[], listener: ChannelListener): RedisListening {
    return new IoRedisListening(this.#client, channels, listener);
  }

  close(): void {
    if (this.isOurs) this.#client.disconnect();
    // The last listener of a client that goes down with us stays: it would print an error that nobody asked for.
    else this.#client.off('error', ignore);
  }
}

class IoRedisListening implements RedisListening {
  readonly isCertain: boolean;
  readonly #subscriber: IoRedis;
  #isUp = false;
  #isSubscribing = false;
  #isOver = false;

  constructor(
    client: IoRedis,
    private readonly channels: readonly string[],
    private readonly listener: ChannelListener,
  ) {
    this.isCertain = !client.isCluster;
    const own = { lazyConnect: true, enableOfflineQueue: true };
    const subscriber = (this.#subscriber = client.isCluster
      ? client.duplicate([], { ...own, clusterRetryStrategy: reconnectDelay })
      : client.duplicate({
          ...own,
          autoResubscribe: false,
          maxRetriesPerRequest: null,
          retryStrategy: reconnectDelay,
        }));
    subscriber.on('error', ignore);
    subscriber.on('message', (channel: string, text: string) => {
      if (!this.#isOver) listener.message(channel, text);
    });
    subscriber.on('ready', () => void this.#subscribe());
    subscriber.on('close', () => this.#down(new Error('closed')));
    this.ensure();
  }

  ensure(): void {
    const { status } = this.#subscriber;
    if (this.#isOver || this.#isUp) return;
    if (status === 'ready') void this.#subscribe();
    else if (status === 'wait' || status === 'end') this.#subscriber.connect().catch(ignore);
  }

  end(): void {
    this.#isOver = true;
    this.#subscriber.disconnect();
  }

  async #subscribe(): Promise<void> {
    if (this.#isSubscribing || this.#isUp || this.#isOver) return;
    this.#isSubscribing = true;
    try {
      await this.#subscriber.subscribe(...this.channels);
      if (this.#isOver) return;
      this.#isUp = true;
      this.listener.up();
    } catch (cause) {
      this.listener.down(cause);
    } finally {
      this.#isSubscribing = false;
    }
  }

  #down(cause: unknown): void {
    if (this.#isOver) return;
    this.#isUp = false;
    this.listener.down(cause);
  }
}

/** Looks at a foreign object without running more of it than getters. */
export function hasMethods(value: unknown, names: readonly string[]): boolean {
  try {
    return names.every((name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function');
  } catch {
    return false;
  }
}
