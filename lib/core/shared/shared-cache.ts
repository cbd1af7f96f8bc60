import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import type { Unsubscribe } from '../source/secret-source.js';
import type { SharedEntry } from './shared-entry.js';
import type { Slot } from './slot.js';

/**
 * A tier between the memory of a process and its source, which outlives the process, or is shared by many. One object may serve several connections, of
 * several apps one after another. It can't hurt an app: whatever it does wrong is told, and the source is asked.
 * What it keeps is sealed (see `KeyRing`): who can read the storage, and has no key, reads neither value nor name.
 */
export interface SharedCache {
  /** Stands in `status().from`: `disk`, `redis`. */
  readonly kind: string;
  /**
   * Called once by each connection, at the beginning of its start, and awaited (no longer than 5 s) before it first looks for a secret. Derives keys,
   * connects. Where it rejects, the connection does without, and tells so.
   */
  open(scope: SharedScope): Promise<SharedTier>;
}

/** What a tier is told of the connection that opens it. */
export interface SharedScope {
  readonly connection: string;
  readonly clock: Clock;
  /** For the operator: what goes wrong, and that it is in order again. Each kind is said once until `restored`; `refused` again after an hour without. Never throws. */
  readonly tell: (news: SharedNews) => void;
}

export interface SharedNews {
  /**
   * `refused`: what was found is damaged or foreign, is not trusted, and is overwritten by what is read next. `failed`: it can't be read, written or
   * reached. `restored`: after `failed`, it can.
   */
  readonly type: 'refused' | 'failed' | 'restored';
  /** One sentence, without a value, a key, or a secret's name. */
  readonly reason: string;
  /** A foreign error: only its code is told. */
  readonly cause?: unknown;
}

/** What a replica tells the others of a secret; announced of the listing it says that anything may have changed. */
export interface SharedChange {
  readonly slot: Slot;
  /** Of the source's; undefined where that is not known. */
  readonly version?: string | undefined;
}

export interface SharedListener {
  /** Another replica has put newer entries of these: they are taken from the tier, at once. The slots are of those that `names` gives, or made from names. */
  stored(changes: readonly SharedChange[]): void;
  /** Another replica says (`announce`) that these have changed at the source. Each replica reads them again, as far as `takeTurn` lets it. */
  announced(changes: readonly SharedChange[]): void;
  /** Nothing is heard from now on, and it is tried again. */
  lost(cause: unknown): void;
  /**
   * It is heard again: what was told meanwhile was missed. All that is in use is then looked for in the tier by the core (`get`), and taken where newer.
   * @param fence that was the highest until now: what has a higher one is newer than all that this process has read out of turn before.
   */
  resumed(fence?: number): void;
  /** The slots of all that is in use, and of the listing: what a message stands for is found among them. */
  slots(): Iterable<Slot>;
}

/**
 * Who asks the source. The core calls `takeTurn` before each reading of the source by name or by enumeration, once `get` has not given what was wanted.
 */
export interface Turn {
  /** True: this process asks the source now. False: another one does; the tier is looked at again after `lookAgainIn`, and a turn asked for again. */
  readonly asks: boolean;
  /** Milliseconds. @default 50 */
  readonly lookAgainIn?: number | undefined;
  /** Goes with each entry of this reading (`SharedEntry.fence`): grows with each turn that anybody was given. */
  readonly fence?: number | undefined;
  /** Called once, when the reading is over, what came of it has been handed to `put`, and that has ended; with the error where the source failed as a whole. */
  readonly done?: ((error?: SecretError) => void) | undefined;
}

/**
 * Why the source is to be asked. `first`: there is no value yet. `due`: there is, and it is time. `announced`: a channel, or another replica, has told of a
 * change, or the other side has refused the value. `forced`: somebody waits for what is there now (`refresh`, `forceRefresh`, `update`): an implementation
 * gives a turn at once.
 */
export type TurnReason = 'first' | 'due' | 'announced' | 'forced';

/** A cache as one connection uses it. Every method may reject or hang: the core bounds each call, and goes on without. */
export interface SharedTier {
  /** Milliseconds past `maxAge` for which its values may be served while the source fails; Infinity where the connection's `maxStale` is enough. */
  readonly maxStale: number;
  /** False: what has a lease is neither put nor given. */
  readonly keepsDynamic: boolean;
  /** True: credentials are not ended with the process that opened them, as others use them. They end with their lease. */
  readonly sharesLeases?: boolean | undefined;
  /** Under which those who share the cache call states alike that have no version of the source's; used where the app gives no `fingerprintKey`. */
  readonly fingerprintKey?: KeyObject | undefined;
  /**
   * What it holds of these, whatever its age: the core judges that by `at`. What can't be opened is left out, told (`refused`) and removed or overwritten.
   * Called before the source is asked, and once more where the source fails.
   */
  get(slots: readonly Slot[]): Promise<ReadonlyMap<Slot, SharedEntry>>;
  /**
   * Keeps these, each but where what is stored is newer (see `isAsNew`): that is not an error. Called after the answer of a source has gone to its readers, one
   * call at a time, with all that has come meanwhile. A refusal takes a value's place.
   */
  put(entries: ReadonlyMap<Slot, SharedEntry>): Promise<void>;
  /** Forgets these: credentials that were ended. */
  remove(slots: readonly Slot[]): Promise<void>;
  /** Called once, after `open` and before the first reading, where the tier tells of what others put. */
  subscribe?: ((listener: SharedListener) => Unsubscribe) | undefined;
  /** Called where this process has written to the source (`update`), or hears of a change by a channel. */
  announce?: ((changes: readonly SharedChange[]) => Promise<void>) | undefined;
  /** Called before the source is asked. Without it every process asks as it likes. @param slots what is to be read; for an enumeration its listing. */
  takeTurn?: ((reason: TurnReason, slots: readonly Slot[]) => Promise<Turn>) | undefined;
  /** Called once, when the connection has closed, after the last `put`. */
  close(): Promise<void>;
}
