import type { Clock } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import type { VaultClient, VaultError } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import { isBareDenial, saysInvalidToken } from '../client/token-denial.js';
import { isWrappingMisuse, KIND, loginErrorOf } from '../errors/vault.source.errors.js';
import { AppStart } from './app-start.js';
import type { VaultAuthentication } from './authentication.js';
import type { EmitSessionEvent } from './session.events.js';
import { sessionEvents } from './session.events.js';
import { lifeAfter, lookupSelf } from './session.life.js';
import type { TokenVerdict } from './session.life.js';
import { TokenMaintenance } from './token.maintenance.js';
import type { TokenRevoker } from './token.revoker.js';
import { VaultSession } from './vault.session.js';

export interface VaultSessionsOptions {
  readonly client: VaultClient;
  /** Logs in, so that a login under way disturbs no call of the other. */
  readonly loginClient: VaultClient;
  readonly authentication: VaultAuthentication;
  readonly revoker: TokenRevoker;
  readonly clock: Clock;
  readonly random: () => number;
  readonly emit: (event: SourceEvent) => void;
  /** Called when a token took the place of another. */
  readonly onReplaced: () => void;
  /** Whether something is lost while there is no token: then a login is tried until it succeeds, else when somebody asks. */
  readonly isNeeded: () => boolean;
  /** Milliseconds that a token is kept at while the app starts. @default 2 minutes */
  readonly startUpLife?: number | undefined;
}

/** Vault, where it refused our credentials, is not asked again for so long (ms), however many ask us. */
const PATIENCE = 1_000;

/**
 * The token of a source: got when first asked for, once for all who ask at the same time; renewed ahead of its end; and replaced where it can't
 * be renewed, its renewal is refused, or grants so little that its maximum is near.
 */
export class VaultSessions {
  #current: VaultSession | undefined;
  #flight: Promise<VaultSession> | undefined;
  #refusal: { readonly error: SecretError; readonly until: number } | undefined;
  #mayLookUp = true;
  /** Counts closings: what began before one must not bring a token after it. */
  #epoch = 0;

  readonly #emit: EmitSessionEvent;
  readonly #start: AppStart;
  readonly #maintenance: TokenMaintenance;

  constructor(private readonly options: VaultSessionsOptions) {
    const emit = sessionEvents(options.emit, options.clock);
    const start = new AppStart(emit, options.startUpLife);
    this.#emit = emit;
    this.#start = start;
    this.#maintenance = new TokenMaintenance({
      ...options,
      emit,
      start,
      current: () => this.#current,
      login: () => this.#login(),
    });
  }

  get current(): VaultSession | undefined {
    return this.#current;
  }

  /** Until the function that comes back is called, what a login obtains is kept at a short life. */
  startUp(): () => void {
    return this.#start.begin(() => this.#maintenance.keepWhole());
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
    if (this.options.authentication.isElsewhere) return false; // another token is for who adds it
    if (this.#current !== session) return true;
    const certain = saysInvalidToken(error);
    if (!certain && !(await this.#isSuspect(session, error, signal))) return false;
    if (this.#current === session) {
      session.endsAt = this.options.clock.now();
      const another = await unlessAborted(this.#login(), signal, () => aborted(signal));
      if (!certain) this.#mayLookUp = (await this.#lookupSelf(another, signal)) !== 'lookup-denied';
    }
    return true;
  }

  /** Forgets the token, and revokes those that are ours where `revokeOnClose` says so. The next use logs in again. */
  async close(): Promise<void> {
    const { revoker } = this.options;
    const session = this.#current;
    this.#epoch += 1;
    this.#maintenance.stop();
    this.#current = this.#flight = this.#refusal = undefined;
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

  async #request(epoch: number, isSecond = false): Promise<VaultSession> {
    const { authentication, loginClient, clock, revoker } = this.options;
    const now = clock.now(); // a life counts from the sending, so that it never seems longer than it is
    let session: VaultSession;
    try {
      loginClient.reopen(); // a certificate that proves who we are may have been replaced
      const auth = await authentication.login(loginClient);
      const { token } = loginClient;
      if (authentication.isElsewhere) return this.#adopt(VaultSession.elsewhere(now), now);
      if (token === undefined) {
        throw new SecretConfigurationError(`${authentication.method} left the client without a token.`);
      }
      session = new VaultSession(token, auth, await lifeAfter(auth, loginClient), now);
      await this.#maintenance.shorten(session, loginClient);
    } catch (thrown) {
      const error = loginErrorOf(thrown, authentication.method);
      if (isVaultError(thrown) && error.code === 'SECRET_AUTHENTICATION')
        this.#refusal = { error, until: clock.now() + PATIENCE };
      if (epoch === this.#epoch) {
        // What a closing cuts off is not a failure.
        if (isWrappingMisuse(thrown)) this.#emit('wrapping-token-refused', { error });
        this.#emit('login-failed', { error });
      }
      throw error;
    } finally {
      loginClient.token = undefined;
    }
    const isOver = session.endsAt <= clock.now(); // the process stood still meanwhile
    if (isOver && !isSecond && epoch === this.#epoch) {
      void revoker.end(session);
      return this.#request(epoch, true);
    }
    if (epoch === this.#epoch) return this.#adopt(session, now);
    void revoker.end(session);
    throw new SecretSourceUnavailableError('the source was closed during the login.', { sourceKind: KIND });
  }

  #adopt(session: VaultSession, now: number): VaultSession {
    const { client, revoker, onReplaced } = this.options;
    const before = this.#current;
    this.#refusal = undefined;
    if (before?.token === session.token) {
      before.live(session, now); // the same token, so its leases are good
      this.#maintenance.begin(before);
      return before;
    }
    this.#current = session;
    client.reopen();
    if (!this.options.authentication.isElsewhere) this.#emit('logged-in', session);
    this.#maintenance.begin(session);
    if (before) revoker.retire(before);
    onReplaced();
    return session;
  }

  /** Whether a 403 that names no cause may be the token’s fault. One that may not look itself up is told from a dead one only by Vault's text. */
  async #isSuspect(session: VaultSession, error: VaultError, signal: AbortSignal): Promise<boolean> {
    if (!this.#mayLookUp && !isBareDenial(error)) return false;
    const verdict = await this.#lookupSelf(session, signal);
    return verdict === 'dead' || (verdict === 'lookup-denied' && this.#mayLookUp);
  }

  #lookupSelf(session: VaultSession, signal: AbortSignal): Promise<TokenVerdict> {
    return lookupSelf(session.callsOf(this.options.client, signal));
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
