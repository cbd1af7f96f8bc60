import type { CancelTimer, Clock } from '../../../core/clock.js';
import { displayed } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import type { VaultClient, VaultError } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import { errorOf, isBareDenial, KIND, loginErrorOf, saysInvalidToken } from '../source/vault.source.errors.js';
import type { VaultAuthentication } from './authentication.js';
import { grantedLife, isPassing, lifeAfter, lookAt } from './session.life.js';
import type { TokenVerdict } from './session.life.js';
import { renewalDelay, retryDelay } from './session.plan.js';
import type { TokenRevoker } from './token.revoker.js';
import { VaultSession } from './vault.session.js';

export interface VaultSessionsOptions {
  /** Carries the current token. */
  readonly client: VaultClient;
  /** Logs in, so that a login under way disturbs no call of the other. */
  readonly desk: VaultClient;
  readonly authentication: VaultAuthentication;
  readonly revoker: TokenRevoker;
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: (event: SourceEvent) => void;
  /** Called when a token took the place of another. */
  readonly onReplaced: () => void;
  /** Whether something is lost while there is no token: then a login is tried until it succeeds, else when somebody asks. */
  readonly isNeeded: () => boolean;
}

/** Vault, where it refused our credentials, is not asked again for so long (ms), however many ask us. */
const PATIENCE = 1_000;
/** Milliseconds: a Vault that takes a renewal and never answers must not hold up the next try. */
const RENEW_WITHIN = 10_000;

/**
 * The token of a source: got when first asked for, once for all who ask at the same time; renewed ahead of its end; and replaced where it can't
 * be renewed, its renewal is refused, or grants so little that its maximum is near.
 */
export class VaultSessions {
  #current: VaultSession | undefined;
  #flight: Promise<VaultSession> | undefined;
  #refusal: { readonly error: SecretError; readonly until: number } | undefined;
  #mayLookUp = true;
  #cancelTending: CancelTimer = () => undefined;
  #failures = 0;
  /** Counts closings: what began before one must not bring a token after it. */
  #epoch = 0;

  constructor(private readonly options: VaultSessionsOptions) {}

  get current(): VaultSession | undefined {
    return this.#current;
  }

