import { hasMethods } from './ioredis.js';
import {
  type ChannelListener,
  type Emitter,
  ignore,
  type Method,
  reconnectDelay,
  type RedisConnection,
  type RedisListening,
} from './redis-connection.js';

/** What `createClient(…)` or `createCluster(…)` of `redis` (node-redis) 5 or later gives, by its shape. */
export interface NodeRedisLike {
  readonly evalSha: Method;
  readonly eval: Method;
  readonly duplicate: Method;
  readonly pSubscribe: Method;
}

interface Arguments {
  readonly keys: string[];
  readonly arguments: string[];
}

interface NodeRedis extends Emitter {
  readonly isOpen?: boolean;
  readonly options?: { readonly socket?: object };
  evalSha(sha: string, given: Arguments): Promise<unknown>;
  eval(script: string, given: Arguments): Promise<unknown>;
  subscribe(channels: string[], listener: (text: string, channel: string) => void): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(overrides?: object): NodeRedis;
}

export const isNodeRedis = (client: unknown): client is NodeRedisLike =>
  hasMethods(client, ['evalSha', 'eval', 'duplicate', 'pSubscribe', 'destroy']);

export class NodeRedisConnection implements RedisConnection {
  readonly #client: NodeRedis;
  #connecting: Promise<unknown> | undefined;

  /** @param isOurs whether it is connected and closed by us. */
  constructor(
    client: NodeRedisLike,
    private readonly isOurs: boolean,
  ) {
    this.#client = client as unknown as NodeRedis;
    this.#client.on('error', ignore); // without a listener the process would end with the link
  }

  evalsha(sha: string, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    return this.#connected().then(() => this.#client.evalSha(sha, { keys: [...keys], arguments: [...values] }));
  }

  eval(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    return this.#connected().then(() => this.#client.eval(script, { keys: [...keys], arguments: [...values] }));
  }

  listen(channels: readonly string[], listener: ChannelListener): RedisListening {
    return new NodeRedisListening(this.#client, channels, listener);
  }

  close(): void {
    if (this.isOurs) destroy(this.#client);
    else this.#client.off('error', ignore);
  }

  async #connected(): Promise<void> {
    if (!this.isOurs) return;
    this.#connecting ??= this.#client.connect().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    await this.#connecting;
  }
}

class NodeRedisListening implements RedisListening {
  readonly isCertain: boolean;
  readonly #subscriber: NodeRedis;
  #isConnecting = false;
  #isSubscribed = false;
  #isOver = false;

  constructor(
    client: NodeRedis,
    private readonly channels: readonly string[],
    private readonly listener: ChannelListener,
  ) {
    this.isCertain = !isCluster(client);
    // A cluster's nodes have sockets of their own.
    const { options } = client;
    const socket = { ...options?.socket, socketTimeout: undefined, reconnectStrategy: reconnectDelay };
    this.#subscriber = client.duplicate(isCluster(client) ? undefined : { socket, disableOfflineQueue: false });
    this.#subscriber.on('error', ignore);
    // It subscribes again by itself, before it says that it is ready.
    this.#subscriber.on('ready', () => this.#up());
    this.#subscriber.on('reconnecting', () => this.#down());
    this.#subscriber.on('end', () => this.#down());
    this.ensure();
  }

  ensure(): void {
    if (this.#isOver || this.#isConnecting || this.#isSubscribed) return;
    this.#isConnecting = true;
    void this.#start().finally(() => (this.#isConnecting = false));
  }

  end(): void {
    this.#isOver = true;
    destroy(this.#subscriber);
  }

  async #start(): Promise<void> {
    try {
      if (!this.#subscriber.isOpen) await this.#subscriber.connect();
      if (this.#isOver) return destroy(this.#subscriber);
      await this.#subscriber.subscribe([...this.channels], (text, channel) => {
        if (!this.#isOver) this.listener.message(channel, text);
      });
      this.#isSubscribed = true;
      this.#up();
    } catch (cause) {
      if (!this.#isOver) this.listener.down(cause);
    }
  }

  #up(): void {
    if (this.#isSubscribed && !this.#isOver) this.listener.up();
  }

  #down(): void {
    if (!this.#isOver) this.listener.down(new Error('closed'));
  }
}

const isCluster = (client: object): boolean => 'slots' in client && 'masters' in client;

function destroy(client: NodeRedis): void {
  try {
    client.destroy();
  } catch {
    // it is closed already
  }
}
