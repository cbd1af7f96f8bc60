import type { CancelTimer } from '../../../core/clock.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { VaultAuth, VaultCalls, VaultClient } from '../client/index.js';
import type { Scope } from '../client/wire/vault.requester.js';

export interface SessionLife {
  /** Milliseconds; undefined where it never ends, or nobody can tell. */
  readonly ttl: number | undefined;
  readonly renewable: boolean;
}

/**
 * `ours`: we logged in for it, so that it is ours to revoke, with all that it leased. `batch`: the same, but that nobody can renew or revoke it
 * (https://developer.hashicorp.com/vault/docs/concepts/tokens#batch-tokens). `given`: somebody else cares for it.
 */
export type TokenOrigin = 'ours' | 'batch' | 'given';

/** One token and its time on the monotonic clock. Shows nothing of itself. */
export class VaultSession {
  readonly #token: string;
  readonly origin: TokenOrigin;
  /** The whole life (ms). */
  ttl: number | undefined;
  renewable: boolean;
  endsAt: number;
  /** When its whole life began. */
  readonly #since: number;
  /** Milliseconds that it is kept at while the app starts; undefined at other times. */
  #kept: number | undefined;
  /** It was kept at less than its life, and has not got that back yet. */
  #isShort = false;
  #holds = 0;
  #onFree: (() => void) | undefined;
  /** Ends what waits for the end of a session that was replaced. */
  cancel: CancelTimer = () => undefined;

  constructor(token: string, auth: VaultAuth | undefined, life: SessionLife, now: number) {
    this.#token = token;
    this.origin = auth === undefined ? 'given' : auth.token_type === 'batch' ? 'batch' : 'ours';
    this.ttl = life.ttl;
    this.renewable = life.renewable;
    this.#since = now;
    this.endsAt = now + (life.ttl ?? Number.POSITIVE_INFINITY);
  }

  /** For requests without a token, whose end nobody here can tell. */
  static elsewhere(now: number): VaultSession {
    return new VaultSession('', undefined, { ttl: undefined, renewable: false }, now);
  }

  get token(): string {
    return this.#token;
  }

  /** Calls with this token, whatever the client has by then. */
  callsOf(client: VaultClient, signal?: AbortSignal, scope: Omit<Scope, 'token' | 'signal'> = {}): VaultCalls {
    return client.scoped({ ...scope, signal, token: this.#token || undefined });
  }

  get revocable(): boolean {
    return this.origin === 'ours';
  }

  get kept(): number | undefined {
    return this.#kept;
  }

  /** What a renewal asks for (ms). */
  get asks(): number {
    return this.#kept ?? this.ttl ?? 0;
  }

  /** What a renewal that is sent now has to grant, lest another login is due (ms). */
  expects(now: number): number {
    if (!this.lacksLife) return this.asks;
    // Its maximum came nearer while it was kept short: it gets back what would be left of its life otherwise.
    return Math.max(0, this.asks - (now - this.#since));
  }

  /** From now on renewals ask for so little (ms). */
  keepAt(life: number): void {
    this.#kept = life;
    this.#isShort = true;
  }

  /** From now on renewals ask for the whole life again. */
  keepWhole(): void {
    this.#kept = undefined;
  }

  /** Its life could not be cut, so that there is nothing to give back. */
  keepUncut(): void {
    this.#kept = undefined;
    this.#isShort = false;
  }

  /** True where a renewal is due that gives the whole life back. */
  get lacksLife(): boolean {
    return this.#isShort && this.#kept === undefined;
  }

  /** The same token, with a life that was told again. */
  live(life: SessionLife, now: number): void {
    // The whole life stays known where only its rest is told.
    this.ttl = this.ttl !== undefined && life.ttl !== undefined ? Math.max(this.ttl, life.ttl) : life.ttl;
    this.renewable = life.renewable;
    this.endsAt = now + (life.ttl ?? Number.POSITIVE_INFINITY);
  }

  /** A renewal that was sent then, and asked for so much, granted so much (ms). */
  renewed(granted: number, renewable: boolean, asked: number, sentAt: number): void {
    this.endsAt = sentAt + granted;
    this.renewable = renewable;
    if (asked === this.ttl) this.#isShort = false;
  }

  /** A call under way, or a lease in use, which ends with the token: until the function that comes back is called, once. */
  hold(): () => void {
    this.#holds += 1;
    return () => {
      this.#holds -= 1;
      if (this.#holds === 0) this.#onFree?.();
    };
  }

  /** Calls back when nothing holds it. */
  whenFree(callback: () => void): void {
    this.#onFree = callback;
    if (this.#holds === 0) callback();
  }

  static {
    hideInOutput(VaultSession.prototype, () => '[vault token]');
  }
}
