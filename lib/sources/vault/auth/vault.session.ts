import type { CancelTimer } from '../../../core/clock.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { VaultAuth } from '../client/index.js';

export interface SessionLife {
  /** Milliseconds; undefined where it never ends, or nobody can tell. */
  readonly ttl: number | undefined;
  readonly renewable: boolean;
}

/** One token and its time on the monotonic clock. Shows nothing of itself. */
export class VaultSession {
  readonly #token: string;
  /** We logged in for it, so that it is ours to revoke, with all that it leased. A batch token can’t be: https://developer.hashicorp.com/vault/docs/concepts/tokens#batch-tokens */
  readonly revocable: boolean;
  /** What a renewal asks for (ms). */
  ttl: number | undefined;
  renewable: boolean;
  endsAt: number;
  #holds = 0;
  #onFree: (() => void) | undefined;
  /** Ends what waits for the end of a session that was replaced. */
  cancel: CancelTimer = () => undefined;

  constructor(token: string, auth: VaultAuth | undefined, life: SessionLife, now: number) {
    this.#token = token;
    this.revocable = auth !== undefined && auth.token_type !== 'batch';
    this.ttl = life.ttl;
    this.renewable = life.renewable;
    this.endsAt = now + (life.ttl ?? Number.POSITIVE_INFINITY);
  }

  get token(): string {
    return this.#token;
  }

  /** The same token, with a life that was told anew. */
  live(life: SessionLife, now: number): void {
    // The whole life stays known where only its rest is told.
    this.ttl = this.ttl !== undefined && life.ttl !== undefined ? Math.max(this.ttl, life.ttl) : life.ttl;
    this.renewable = life.renewable;
    this.endsAt = now + (life.ttl ?? Number.POSITIVE_INFINITY);
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