  /** A token that lives. Rejects with a SecretError; who aborts leaves the login to the others. */
  async acquire(signal: AbortSignal): Promise<VaultSession> {
    const session = this.#current;
    if (signal.aborted) throw aborted(signal);
    if (session && this.options.clock.now() < session.endsAt) return session;
    return unlessAborted(this.#login(), signal, () => aborted(signal));
  }

  /** After a 403: true where the token was at fault and there is another one by now, so that the call is worth repeating. */
  async refused(session: VaultSession, error: VaultError, signal: AbortSignal): Promise<boolean> {
    if (this.#current !== session) return true;
    const certain = saysInvalidToken(error);
    if (!certain && !(await this.#isSuspect(error, signal))) return false;
    if (this.#current === session) {
      session.endsAt = this.options.clock.now();
      await unlessAborted(this.#login(), signal, () => aborted(signal));
      if (!certain) this.#mayLookUp = (await this.#lookAt(signal)) !== 'silent';
    }
    return true;
  }

  /** Forgets the token, and revokes those that are ours where `revokeOnClose` says so. The next use logs in anew. */
  async close(): Promise<void> {
    const { client, revoker } = this.options;
    const session = this.#current;
    this.#epoch += 1;
    this.#cancelTending();
    this.#current = this.#flight = this.#refusal = undefined;
    client.token = undefined;
    await revoker.close(session);
  }

  #login(): Promise<VaultSession> {
    if (this.#flight) return this.#flight;
    const { clock } = this.options;
    if (this.#refusal && clock.now() < this.#refusal.until) return Promise.reject(this.#refusal.error);
    const epoch = this.#epoch;
    const flight = this.#request(epoch).finally(() => {
      if (this.#flight === flight) this.#flight = undefined;
    });
    this.#flight = flight;
    return flight;
  }

  async #request(epoch: number): Promise<VaultSession> {
    const { authentication, desk, clock, revoker } = this.options;
    const now = clock.now(); // a life counts from the sending, so that it never seems longer than it is
    let session: VaultSession;
    try {
      desk.reopen(); // a certificate that proves who we are may have been replaced
      const auth = await authentication.login(desk);
      const { token } = desk;
      if (token === undefined) {
        throw new SecretConfigurationError(`${authentication.method} left the client without a token.`);
      }
      session = new VaultSession(token, auth, await lifeAfter(auth, desk), now);
    } catch (thrown) {
      const error = loginErrorOf(thrown, authentication.method);
      if (isVaultError(thrown) && error.code === 'SECRET_AUTHENTICATION')
        this.#refusal = { error, until: clock.now() + PATIENCE };
      this.#tell('login-failed', { error });
      throw error;
    } finally {
      desk.token = undefined;
    }
    if (epoch === this.#epoch) return this.#adopt(session, now);
    void revoker.end(session);
    throw new SecretSourceUnavailableError('the source was closed during the login.', { sourceKind: KIND });
  }

  #adopt(session: VaultSession, now: number): VaultSession {
    const { client, revoker, onReplaced } = this.options;
    const before = this.#current;
    this.#refusal = undefined;
    this.#failures = 0;
    if (before?.token === session.token) {
      before.live(session, now); // the same token, so its leases are good
      this.#tendIn(this.#renewalDelay(before));
      return before;
    }
    this.#current = session;
    client.token = session.token;
    client.reopen();
    this.#tendIn(this.#renewalDelay(session));
    this.#tell('logged-in', session);
    if (before) revoker.retire(before);
    onReplaced();
    return session;
  }

  #renewalDelay(session: VaultSession): number | undefined {
    const { clock, random } = this.options;
    const left = session.ttl === undefined ? undefined : session.endsAt - clock.now();
    return left === undefined ? undefined : renewalDelay(left, session, random());
  }

  #tendIn(delay: number | undefined): void {
    this.#cancelTending();
    this.#cancelTending = () => undefined;
    if (delay !== undefined) this.#cancelTending = this.options.clock.setTimer(() => void this.#tend(), delay);
  }

  /** Renews the token, or gets another. Never rejects. */
  async #tend(): Promise<void> {
    const { clock, random, isNeeded } = this.options;
    const [session, epoch] = [this.#current, this.#epoch];
    try {
      if (session?.renewable && clock.now() < session.endsAt && (await this.#renew(session))) return;
      if (epoch === this.#epoch && session === this.#current) await this.#login();
    } catch {
      if (epoch !== this.#epoch || session !== this.#current) return;
      this.#failures += 1;
      const left = (session?.endsAt ?? 0) - clock.now();
      // Past its end whoever asks next logs in, unless there are leases to be got anew.
      if (left > 0 || isNeeded()) this.#tendIn(retryDelay(this.#failures, left, random()));
    }
  }

  /** True where the token goes on; false where another one is due. Rejects for what a moment may heal. */
  async #renew(session: VaultSession): Promise<boolean> {
    const { client, clock } = this.options;
    const [now, asked] = [clock.now(), session.ttl ?? 0];
    try {
      const increment = `${Math.ceil(asked / 1000)}s`;
      const calls = client.withSignal(AbortSignal.timeout(RENEW_WITHIN));
      const { auth } = await calls.auth.token.renewSelf({ increment });
      if (this.#current !== session) return true;
      const { isFull, ttl, renewable } = grantedLife(auth, asked);
      session.endsAt = now + ttl;
      session.renewable = renewable;
      this.#tell('token-renewed', session);
      if (!isFull) return false;
      this.#failures = 0;
      this.#tendIn(this.#renewalDelay(session));
      return true;
    } catch (thrown) {
      this.#tell('token-renewal-failed', { error: errorOf(thrown, { tried: 'renewing its token' }) });
      if (isPassing(thrown)) throw thrown;
      return false;
    }
  }

  #tell(type: SourceEvent['type'], { endsAt, error }: { endsAt?: number; error?: SecretError }): void {
    const { clock, tell } = this.options;
    tell({ type, source: KIND, error, expiresAt: endsAt === undefined ? undefined : displayed(endsAt, clock) });
  }

  /** Whether a 403 that names no cause may be the token’s fault. One that may not look itself up is told from a dead one by Vault's text alone. */
  async #isSuspect(error: VaultError, signal: AbortSignal): Promise<boolean> {
    if (!this.#mayLookUp && !isBareDenial(error)) return false;
    const verdict = await this.#lookAt(signal);
    return verdict === 'dead' || (verdict === 'silent' && this.#mayLookUp);
  }

  #lookAt(signal: AbortSignal): Promise<TokenVerdict> {
    return lookAt(this.options.client.withSignal(signal));
  }

  static {
    hideInOutput(VaultSessions.prototype, () => '[vault tokens]');
  }
}

const aborted = (signal: AbortSignal): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError('the call was aborted before it was sent.', {
    sourceKind: KIND,
    cause: signal.reason as unknown,
  });
