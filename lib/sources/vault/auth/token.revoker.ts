import type { Clock } from '../../../core/clock.js';
import { displayed } from '../../../core/clock.js';
import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { VaultClient } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import { errorOf, KIND } from '../errors/vault.source.errors.js';
import type { VaultSession } from './vault.session.js';

export interface TokenRevokerOptions {
  readonly loginClient: VaultClient;
  readonly clock: Clock;
  readonly revokeOnClose: boolean;
  readonly revokeOld: boolean;
  readonly emit: (event: SourceEvent) => void;
}

/** Milliseconds for the revocations of a closing: the core gives a source half a second more. */
const BOUND = 2_000;

/** Ends tokens that we obtained, and with them all that they leased. A token that somebody gave is never touched. */
export class TokenRevoker {
  /** Replaced, and alive: their leases may be in use. */
  readonly #retired = new Set<VaultSession>();
  /** Being revoked. */
  readonly #ending = new Map<VaultSession, Promise<void>>();

  constructor(private readonly options: TokenRevokerOptions) {}

  /** A token that was replaced runs to its own end, or, with `revokeOld`, until nothing that it leased is in use. */
  retire(session: VaultSession): void {
    const { clock, revokeOld } = this.options;
    const left = session.endsAt - clock.now();
    if (!session.revocable || left <= 0) return;
    this.#retired.add(session);
    if (left < Number.POSITIVE_INFINITY) session.cancel = clock.setTimer(() => this.#retired.delete(session), left);
    if (!revokeOld) return;
    session.whenFree(() => {
      session.cancel();
      if (this.#retired.delete(session)) void this.end(session);
    });
  }

  /** Ends what is left, within a bound. */
  async close(current: VaultSession | undefined): Promise<void> {
    const { clock, revokeOnClose } = this.options;
    const sessions = [...this.#retired, ...(current ? [current] : [])];
    this.#retired.clear();
    for (const session of sessions) session.cancel();
    const living = sessions.filter(({ endsAt }) => revokeOnClose && endsAt > clock.now());
    for (const session of living) void this.end(session);
    let cancel = (): void => undefined;
    const bound = new Promise<void>((resolve) => (cancel = clock.setTimer(resolve, BOUND)));
    await Promise.race([Promise.all(this.#ending.values()), bound]);
    cancel();
    const left = [...this.#ending.keys()];
    this.#ending.clear();
    if (left.length > 0) this.#tellLeft(left);
  }

  /** Never rejects. */
  end(session: VaultSession): Promise<void> {
    if (!session.revocable) return Promise.resolve();
    const ended = this.#end(session);
    this.#ending.set(session, ended);
    return ended;
  }

  async #end(session: VaultSession): Promise<void> {
    const { emit } = this.options;
    const outcome = await session
      .callsOf(this.options.loginClient)
      .auth.token.revokeSelf()
      .then(
        () => undefined,
        (cause: unknown) => ({ cause }),
      );
    if (!this.#ending.delete(session)) return; // a closing has told of it
    if (!outcome) return emit({ type: 'token-revoked', source: KIND });
    const { cause } = outcome;
    const status = isVaultError(cause) && !cause.isForeign ? cause.status : undefined;
    if (status === 403 || status === 400) return; // it has ended already
    const error = errorOf(cause, { operation: 'revoking its token' });
    emit({ type: 'token-revocation-failed', source: KIND, error, expiresAt: this.#endOf([session]) });
  }

  #tellLeft(sessions: readonly VaultSession[]): void {
    const what = sessions.length === 1 ? 'its token' : `${sessions.length} tokens of its own`;
    const error = new SecretSourceUnavailableError(`${what} could not be revoked within ${BOUND / 1000} s.`, {
      sourceKind: KIND,
      advice: '',
    });
    const event = { type: 'token-revocation-failed', source: KIND, error } as const;
    this.options.emit({ ...event, expiresAt: this.#endOf(sessions) });
  }

  /** When the last of them ends. */
  #endOf(sessions: readonly VaultSession[]): Date | undefined {
    return displayed(Math.max(...sessions.map(({ endsAt }) => endsAt)), this.options.clock);
  }

  static {
    hideInOutput(TokenRevoker.prototype, () => '[vault tokens]');
  }
}
