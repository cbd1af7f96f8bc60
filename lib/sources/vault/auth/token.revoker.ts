import type { Clock } from '../../../core/clock.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { VaultClient } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import type { VaultSession } from './vault.session.js';

export interface TokenRevokerOptions {
  readonly desk: VaultClient;
  readonly clock: Clock;
  readonly revokeOnClose: boolean;
  readonly revokeOld: boolean;
  /** Milliseconds for which those who use what an old token leased may go on. */
  readonly grace: number;
}

/** Milliseconds for the revocations of a closing: the core gives a source five seconds in all. */
const BOUND = 2_000;

/** Ends tokens that we obtained, and with them all that they leased. A token that somebody gave is never touched. */
export class TokenRevoker {
  /** Replaced, and alive: their leases may be in use. */
  readonly #retired = new Set<VaultSession>();

  constructor(private readonly options: TokenRevokerOptions) {}

  /** A token that was replaced runs to its own end, or, with `revokeOld`, to that of the grace. */
  retire(session: VaultSession): void {
    const { clock, revokeOld, grace } = this.options;
    const left = session.endsAt - clock.now();
    if (!session.obtained || left <= 0) return;
    this.#retired.add(session);
    const revoked = revokeOld && grace < left;
    if (!revoked && left === Number.POSITIVE_INFINITY) return;
    session.cancel = clock.setTimer(
      () => {
        this.#retired.delete(session);
        if (revoked) void this.end(session);
      },
      revoked ? grace : left,
    );
  }

  /** Ends what is left, within a bound. */
  async close(current: VaultSession | undefined): Promise<void> {
    const { clock, revokeOnClose } = this.options;
    const sessions = [...this.#retired, ...(current ? [current] : [])];
    this.#retired.clear();
    for (const session of sessions) session.cancel();
    if (!revokeOnClose) return;
    const living = sessions.filter(({ endsAt }) => endsAt > clock.now());
    let cancel = (): void => undefined;
    const bound = new Promise<void>((resolve) => (cancel = clock.setTimer(resolve, BOUND)));
    await Promise.race([Promise.all(living.map((session) => this.end(session))), bound]);
    cancel();
  }

  /** Never rejects. */
  async end({ obtained, token }: VaultSession): Promise<void> {
    if (!obtained) return;
    try {
      await this.#revoke(token);
    } catch (error) {
      const status = isVaultError(error) ? error.status : undefined;
      if (status === 403 || status === 400) return; // it has ended already
      const why = status === undefined ? 'no answer' : `HTTP ${status}`;
      process.emitWarning(
        `nestjs-hcp-vault: a token of Vault's could not be revoked (${why}); it runs to its own end, and its leases with it.`,
      );
    }
  }

  /** All in one turn, for a login may be under way with the same client: a call takes the token when it begins. */
  #revoke(token: string): Promise<unknown> {
    const { desk } = this.options;
    const before = desk.token;
    desk.token = token;
    const revoked = desk.auth.token.revokeSelf();
    desk.token = before;
    return revoked;
  }

  static {
    hideInOutput(TokenRevoker.prototype, () => '[vault tokens]');
  }
}
