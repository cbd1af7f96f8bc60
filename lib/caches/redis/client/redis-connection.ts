/** What we need of a Redis client, whichever it is. */
export interface RedisConnection {
  evalsha(sha: string, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  eval(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  /** On a connection of our own. */
  listen(channels: readonly string[], listener: ChannelListener): RedisListening;
  /** Ends what is ours; a client that was given is not. */
  close(): void;
}

export interface ChannelListener {
  message(channel: string, text: string): void;
  /** It is heard from now on; also at the first time. */
  up(): void;
  down(cause: unknown): void;
}

export interface RedisListening {
  /** Whether it says each time that it does not hear: clients of a cluster change the node that they listen to without a word. */
  readonly isCertain: boolean;
  /** Tries again where it is down. */
  ensure(): void;
  end(): void;
}

/** Milliseconds before a connection of ours is tried again: soon at first, for messages are missed meanwhile. */
export const reconnectDelay = (attempt: number): number =>
  Math.min(2_000, 50 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);

export const ignore = (): void => undefined;

/** The many types of the clients' own methods mean nothing here. */
export type Method = (...args: never[]) => unknown;
export type Emitter = {
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
};
