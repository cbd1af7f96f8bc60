import type { WebSocket } from 'undici';
import type { Clock } from '../../../core/clock.js';
import { systemClock } from '../../../core/clock.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext, SecretSource } from '../../../core/source/secret-source.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import { VaultAuthentication } from '../auth/authentication.js';
import { TokenRevoker } from '../auth/token.revoker.js';
import type { VaultSession } from '../auth/vault.session.js';
import { VaultSessions } from '../auth/vault.sessions.js';
import type { VaultCalls } from '../client/index.js';
import { isVaultError, VaultClient } from '../client/index.js';
import type { Attempt } from '../errors/vault.source.errors.js';
import { errorOf } from '../errors/vault.source.errors.js';
import { VaultTime } from './vault.time.js';
import type { VaultInternals, VaultOptions } from './vault.source.options.js';

interface AccessEvents {
  readonly onReplaced: () => void;
  readonly isNeeded: () => boolean;
  readonly emit: (event: SourceEvent) => void;
  /** Told of what `allowInsecure` permits. */
  readonly warn: (reason: string) => void;
}

/** How each source reaches its Vault: for what listens there with the same token, namespace and trust. */
export const accessOf = new WeakMap<SecretSource, VaultAccess>();

/** Calls of Vault’s with a token that lives: logs in where there is none, and once more where Vault refuses the one that there is. */
export class VaultAccess {
  readonly clock: Clock;
  readonly revokeOnClose: boolean;
  readonly #client: VaultClient;
  readonly #loginClient: VaultClient;
  readonly #sessions: VaultSessions;

  /** Throws SecretConfigurationError for options that can't work. Opens no connection yet. */
  constructor(options: VaultOptions & VaultInternals, events: AccessEvents) {
    const { address, namespace, tls, headers, proxy, fetch, allowInsecure, redirectTo } = options;
    const { revokeOnClose = true, revokeOld = false } = options;
    const { clock = systemClock, random = Math.random, startUpLife } = options;
    const authentication = VaultAuthentication.from(options.auth);
    // Each request heals by itself what a moment heals; the rest is the core’s to try again. Its time-out comes with the signal.
    const retry = { attempts: 3, base: '100ms', max: '5s' };
    const reach = { address, tls, headers, proxy, fetch, allowInsecure, redirectTo };
    const common = { ...reach, namespace, token: '', retry };
    const { rateLimit = Number.POSITIVE_INFINITY } = options;
    this.#client = new VaultClient({ ...common, timeout: '10m', rateLimit }, events.warn);
    this.#loginClient = new VaultClient({ ...common, timeout: '10s' }, events.warn);
    this.clock = clock;
    this.revokeOnClose = revokeOnClose;
    const [client, loginClient] = [this.#client, this.#loginClient];
    const revoker = new TokenRevoker({ loginClient, clock, revokeOnClose, revokeOld, emit: events.emit });
    const parts = { client, loginClient, authentication, revoker, clock, random, startUpLife };
    this.#sessions = new VaultSessions({ ...parts, ...events });
  }

  /** Where the calls go: for errors. */
  get place(): string {
    const { origin, namespace } = this.#client;
    return namespace === undefined ? origin : `${origin}, namespace "${namespace}"`;
  }

  get session(): VaultSession | undefined {
    return this.#sessions.current;
  }

  /** Until the function that comes back is called, what a login obtains is kept at a short life. */
  startUp(): () => void {
    return this.#sessions.startUp();
  }

  /** Rejects with a SecretError. `work` may be called twice; what it sends goes with the session’s token. */
  async run<T>(
    context: ReadContext,
    attempt: Attempt,
    work: (calls: VaultCalls, session: VaultSession, time: VaultTime) => Promise<T>,
  ): Promise<T> {
    // One of its own for each call: many listeners on one signal are a leak in Node's eyes.
    const signal = AbortSignal.any([context.signal]);
    const { timeout, progress } = context;
    const time = new VaultTime(this.clock);
    const scope = { timeout, progress, answered: time.note };
    for (let again = false; ; again = true) {
      const session = await this.#sessions.acquire(signal);
      const release = session.hold();
      try {
        const result = await work(session.callsOf(this.#client, signal, scope), session, time);
        context.progress?.();
        return result;
      } catch (error) {
        const forbidden = isVaultError(error) && error.status === 403 && !error.isForeign;
        if (again || !forbidden || !(await this.#sessions.refused(session, error, signal))) {
          throw errorOf(error, attempt);
        }
      } finally {
        release();
      }
    }
  }

  /** A websocket with the session's token; opened again by who uses it when another token takes its place. Rejects with a SecretError. */
  async socket(path: string, signal: AbortSignal): Promise<WebSocket> {
    const session = await this.#sessions.acquire(signal);
    return this.#client.socket(path, session.token);
  }

  /** The same with the token that there is; undefined where there is none, for nobody logs in to end something. */
  async runIfLoggedIn<T>(
    { signal }: Pick<ReadContext, 'signal'>,
    attempt: Attempt,
    work: (calls: VaultCalls) => Promise<T>,
  ): Promise<T | undefined> {
    const session = this.#sessions.current;
    if (!session || session.endsAt <= this.clock.now()) return undefined;
    try {
      return await work(session.callsOf(this.#client, signal));
    } catch (error) {
      throw errorOf(error, attempt);
    }
  }

  /** Revokes what is ours, then releases the connections. Opens again on use. */
  async close(): Promise<void> {
    await this.#sessions.close();
    await Promise.all([this.#client.close(), this.#loginClient.close()]);
  }

  static {
    hideInOutput(VaultAccess.prototype, (self) => `[vault ${self.#client.origin}]`);
  }
}
