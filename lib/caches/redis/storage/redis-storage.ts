import type { Clock } from '../../../core/clock.js';
import type { RedisConnection } from '../client/redis-connection.js';
import type {
  FleetCount,
  FleetStorage,
  Listening,
  Note,
  NoteListener,
  StoredPut,
  TurnAnswer,
  TurnRequest,
} from '../fleet/fleet-storage.js';
import { COUNT, DROP, EXTEND, GET, PUT, RELEASE, REMOVE, type Script, TAKE, TELL } from './scripts.js';

/** Milliseconds for one script. The clients' own time-outs differ, and some commands have none. */
const DEADLINE = 1_500;

/**
 * All keys have one hash tag, so that a cluster keeps them on one node, where a script may touch them together: `{prefix}:fence`, `:e:` and an entry's id,
 * `:t:` and a turn's, `:n:` and a channel's number of notes.
 */
export class RedisStorage implements FleetStorage {
  readonly #tag: string;

  constructor(
    private readonly connection: RedisConnection,
    private readonly clock: Clock,
    prefix: string,
  ) {
    this.#tag = `{${prefix}}`;
  }

  async get(ids: readonly string[]): Promise<readonly string[]> {
    return (await this.#run(GET, ids.map(this.#entry), [])).map(String);
  }

  async put(puts: readonly StoredPut[], note: Note): Promise<readonly boolean[]> {
    const keys = puts.flatMap(({ ids }) => ids.map(this.#entry));
    const values = puts.flatMap(({ ids, fence, at, lives, sealed }) => {
      const order = [fence === undefined ? '' : String(fence), String(at)];
      return [String(ids.length), ...order, String(Math.ceil(lives)), `${order.join(' ')} ${sealed}`];
    });
    const taken = await this.#run(PUT, [this.#notes(note.channel), ...keys], [...this.#told(note), ...values]);
    return taken.map((one) => String(one) === '1');
  }

  async remove(ids: readonly string[], note: Note): Promise<void> {
    await this.#one(REMOVE, [this.#notes(note.channel), ...ids.map(this.#entry)], this.#told(note));
  }

  async drop(id: string, stored: string): Promise<void> {
    await this.#one(DROP, [this.#entry(id)], [stored]);
  }

  async tell(note: Note): Promise<void> {
    await this.#one(TELL, [this.#notes(note.channel)], this.#told(note));
  }

  async count(channels: readonly string[]): Promise<FleetCount> {
    const keys = [`${this.#tag}:fence`, ...channels.map(this.#notes)];
    const [fence, ...numbers] = (await this.#run(COUNT, keys, [])).map(Number);
    return { fence: fence!, numbers };
  }

  async take({ turns, known, holder, lease, seen, isForced }: TurnRequest): Promise<TurnAnswer> {
    const keys = [`${this.#tag}:fence`, ...turns.map(this.#turn), ...known.map(({ id }) => this.#entry(id))];
    const rules = [holder, String(lease), String(seen), isForced ? '1' : '', String(turns.length)];
    const heads = known.map(({ head }) => head ?? '*');
    const [type, number] = (await this.#run(TAKE, keys, [...rules, ...heads])).map(String);
    if (type === 'won') return { type, fence: Number(number) };
    return type === 'held' ? { type, left: Number(number) } : { type: 'newer' };
  }

  async extend(turns: readonly string[], holder: string, lease: number): Promise<number> {
    return Number(await this.#one(EXTEND, turns.map(this.#turn), [holder, String(lease)]));
  }

  async release(turns: readonly string[], holder: string): Promise<void> {
    await this.#one(RELEASE, turns.map(this.#turn), [holder]);
  }

  listen(channels: readonly string[], listener: NoteListener): Listening {
    const byName = new Map(channels.map((channel) => [this.#channel(channel), channel]));
    return this.connection.listen([...byName.keys()], {
      message: (name, text) => {
        const channel = byName.get(name);
        const space = text.indexOf(' ');
        if (channel !== undefined) listener.heard(channel, Number(text.slice(0, space)), text.slice(space + 1));
      },
      up: () => listener.up(),
      down: (cause) => listener.down(cause),
    });
  }

  readonly #entry = (id: string): string => `${this.#tag}:e:${id}`;
  readonly #turn = (id: string): string => `${this.#tag}:t:${id}`;
  readonly #notes = (channel: string): string => `${this.#tag}:n:${channel}`;
  readonly #channel = (channel: string): string => `${this.#tag}:c:${channel}`;

  #told({ channel, message }: Note): string[] {
    return [this.#channel(channel), message];
  }

  /** Of a script that gives a list. */
  async #run(script: Script, keys: readonly string[], values: readonly string[]): Promise<readonly unknown[]> {
    const answer = await this.#one(script, keys, values);
    if (!Array.isArray(answer)) throw new TypeError('not an answer of a script of ours');
    return answer as readonly unknown[];
  }

  #one({ text, sha }: Script, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    // A server that was started again knows no scripts.
    const running = this.connection
      .evalsha(sha, keys, values)
      .catch((error: unknown) =>
        isUnknownScript(error) ? this.connection.eval(text, keys, values) : Promise.reject(error as Error),
      );
    return this.#inTime(running);
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.setTimer(() => reject(new RedisSilence()), DEADLINE);
      void work.then(resolve, reject).finally(cancel);
    });
  }
}

/** No answer in time: a frozen server, or a connection that nobody has noticed to be dead. */
class RedisSilence extends Error {
  override readonly name = 'RedisSilence';
  readonly code = 'REDIS_SILENT';
}

const isUnknownScript = (error: unknown): boolean =>
  String((error as { message?: unknown } | undefined)?.message).startsWith('NOSCRIPT');
