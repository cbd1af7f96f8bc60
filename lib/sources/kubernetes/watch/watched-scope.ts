import type { SecretError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { StoredSecret } from '../kubernetes.answers.js';
import type { ScopeListener } from './scope-listener.js';
import type { ScopeWatch } from './scope-watch.js';

/** What is known of a list beside what is in it. */
export interface ScopeList {
  readonly version: string;
  /** Of this scope. */
  readonly isFirst: boolean;
  /** Of a storage of an earlier time. */
  readonly isReset: boolean;
}

/** Who keeps what scopes hear. */
export interface ScopeOwner {
  listed(scope: WatchedScope, secrets: readonly StoredSecret[], list: ScopeList): void;
  changed(secret: StoredSecret): void;
  removed(secret: StoredSecret): void;
  live(scope: WatchedScope): void;
  failed(scope: WatchedScope, error: SecretError): void;
}

/** One scope under watch, and whether what is held of it is what the server has. */
export class WatchedScope implements ScopeListener {
  /** Resolves with the first list, or the first failure. */
  readonly settled: Promise<void>;
  /** Resolves when it hears, or with the first failure. */
  readonly begun: Promise<void>;
  #isSettled = false;
  #settle!: () => void;
  #begin!: () => void;
  #isCurrent = false;
  #wasListed = false;
  readonly #watch: ScopeWatch;

  /** @param name of the one Secret that it is about; undefined for all. */
  constructor(
    readonly name: string | undefined,
    private readonly owner: ScopeOwner,
    begin: (listener: ScopeListener) => ScopeWatch,
  ) {
    this.settled = new Promise((resolve) => {
      this.#settle = () => {
        this.#isSettled = true;
        resolve();
      };
    });
    this.begun = new Promise((resolve) => (this.#begin = resolve));
    this.#watch = begin(this);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  listed(secrets: readonly StoredSecret[], version: string, isReset: boolean): void {
    this.#isCurrent = true;
    const isFirst = !this.#wasListed;
    this.#wasListed = true;
    this.owner.listed(this, secrets, { version, isFirst, isReset });
    this.#settle();
  }

  changed(secret: StoredSecret): void {
    this.owner.changed(secret);
  }

  removed(secret: StoredSecret): void {
    this.owner.removed(secret);
  }

  live(): void {
    this.#isCurrent = true;
    this.owner.live(this);
    this.#begin();
  }

  broken(): void {
    this.#isCurrent = false;
  }

  failed(error: SecretError): void {
    this.#isCurrent = false;
    this.owner.failed(this, error);
    this.#over();
  }

  end(): void {
    this.#isCurrent = false;
    this.#watch.end();
    this.#over();
  }

  #over(): void {
    this.#settle();
    this.#begin();
  }

  static {
    hideInOutput(WatchedScope.prototype, (self) => `[secrets watch of ${self.name ?? 'all'}]`);
  }
}
