import type { SecretRuntime } from '../client/secret-runtime.js';
import type { CancelTimer } from '../clock.js';
import { hideInOutput } from '../redaction.js';
import type { LiveSecret } from '../store/live-secret.js';
import type { ValueWatcher } from '../store/value-watcher.js';
import type { CatchPlace } from './catches.js';
import type { Form } from './forms.js';
import { formsOf } from './forms.js';
import type { Matcher } from './matcher.js';
import type { Owner } from './owner.js';
import { partsOf } from './secret-parts.js';

/** A value, as it is looked for. */
interface Known {
  readonly owner: Owner;
  readonly forms: readonly Form[];
  readonly left: number;
}

/** A value that is none of the current ones any more. */
interface Replaced {
  readonly known: Known;
  /** On the monotonic clock. */
  readonly forgetAt: number;
}

/** Of values that come and go by the thousand, the oldest is let go. */
const MOST_REPLACED = 10_000;

/** The values of one connection, current ones and those replaced of late: each is put into the matcher in the turn in which readers get it. */
export class KnownValues implements ValueWatcher {
  readonly #current = new Map<LiveSecret, Known>();
  readonly #replaced = new Set<Replaced>();
  readonly #runtime: SecretRuntime;
  readonly #matcher: Matcher;
  readonly #stopWatching: () => void;
  #cancelSweep: CancelTimer | undefined;
  #isClosed = false;

  constructor(
    runtime: SecretRuntime,
    matcher: Matcher,
    /** Names of secrets, and `NAME.field`, that are left. */
    private readonly except: ReadonlySet<string>,
    /** Milliseconds for which a replaced value is looked for. */
    private readonly keep: number,
  ) {
    this.#runtime = runtime;
    this.#matcher = matcher;
    this.#stopWatching = runtime.store.watchValues(this);
    for (const { live } of runtime.secrets) this.#adopt(live);
    runtime.events.onEnded(() => this.#sweepLater());
    runtime.store.closed$.subscribe({ complete: () => this.#close() });
  }

  /** Values that are looked for. */
  get guarded(): number {
    return this.#current.size + this.#replaced.size;
  }

  /** Values and fields that are not: too short, common words, open fields, excepted. */
  get left(): number {
    return [...this.#current.values()].reduce((sum, { left }) => sum + left, 0);
  }

  placed(secret: LiveSecret, value: unknown): void {
    const before = this.#current.get(secret);
    this.#current.set(secret, this.#know(secret.name, value));
    if (before) this.#retire(before);
    this.#sweepLater();
  }

  aside(name: string, value: unknown): void {
    this.#retire(this.#know(name, value));
    this.#sweepLater();
  }

  stop(): void {
    this.#stopWatching();
    this.#close();
    for (const known of this.#current.values()) this.#forget(known);
    for (const { known } of this.#replaced) this.#forget(known);
    this.#current.clear();
    this.#replaced.clear();
  }

  #adopt(live: LiveSecret): void {
    if (live.current) this.placed(live, live.current.value);
    if (live.retention > 0) for (const { value } of live.replaced.newestFirst) this.aside(live.name, value);
  }

  /** The connection tells of it, as of all else that becomes of its secrets. */
  readonly #caught = (name: string, place: CatchPlace): void => this.#runtime.events.ofGuard(name, place);

  #know(name: string, value: unknown): Known {
    const owner = { name, connection: this.#runtime.connection, caught: this.#caught };
    if (this.except.has(name)) return { owner, forms: [], left: 1 };
    const { parts, left } = partsOf(value, (field) => this.except.has(`${name}.${field}`));
    const forms = parts.flatMap(formsOf);
    for (const form of forms) this.#matcher.add(form, owner);
    return { owner, forms, left };
  }

  #retire(known: Known): void {
    if (known.forms.length === 0) return;
    this.#replaced.add({ known, forgetAt: this.#runtime.clock.now() + this.keep });
    for (const oldest of this.#replaced) {
      if (this.#replaced.size <= MOST_REPLACED) break;
      this.#drop(oldest);
    }
  }

  #drop(replaced: Replaced): void {
    this.#replaced.delete(replaced);
    this.#forget(replaced.known);
  }

  #forget({ forms, owner }: Known): void {
    for (const { text } of forms) this.#matcher.remove(text, owner);
  }

  /** Secrets that ended or that nobody tracks any more tell of no further value: they are looked for now and then. */
  #sweepLater(): void {
    if (this.#cancelSweep || this.#isClosed) return;
    this.#cancelSweep = this.#runtime.clock.setTimer(() => this.#sweep(), this.keep);
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    const now = this.#runtime.clock.now();
    for (const replaced of this.#replaced) if (replaced.forgetAt <= now) this.#drop(replaced);
    const tracked = new Set([...this.#runtime.secrets].map(({ live }) => live));
    for (const [live, known] of this.#current) {
      if (tracked.has(live) && live.current) continue;
      this.#current.delete(live);
      this.#retire(known);
    }
    if (this.#replaced.size > 0) this.#sweepLater();
  }

  #close(): void {
    this.#isClosed = true;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  static {
    hideInOutput(KnownValues.prototype, (self) => `[secrets ${self.#runtime.connection}]`);
  }
}
