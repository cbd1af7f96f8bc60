import { isDenied } from '../cache/answer.js';
import { isSecretError, SecretConfigurationError, type SecretError } from '../errors/index.js';
import { printable } from '../errors/printable.js';
import { listOfNames } from '../name-lists.js';
import type { ReadonlySecretValue } from '../secret/secret-value.js';
import { concernsAll } from '../source/each-name.js';
import { readCell } from '../store/cell.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { PathOptions } from './read-options.js';
import type { SecretRuntime } from './secret-runtime.js';

type Values = Record<string, ReadonlySecretValue>;

/** Many secrets at once: all of the source's, or all below a path. What is wrong with one of them is only its own error. */
export class BulkReading {
  #fetching: Promise<Values> | undefined;
  /** The secrets of the last full reading, and when it was (monotonic). */
  #last: { readonly names: readonly string[]; readonly at: number } | undefined;

  /** @param list names at the source. */
  constructor(
    private readonly runtime: SecretRuntime,
    private readonly list: (prefix?: string) => Promise<string[]>,
  ) {}

  async fetchSecrets(): Promise<Values> {
    const { clock, options, updater, source, connection, control } = this.runtime;
    updater.checkOpen();
    if (source.isBounded === false) {
      throw new SecretConfigurationError('nothing bounds what this source holds: all of it is never read.', {
        connection,
        sourceKind: source.kind,
        advice: 'Give the source a prefix, a path or a document, or read secrets by their names, or `getByPath`.',
      });
    }
    const { maxAge } = options.policies.strict.common; // a new name is announced by nobody
    // While refreshing is paused, what was read before is not old.
    if (this.#last && (clock.now() - this.#last.at < maxAge || control.isPaused)) return this.#known(this.#last.names);
    return (this.#fetching ??= this.#fetchAll().finally(() => (this.#fetching = undefined)));
  }

  async getByPath(path: string, { recursive = true, failOnError = false }: PathOptions): Promise<Values> {
    const { source, reader, secrets, updater, log } = this.runtime;
    updater.checkOpen();
    const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
    const isMeant = (name: string): boolean => recursive || !deeper(name, folder);
    const unread: SecretError[] = [];
    const at = this.runtime.clock.now();
    let states: SecretState[];
    if (source.readPath) {
      const { covered, error } = await reader.readPath(path, { recursive }, (name, answer) => {
        if (!isMeant(name)) return undefined;
        if (answer.kind === 'value' || isDenied(answer)) return secrets.obtain(name);
        const known = secrets.peek(name);
        if (!known && answer.kind === 'failed') unread.push(answer.error.located({ secretName: name }));
        return known;
      });
      if (error) throw error;
      states = [...covered];
    } else {
      states = (await this.list(path)).filter(isMeant).map((name) => secrets.obtain(name));
      await this.#bringEach(states);
    }
    const found = await this.#valuesOf(states, at);
    found.refused.push(...unread);
    const failed = [...found.refused, ...found.old];
    if (failOnError && failed[0]) throw failed[0];
    const [first] = found.refused;
    if (first) {
      const names = listOfNames(found.refused.map(({ secretName = '' }) => secretName));
      const text = `What lies below "${printable(path)}" was read without ${names}. ${first.message}`;
      log.warnOnce(`below ${path} without ${names}`, text);
    }
    return found.values();
  }

  async #fetchAll(): Promise<Values> {
    const { source, secrets, refresher, clock } = this.runtime;
    const { maxAge, maxStale } = this.runtime.options.policies.common;
    const at = clock.now();
    try {
      const names = new Set<string>();
      if (source.readAll) {
        const { covered, error } = await refresher.enumerate([...secrets]);
        if (error) throw error;
        for (const { name } of covered) names.add(name);
      }
      if (source.list || !source.readAll) for (const name of await this.list()) names.add(name);
      const states = this.#kept([...names]);
      await this.#bringEach(states, at);
      const values = (await this.#valuesOf(states, at)).values();
      this.#last = { names: [...names], at };
      return values;
    } catch (error) {
      // Values stay while the source fails, for as long as `maxStale` allows.
      if (this.#last && isSecretError(error) && clock.now() - this.#last.at <= maxAge + maxStale) {
        return this.#known(this.#last.names);
      }
      throw error;
    }
  }

  /** Reads those that were not read since `readBefore`; dynamic ones only where they are not there, or due. */
  async #bringEach(wanted: readonly SecretState[], readBefore = Number.NEGATIVE_INFINITY): Promise<void> {
    const { updater, reader, clock } = this.runtime;
    const now = clock.now();
    const old: SecretState[] = [];
    const due: SecretState[] = [];
    for (const state of wanted) {
      const { facts } = state;
      if (!facts || !state.canServe(now) || state.nextAttemptAt <= now) due.push(state);
      else if (facts.arrival.at < readBefore || state.hasSlept(now)) old.push(state);
    }
    await Promise.all([updater.bringEach(due), reader.joinAll(old, 'fresh-if-static')]);
  }

  async #known(names: readonly string[]): Promise<Values> {
    const { updater } = this.runtime;
    const states = this.#kept(names);
    const waiting = states.filter((state) => state.phase.kind === 'ended');
    await Promise.all(waiting.map((state) => updater.provide(state)));
    return (await this.#valuesOf(states)).values();
  }

  /** All of a source's are kept, but it is nobody who holds on to each. */
  #kept(names: readonly string[]): SecretState[] {
    return names.map((name) => {
      const state = this.runtime.secrets.obtain(name);
      state.keep();
      return state;
    });
  }

