import { setImmediate } from 'node:timers';
import type { Clock } from '../clock.js';
import { isSecretError, SecretSourceUnavailableError, type SecretError } from '../errors/index.js';
import type { SecretVersion } from '../secret/secret-version.js';
import type { ReadContext } from '../source/secret-source.js';
import type { CacheEntry } from './cache-entry.js';
import type { SourceCall } from './source-call.js';

/** What one reading says of one secret; no result where the source has none of that name. */
export interface Answer {
  readonly entry: CacheEntry;
  readonly result: SecretVersion | SecretError | undefined;
  /** Why there is none, in the source's words (deleted, destroyed), where it says so. */
  readonly absence?: SecretError | undefined;
  /** On the monotonic clock. */
  readonly arrivedAt: number;
  /** Counts readings of this connection, in the order in which they were begun. */
  readonly reading: number;
}

/** Takes all answers of one reading at once. Never rejects. */
export type Deliver = (answers: readonly Answer[]) => Promise<void> | void;

/** Which entries an enumeration has answered, and why it failed where it did. */
export interface Enumeration {
  readonly covered: ReadonlySet<CacheEntry>;
  readonly error?: SecretError;
}

/**
 * Reads entries: all that are asked for within one turn of the event loop go into one `source.read`, and who asks for an entry that is
 * being read joins that flight.
 */
export class SourceReader {
  #queue = new Set<CacheEntry>();
  readonly #landings = new Map<CacheEntry, () => void>();
  #readings = 0;

  constructor(
    private readonly call: SourceCall,
    private readonly clock: Clock,
    private readonly deliver: Deliver,
    /** Called after each reading, when its flights are over. */
    private readonly onLanded: () => void,
  ) {}

  /** Resolves when the answer has been delivered, good or bad. `fresh` never joins a reading that has begun. */
  read(entry: CacheEntry, fresh = false): Promise<void> {
    const { flight } = entry;
    if (!flight) return this.#enqueue(entry);
    if (!fresh || !flight.started) return flight.promise;
    return (flight.next ??= flight.promise.then(() => this.read(entry)));
  }

  /**
   * Reads all that the source can enumerate; `entryOf` finds or makes the entry of a name. Entries that are due fly along, so that readers
   * join. Where the enumeration is denied, nobody is covered, and each is left to be read by name; another failure is the answer to all.
   */
  async readAll(entryOf: (name: string) => CacheEntry, due: readonly CacheEntry[]): Promise<Enumeration> {
    return this.#enumerate('read all', (context) => this.call.source.readAll!(context), entryOf, due);
  }

  /** The same for all below a path. */
  async readPath(path: string, entryOf: (name: string) => CacheEntry): Promise<Enumeration> {
    return this.#enumerate(`read path ${path}`, (context) => this.call.source.readPath!(path, context), entryOf, []);
  }

  async #enumerate(
    what: string,
    work: (context: ReadContext) => Promise<ReadonlyMap<string, SecretVersion | SecretError>>,
    entryOf: (name: string) => CacheEntry,
    due: readonly CacheEntry[],
  ): Promise<Enumeration> {
    const reading = ++this.#readings;
    const boarded = due.filter((entry) => !entry.flight);
    const land = this.#board(boarded, true);
    try {
      const all = await this.call.run(what, work);
      const arrivedAt = this.clock.now();
      const answers = [...all].map(([name, result]) => ({ entry: entryOf(name), result, arrivedAt, reading }));
      await this.deliver(answers);
      return { covered: new Set(answers.map(({ entry }) => entry)) };
    } catch (thrown) {
      const error = this.call.translate(thrown, what);
      if (error.code === 'SECRET_ACCESS_DENIED') return { covered: new Set(), error };
      const arrivedAt = this.clock.now();
      const results = due.map((entry) => this.call.translate(error, what, entry.name));
      await this.deliver(due.map((entry, index) => ({ entry, result: results[index], arrivedAt, reading })));
      return { covered: new Set(due), error };
    } finally {
      land();
      this.onLanded();
    }
  }

  #enqueue(entry: CacheEntry): Promise<void> {
    this.#landings.set(entry, this.#board([entry], false));
    this.#queue.add(entry);
    // The immediate of node:timers, which fake timers leave alone: the end of a turn is no matter of time.
    if (this.#queue.size === 1) setImmediate(() => this.#takeOff());
    return entry.flight!.promise;
  }

  /** Puts entries on one flight; the function that comes back lands it. */
  #board(entries: readonly CacheEntry[], started: boolean): () => void {
    let resolve!: () => void;
    const promise = new Promise<void>((done) => (resolve = done));
    for (const entry of entries) entry.flight = { promise, started };
    return () => {
      for (const entry of entries) entry.flight = undefined;
      resolve();
    };
  }

  #takeOff(): void {
    const byVersion = groupByVersion(this.#queue);
    this.#queue = new Set();
    for (const [version, entries] of byVersion) void this.#fly(version, entries);
  }

  async #fly(version: string | undefined, entries: readonly CacheEntry[]): Promise<void> {
    const reading = ++this.#readings;
    for (const { flight } of entries) if (flight) flight.started = true;
    const names = entries.map(({ name }) => name);
    const what = names.length === 1 ? 'read' : `read ${names.length} secrets`;
    let results: ReadonlyMap<string, SecretVersion | SecretError> | undefined;
    let failure: SecretError | undefined;
    try {
      results = await this.call.run(what, (context) => this.call.source.read(names, context), version);
      if (typeof results?.get !== 'function')
        throw new SecretSourceUnavailableError('the source gave no Map of results.');
    } catch (error) {
      failure = this.call.translate(error, what);
    }
    const arrivedAt = this.clock.now();
    try {
      await this.deliver(
        entries.map((entry) => {
          const result = failure ?? results?.get(entry.name);
          if (!isSecretError(result)) return { entry, result, arrivedAt, reading };
          const error = this.call.translate(result, what, entry.name);
          // Said of the name alone it is an answer: there is none. Said of the whole reading (no such app) it is a failure.
          const isAbsent = failure === undefined && error.code === 'SECRET_NOT_FOUND';
          if (isAbsent) return { entry, result: undefined, absence: error, arrivedAt, reading };
          return { entry, result: error, arrivedAt, reading };
        }),
      );
    } finally {
      for (const entry of entries) {
        this.#landings.get(entry)?.();
        this.#landings.delete(entry);
      }
      this.onLanded();
    }
  }
}

function groupByVersion(entries: Iterable<CacheEntry>): Map<string | undefined, CacheEntry[]> {
  const groups = new Map<string | undefined, CacheEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.requested);
    if (group) group.push(entry);
    else groups.set(entry.requested, [entry]);
  }
  return groups;
}
