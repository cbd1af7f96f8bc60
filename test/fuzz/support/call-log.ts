import type { Method, Trouble } from './trouble.js';
import type { Violations } from './violations.js';
import type { OpenedLease, World } from './world.js';
import { endOf, isDynamic } from './world.js';

export interface OpenCall {
  readonly method: Method;
  readonly names: readonly string[];
  readonly signal: AbortSignal;
  readonly trouble: Trouble | undefined;
  readonly begunAt: number;
  /** The order of calls and of wishes for readings by force. */
  readonly order: number;
  isOdd: boolean;
}

/** A reading by force: it must not join what began before. */
interface Wish {
  readonly order: number;
}

/** The last that the source said of a name to somebody who still waited for it. */
export interface LastAnswer {
  readonly kind: 'good' | 'odd' | 'absent' | 'failed';
  readonly at: number;
}

/** After this share of a lease that can be renewed, opening new credentials is right; of one that can't, after that. A hair less, for rounding. */
const OPEN_ANEW = 0.895;
const DUE = 0.665;

/** All calls of the source, and what is wrong with them: too many at once, too many in a time, after the end, openings that nobody needed. */
export class CallLog {
  readonly #open = new Set<OpenCall>();
  readonly #begun = new Map<string, number>();
  readonly #lastGood = new Map<string, number>();
  readonly #lastAnswer = new Map<string, LastAnswer>();
  /** Operations under way that may read a name although it is not due, and beside another reading. */
  readonly #forced = new Map<string, Set<Wish>>();
  /** Names whose last reading by force failed: that it is tried again is not an opening for nothing. */
  readonly #forcedAndFailed = new Set<string>();
  #order = 0;
  /** Set while the door shuts, and when it is shut. */
  door: 'open' | 'shutting' | 'shut' = 'open';
  /** Until then, rows of readings after announcements may run. */
  rowsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: { readonly now: number },
    private readonly world: World,
    private readonly violations: Violations,
    private readonly renews: boolean,
    private readonly renewable: readonly string[],
  ) {}

  /**
   * Until the function that comes back is called, readings of a name (of all: `*`) are asked for by force. `at once`: whoever reads for it does so at
   * the call; `later`: also after a pause or a write of its own.
   */
  force(name: string, when: 'at once' | 'later'): () => void {
    const wish = { order: when === 'later' ? Number.POSITIVE_INFINITY : (this.#order += 1) };
    const wishes = this.#forced.get(name) ?? new Set();
    this.#forced.set(name, wishes.add(wish));
    return () => void wishes.delete(wish);
  }

  begin(method: Method, names: readonly string[], signal: AbortSignal, trouble: Trouble | undefined): OpenCall {
    const call = { method, names, signal, trouble, begunAt: this.clock.now, order: (this.#order += 1), isOdd: false };
    const what = `${method}(${names.join(', ')})`;
    if (this.door === 'shut') this.violations.add('source called after shutdown', what, method);
    else if (this.door === 'shutting' && method !== 'revoke') {
      this.violations.add('source called while the door shuts', what, method);
    }
    for (const name of names) {
      this.#count(`${method} ${name}`);
      if (method !== 'read') continue;
      const other = [...this.#open].find(
        (open) => open.method === 'read' && open.names.includes(name) && isWaited(open),
      );
      if (other && !this.#isForced(name, other.order)) {
        const since = `the first since ${this.clock.now - other.begunAt} ms`;
        this.violations.add('two readings of a name at once', `${name}: ${since}`, name);
      }
      if (isDynamic(name)) this.#checkOpening(name);
      if (this.#isForced(name)) this.#forcedAndFailed.add(name);
    }
    if (names.length === 0) this.#count(method);
    this.#open.add(call);
    return call;
  }

  finish(call: OpenCall): void {
    this.#open.delete(call);
  }

  answered(call: OpenCall, name: string, kind: LastAnswer['kind']): void {
    if (call.signal.aborted) return;
    const at = this.clock.now;
    this.#lastAnswer.set(name, { kind, at });
    if (kind !== 'good') return;
    this.#lastGood.set(name, at);
    this.#forcedAndFailed.delete(name);
  }

  renewing(lease: OpenedLease): void {
    if (lease.endings.some(({ done }) => done)) {
      this.violations.add('renewed after its end', `${lease.id} was ended and then renewed`, lease.name);
    }
  }

  ending(lease: OpenedLease, how: string): void {
    if (lease.endings.some(({ done }) => done)) {
      const before = lease.endings.map((ending) => `${ending.how} at ${ending.at}`).join(', ');
      this.violations.add('ended twice', `${lease.id}: ${before}, then ${how}`, lease.name);
    }
  }

  isReading(name: string): boolean {
    return [...this.#open].some((open) => isWaited(open) && (open.method === 'readAll' || open.names.includes(name)));
  }

  /** When somebody who waited for it last got a value of this name. */
  lastGood(name: string): number | undefined {
    return this.#lastGood.get(name);
  }

  lastAnswer(name: string): LastAnswer | undefined {
    return this.#lastAnswer.get(name);
  }

  /** Calls of each kind and name since the last time. */
  takeCounts(): ReadonlyMap<string, number> {
    const counts = new Map(this.#begun);
    this.#begun.clear();
    return counts;
  }

  /** The credentials that the core holds, as far as anybody can tell from outside. */
  held(name: string): OpenedLease | undefined {
    const delivered = this.world.leases.filter((lease) => lease.name === name && lease.delivered);
    return delivered.reduce<OpenedLease | undefined>(
      (held, lease) => (held && held.content > lease.content ? held : lease),
      undefined,
    );
  }

  #checkOpening(name: string): void {
    const held = this.held(name);
    const { now } = this.clock;
    if (!held || held.spent || endOf(held) <= now || held.endings.length > 0) return;
    if (this.#isForced(name) || this.#forcedAndFailed.has(name)) return;
    const share = (now - held.grantedAt) / held.duration;
    const isRenewed = this.renews && this.renewable.includes(name);
    if (share >= (isRenewed ? OPEN_ANEW : DUE)) return;
    const part = `${Math.round(share * 100)} % of its lease`;
    this.violations.add(
      isRenewed && share >= DUE ? 'opened in place of renewed' : 'opened though not due',
      `${name} was opened again after ${part}`,
      name,
    );
  }

  /** True where a reading is asked for that must not join one of this order. */
  #isForced(name: string, order = 0): boolean {
    const isAsked = (key: string): boolean => [...(this.#forced.get(key) ?? [])].some((wish) => wish.order > order);
    if (isAsked(name)) return true;
    return !isDynamic(name) && (isAsked('*') || this.clock.now < this.rowsUntil);
  }

  #count(key: string): void {
    this.#begun.set(key, (this.#begun.get(key) ?? 0) + 1);
  }
}

/** Somebody waits for the answer still. */
function isWaited({ signal }: OpenCall): boolean {
  return !signal.aborted;
}
