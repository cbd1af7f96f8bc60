import type { CancelTimer, Clock } from '../../../core/clock.js';
import { isGrantedInFull } from '../../../core/lease-timing.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { VaultClient } from '../client/index.js';
import { errorOf } from '../errors/vault.source.errors.js';
import type { AppStart } from './app-start.js';
import { grantedMore, refusedBy } from './app-start.js';
import type { EmitSessionEvent } from './session.events.js';
import { isTransient, renew } from './session.life.js';
import { renewalDelay, retryDelay } from './session.plan.js';
import type { VaultSession } from './vault.session.js';

export interface TokenMaintenanceOptions {
  readonly client: VaultClient;
  /** Whose token is maintained; undefined where there is none. */
  readonly current: () => VaultSession | undefined;
  readonly start: AppStart;
  readonly clock: Clock;
  readonly random: () => number;
  readonly emit: EmitSessionEvent;
  /** Gets another token, which takes the place of this one. */
  readonly login: () => Promise<unknown>;
  /** Whether something is lost while there is no token: then a login is tried until it succeeds, else when somebody asks. */
  readonly isNeeded: () => boolean;
}

/** Milliseconds: readers wait for the login, and so for the shortening. What is not done within that is tried again behind them. */
const SHORTEN_WITHIN = 3_000;

/** Keeps one token alive: renews it ahead of its end, asks for another where that fails, and keeps its life short while the app starts. */
export class TokenMaintenance {
  /** Whose renewal is under way: a short one that arrived after a whole one would undo that. */
  #renewing: VaultSession | undefined;
  #cancel: CancelTimer = () => undefined;
  #failures = 0;

  constructor(private readonly options: TokenMaintenanceOptions) {}

  /** This token has become the current one, or its life was told again. */
  begin(session: VaultSession): void {
    const { start, clock, random } = this.options;
    this.#failures = 0;
    if (!start.isUnderWay) session.keepWhole(); // it may have ended during the login
    if (session.lacksLife) return void this.#maintain();
    if (!this.#isToBeCut(session)) return this.#plan(session);
    this.#failures = 1;
    this.#in(retryDelay(1, session.endsAt - clock.now(), random()));
  }

  stop(): void {
    this.#cancel();
  }

  /** Right after a login. Where that is during a start, the token's life is cut, if it can be. Never rejects. */
  async shorten(session: VaultSession, client: VaultClient): Promise<void> {
    const { start } = this.options;
    if (!start.concerns(session)) return;
    session.keepAt(start.life);
    await this.#cut(session, client, SHORTEN_WITHIN).catch(() => undefined); // `begin` sees that it is still to be done
  }

  /** The start is over: the token gets its whole life again. */
  keepWhole(): void {
    const session = this.options.current();
    if (session?.kept === undefined) return;
    session.keepWhole();
    if (this.#renewing !== session) void this.#maintain();
  }

  #plan(session: VaultSession): void {
    const { clock, random } = this.options;
    const { ttl, asks } = session;
    if (ttl === undefined) return this.#cancel();
    this.#in(renewalDelay(session.endsAt - clock.now(), { ttl: asks }, random()));
  }

  #in(delay: number): void {
    this.#cancel();
    this.#cancel = this.options.clock.setTimer(() => void this.#maintain(), delay);
  }

  /** Renews the token, or gets another. Never rejects. */
  async #maintain(): Promise<void> {
    const { clock, random, isNeeded, login } = this.options;
    const session = this.options.current();
    this.#cancel();
    if (!session) return;
    try {
      if (session.renewable && clock.now() < session.endsAt && (await this.#renew(session))) return;
      if (session === this.options.current()) await login();
    } catch {
      if (session !== this.options.current()) return;
      this.#failures += 1;
      const left = session.endsAt - clock.now();
      // Past its end whoever asks next logs in, unless there are leases to be got again.
      if (left > 0 || isNeeded()) this.#in(retryDelay(this.#failures, left, random()));
    }
  }

  /** True where the token goes on; false where another one is due. Rejects for what a moment may heal. */
  async #renew(session: VaultSession): Promise<boolean> {
    const { client, emit } = this.options;
    this.#renewing = session;
    try {
      let isFull: boolean;
      do {
        isFull = this.#isToBeCut(session) ? await this.#cut(session, client) : await this.#extend(session);
        if (this.options.current() !== session) return true;
        emit('token-renewed', session);
      } while (isFull && session.lacksLife); // a start was over meanwhile
      if (!isFull) return false;
      this.#failures = 0;
      this.#plan(session);
      return true;
    } catch (thrown) {
      // What a closing cuts off is not a failure.
      if (this.options.current() === session)
        emit('token-renewal-failed', { error: errorOf(thrown, { operation: 'renewing its token' }) });
      if (isTransient(thrown)) throw thrown;
      return false;
    } finally {
      if (this.#renewing === session) this.#renewing = undefined;
    }
  }

  /** True where so much was granted as the token is to have. */
  async #extend(session: VaultSession): Promise<boolean> {
    const { client, clock } = this.options;
    const sentAt = clock.now();
    const [asked, expected] = [session.asks, session.expects(sentAt)];
    const { granted, renewable } = await renew(client, session, asked);
    session.renewed(granted, renewable, asked, sentAt);
    return isGrantedInFull(granted, expected);
  }

  /** True where its life is to be cut, and that is still to be done. */
  #isToBeCut({ kept, endsAt }: VaultSession): boolean {
    return kept !== undefined && endsAt - this.options.clock.now() > kept;
  }

  /**
   * Asks for the short life. A token that can't be shortened goes on with the life that it has, and that is told: true all the same. Rejects for
   * what a moment may heal.
   */
  async #cut(session: VaultSession, client: VaultClient, within?: number): Promise<true> {
    const { start, clock } = this.options;
    const sentAt = clock.now();
    try {
      const { granted, renewable } = await renew(client, session, start.life, within);
      session.renewed(granted, renewable, start.life, sentAt);
      if (granted <= start.life) return true;
      start.outlives(session, grantedMore(granted, start.life));
    } catch (error) {
      if (isTransient(error)) throw error;
      start.outlives(session, refusedBy(error));
    }
    session.keepUncut();
    return true;
  }

  static {
    hideInOutput(TokenMaintenance.prototype, () => '[vault tokens]');
  }
}