  /** Asks the clock once more: it may have gone on while these were waited for. @param since when their reading began, where they were read. */
  async #valuesOf(asked: readonly SecretState[], since = Number.POSITIVE_INFINITY): Promise<Found> {
    const { updater } = this.runtime;
    const states = asked.filter(({ live }) => live.state !== 'missing');
    const ended = states.filter((state) => state.live.current && !updater.isUsable(state));
    await Promise.all(ended.map((state) => updater.provide(state)));
    updater.checkOpen();
    return new Found(states, since);
  }
}

/** What there is of many secrets. Throws what none of them could be read for. */
class Found {
  /** Why some have no value. */
  readonly refused: SecretError[] = [];
  /** Why the values of some are older ones. */
  readonly old: SecretError[] = [];
  readonly #there: SecretState[] = [];

  constructor(states: readonly SecretState[], since: number) {
    const answered = states.filter(({ facts }) => facts && facts.arrival.at >= since).length;
    const silent: SecretError[] = [];
    for (const state of states) {
      const { live, failure, isGone } = state;
      if (live.state === 'loaded' || !failure) {
        this.#there.push(state);
        if (failure && !isGone) this.old.push(failure.error);
        continue;
      }
      // What is wrong with one of them is only its own error: `fetch` of it rejects, and status() tells.
      const isForAll = concernsAll(failure.error);
      if (isForAll && failure.error.code !== 'SECRET_SOURCE_UNAVAILABLE') throw failure.error;
      if (isForAll) silent.push(failure.error);
      this.refused.push(failure.error);
    }
    // Where most were answered, it is those that were not that are sick, and not the source.
    if (silent[0] && silent.length >= answered) throw silent[0];
  }

  /** Rejects with the first error where there is no value at all. */
  values(): Values {
    if (this.#there.length === 0 && this.refused[0]) throw this.refused[0];
    const values: Values = {};
    for (const { name, live } of this.#there) {
      // An own property, whatever the name: "__proto__" is one.
      const value = readCell(live.cell);
      Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return values;
  }
}

/** True where a name lies in a folder below this one. A name that a source gives in another spelling is left as it is. */
function deeper(name: string, folder: string): boolean {
  const place = folder.replace(/^\/+/, '');
  const rest = name.replace(/^\/+/, '');
  return rest.startsWith(place) && rest.slice(place.length).includes('/');
}
