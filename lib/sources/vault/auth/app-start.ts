import { isVaultError } from '../client/index.js';
import type { EmitSessionEvent } from './session.events.js';
import type { VaultSession } from './vault.session.js';

/** Milliseconds that a token is kept at while the app starts. */
const LIFE = 120_000;

/**
 * Whether the app is starting. A start that fails, or whose process is killed, can end nothing itself: what it logged in for is kept at a short life,
 * and ends with its leases once nobody renews it.
 */
export class AppStart {
  /** Milliseconds; whole seconds, for so Vault counts. */
  readonly life: number;
  readonly #emit: EmitSessionEvent;
  /** A source may serve several connections. */
  #underWay = 0;
  #told = false;

  constructor(emit: EmitSessionEvent, life = LIFE) {
    this.#emit = emit;
    this.life = Math.ceil(life / 1000) * 1000;
  }

  get isUnderWay(): boolean {
    return this.#underWay > 0;
  }

  /** @param onOver called when no start is under way any more. Gives the function that ends this one; calling it again does nothing. */
  begin(onOver: () => void): () => void {
    if (!this.isUnderWay) this.#told = false;
    this.#underWay += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#underWay -= 1;
      if (!this.isUnderWay) onOver();
    };
  }

  /** True where a token that has just been got is to be shortened. What can't be is told. */
  concerns(session: VaultSession): boolean {
    if (!this.isUnderWay || (session.ttl !== undefined && session.ttl <= this.life)) return false;
    const obstacle = obstacleOf(session);
    if (obstacle) this.outlives(session, obstacle);
    return obstacle === undefined;
  }

  /** Tells once a start that a token lives on where the start fails. */
  outlives({ endsAt, origin }: VaultSession, reason: string): void {
    if (!this.#told) this.#emit('token-outlives-start', { endsAt, reason, isChosen: origin === 'given' });
    this.#told = true;
  }
}

function obstacleOf({ origin, ttl, renewable }: VaultSession): string | undefined {
  if (origin === 'given') return 'The token was given, and is not ours to shorten.';
  if (origin === 'batch') return 'The login gives batch tokens, which can be neither shortened nor revoked.';
  if (ttl === undefined) return "The login gives tokens without an end, which can't be shortened.";
  return renewable ? undefined : "The login gives tokens that can't be renewed, and so can't be shortened.";
}

/** Why a token was not shortened that was to be. */
export const refusedBy = (error: unknown): string =>
  `Vault refuses to shorten the token${isVaultError(error) ? ` (HTTP ${error.status})` : ''}.`;

export const grantedMore = (granted: number, asked: number): string =>
  `Vault granted the token ${granted / 1000} s where ${asked / 1000} s were asked for, as it does for periodic tokens.`;
