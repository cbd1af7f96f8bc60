import type { SecretState } from '../tracking/secret-state.js';

/** By whom: a channel of this process; another process, of the source or of what it has put into a shared cache. */
export type Announcing = 'announced' | 'relayed';

/** Above it all is read: then that costs less than to remember names. */
const MOST_NAMES = 1_000;

export interface Held {
  readonly by: Announcing;
  /** True where anything may have changed; then `versions` has nothing. */
  readonly isAll: boolean;
  /** What was named, with the version that was, where it was one. Each is entered, and to be left. */
  readonly versions: ReadonlyMap<SecretState, string | undefined>;
  /** Who is to hear of the reading of all. */
  readonly onRead: readonly (() => void)[];
}

/** What was announced while nothing is read for it: no more than which secrets, however often and for however long. */
export class HeldAnnouncements {
  #by: Announcing = 'relayed';
  #isAll = false;
  #versions = new Map<SecretState, string | undefined>();
  #onRead: (() => void)[] = [];

  add(state: SecretState, version: string | undefined, by: Announcing): void {
    this.#note(by);
    if (this.#isAll) return;
    if (!this.#versions.has(state)) {
      state.enter(); // it is not to be forgotten meanwhile
      this.#versions.set(state, version);
    } else if (this.#versions.get(state) !== version) this.#versions.set(state, undefined);
    if (this.#versions.size > MOST_NAMES) this.addAll(by);
  }

  /** Whether anything may have changed. */
  get isAll(): boolean {
    return this.#isAll;
  }

  addAll(by: Announcing, onRead: readonly (() => void)[] = []): void {
    this.#note(by);
    this.#isAll = true;
    this.#onRead.push(...onRead);
    for (const state of this.#versions.keys()) state.leave();
    this.#versions.clear();
  }

  /** All of it, once. */
  take(): Held {
    const held = { by: this.#by, isAll: this.#isAll, versions: this.#versions, onRead: this.#onRead };
    this.#by = 'relayed';
    this.#isAll = false;
    this.#versions = new Map();
    this.#onRead = [];
    return held;
  }

  #note(by: Announcing): void {
    if (by === 'announced') this.#by = by;
  }
}
