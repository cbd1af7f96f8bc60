import { setImmediate } from 'node:timers';
import {
  isSecretError,
  SecretNotFoundError,
  SecretSourceReadOnlyError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import { NOTHING, ownOptions } from '../../../core/options/own-options.js';
import { hideInOutput } from '../../../core/redaction.js';
import { Lease } from '../../../core/secret/lease.js';
import { numberBefore } from '../../../core/secret/numbered-versions.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import type { SecretVersion } from '../../../core/secret/secret-version.js';
import type {
  ReadContext,
  SecretPlace,
  SecretSource,
  Unsubscribe,
  WriteContext,
} from '../../../core/source/secret-source.js';
import type { SourceEvent } from '../../../core/source/source-event.js';
import { SourceObservers } from '../../../core/source/source-observers.js';
import { boundedSeconds } from '../client/foreign-numbers.js';
import { namesAt } from '../events/announced.names.js';
import type { KvNames, Results } from './kv.names.js';
import { LeaseRegistry } from './lease.registry.js';
import { revokeLease } from './lease.revocation.js';
import { checkListed, eachName, without } from './name.results.js';
import { accessOf, VaultAccess } from './vault.access.js';
import type { VaultSecret } from './vault.secret.js';
import { at, isRefusedRenewal, KIND } from '../errors/vault.source.errors.js';
import { kvNamesOf, secretsOf } from './name.routes.js';
import type { VaultInternals, VaultOptions } from './vault.source.options.js';
import { VAULT_SOURCE_OPTIONS } from './vault.source.options.js';

/**
 * Secrets of HashiCorp Vault or OpenBao: KV by path or by field, and what engines issue, by the names in `secrets`. Logs in when first asked, keeps
 * its token alive, and tells observers which leased secrets are to be opened again after another login, for a lease ends with the token that made it.
 */
export class VaultSource implements SecretSource {
  readonly kind = KIND;
  /** There where a prefix or a document bounds it. */
  readonly readAll?: NonNullable<SecretSource['readAll']>;
  readonly readPath?: NonNullable<SecretSource['readPath']>;
  readonly takesCas = true;
  /** For a path with its mount, as events tell it (`secret/data/app/db`). */
  readonly namesOf = (announced: string): readonly string[] => namesAt(announced, this.#secrets, this.#kv);
  /** There with `revokeOld`. */
  readonly release?: NonNullable<SecretSource['release']>;
  readonly #access: VaultAccess;
  readonly #kv: KvNames | undefined;
  readonly #secrets: ReadonlyMap<string, VaultSecret>;
  readonly #leases = new LeaseRegistry();
  readonly #observers = new SourceObservers(KIND);

  /** Throws SecretConfigurationError for options that can't work. Opens no connection yet. */
  constructor(given: VaultOptions & VaultInternals) {
    const { warn } = this.#observers;
    const options = ownOptions(given, VAULT_SOURCE_OPTIONS, 'vault', { details: { sourceKind: KIND } });
    const notice = (reason: string): void => this.#observers.add('notice', reason);
    this.#access = new VaultAccess(options, {
      onReplaced: () => this.#announceEnds(),
      emit: (event) => this.#observers.emit(event),
      isNeeded: () => !this.#leases.isEmpty && !this.#observers.isEmpty,
      warn,
    });
    accessOf.set(this, this.#access);
    if (options.revokeOld) this.release = (lease, context) => this.#release(lease, context);
    this.#secrets = secretsOf(options.secrets);
    this.#kv = options.kv || !options.secrets ? kvNamesOf(this.#access, options.kv ?? NOTHING, notice) : undefined;
    if (this.#kv?.isBounded) this.readAll = (context) => this.#readAll(context);
    const readPath = this.#kv?.readPath;
    if (readPath) this.readPath = (path, context) => without(this.#secrets, context, (own) => readPath(path, own));
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    if (context.signal.aborted) throw new SecretSourceUnavailableError('the call was aborted.', { sourceKind: KIND });
    const results: Results = new Map();
    const unique = [...new Set(names)];
    const mapped = unique.filter((name) => this.#secrets.has(name));
    const others = unique.filter((name) => !this.#secrets.has(name));
    await Promise.all([
      eachName(mapped, results, context, (name) => this.#open(name, context)),
      this.#readKv(others, results, context, mapped.length === 0),
    ]);
    return results;
  }

  /** Names of `secrets` come first; those that engines issue are there though nobody has opened them. */
  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    const start = prefix ?? '';
    const names = [...this.#secrets.keys()].filter((name) => name.startsWith(start));
    const others = (await this.#kv?.list(start, context)) ?? [];
    return [...new Set([...names, ...others])];
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    const secret = this.#secrets.get(name);
    if (secret?.mayIssue) return true; // to look would be to open it
    try {
      if (secret) return (await this.#open(name, context)) !== undefined;
      return (await this.#kv?.exists(name, context)) ?? false;
    } catch (error) {
      if (isSecretError(error) && error.code === 'SECRET_NOT_FOUND') return false;
      throw error;
    }
  }

  /** A new version of a KV secret, or a new value of a field. Rejects with SecretSourceReadOnlyError for the names of `secrets`. */
  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    if (this.#secrets.has(name) || !this.#kv) {
      throw new SecretSourceReadOnlyError('only what `kv` leads to can be written.', at(name));
    }
    await this.#kv.write(name, value, context).catch((error: unknown) => {
      throw isSecretError(error) ? error.located(at(name)) : error;
    });
  }

  previousVersion(version: string): string | undefined {
    return numberBefore(version);
  }

  describe(name: string): readonly SecretPlace[] {
    const secret = this.#secrets.get(name);
    const place = secret?.place ?? this.#kv?.placeOf(name) ?? name;
    const asked = secret ? [secret.asked] : this.#kv?.askedFor(name);
    return [{ source: KIND, name: place, at: this.#access.place, ...(asked && name !== '' && { asked }) }];
  }

  /** Closing ends no lease where the app says so. */
  get keepsLeases(): boolean {
    return !this.#access.revokeOnClose;
  }

  /** Asks for as much as there was; Vault grants less where the maximum is near. */
  async renew(lease: Lease, context: ReadContext): Promise<Lease> {
    const { id } = lease;
    if (id === undefined) throw new SecretNotFoundError('the lease has no name by which it could be extended.');
    const increment = `${Math.ceil(lease.duration / 1000)}s`;
    try {
      const renewed = await this.#access.run(context, { operation: 'renewing its lease' }, (calls, session) => {
        // However long it is made, it ends with the token that made it.
        if (this.#leases.isOfAnother(session, lease)) throw new SecretNotFoundError('its token was replaced.');
        return calls.sys.leases.renew(id, { increment });
      });
      const duration = boundedSeconds(renewed.leaseDuration) * 1000;
      // Less than a second is left: the core keeps to the end that it knows, and gets new credentials.
      if (duration === 0) throw new SecretNotFoundError('its lease can’t be extended any more.', { sourceKind: KIND });
      const extended = Lease.of({ id, duration, renewable: renewed.renewable });
      this.#leases.extended(lease, extended);
      return extended;
    } catch (error) {
      if (!isSecretError(error) || !isRefusedRenewal(error)) throw error;
      throw new SecretNotFoundError('its lease is gone at Vault, or can’t be extended.', { cause: error.cause });
    }
  }

  /** Where the token may not do this (the policy `default` may not), closing does: a token of ours takes its leases along. */
  async revoke(lease: Lease, context: ReadContext): Promise<void> {
    const { id } = lease;
    if (id === undefined || !this.#access.revokeOnClose) return;
    try {
      await revokeLease(this.#access, id, context.signal);
    } catch (error) {
      const isDenied = isSecretError(error) && error.code === 'SECRET_ACCESS_DENIED';
      if (!isDenied || !this.#access.session?.revocable) throw error;
    } finally {
      this.#leases.remove(lease)?.release();
    }
  }

  /** Tells of logins, of renewals and revocations of the token, and of leases that end with one that was replaced. */
  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    return this.#observers.observe(listener);
  }

  /** From now on, and until the function that comes back is called, tokens of our logins are kept at two minutes of life. */
  startUp(): () => void {
    return this.#access.startUp();
  }

  async close(): Promise<void> {
    this.#leases.clear();
    await this.#access.close();
  }

  async #readAll(context: ReadContext): Promise<Results> {
    const stable: Results = new Map();
    const names = [...this.#secrets].filter(([, secret]) => !secret.mayIssue).map(([name]) => name);
    const all = await without(this.#secrets, context, async (own) => (await this.#kv?.readAll(own)) ?? new Map());
    await eachName(names, stable, context, (name) => this.#open(name, context));
    for (const [name, result] of checkListed(stable)) all.set(name, result);
    return all;
  }

  async #readKv(names: readonly string[], results: Results, context: ReadContext, isAll: boolean): Promise<void> {
    if (!this.#kv || names.length === 0) return;
    try {
      await this.#kv.readInto(results, names, context);
    } catch (error) {
      // What engines issued beside must not be lost.
      if (isAll || !isSecretError(error)) throw error;
      for (const name of names) results.set(name, error.located(at(name)));
    }
  }

  async #open(name: string, context: ReadContext): Promise<SecretVersion | undefined> {
    const secret = this.#secrets.get(name);
    if (!secret || (secret.mayIssue && context.version !== undefined)) return undefined;
    const { version } = context;
    const opened = await this.#leases.opening(name, () =>
      this.#access.run(context, secret, async (calls, session, time) => {
        const found = await secret.open(calls, { now: this.#access.clock.wall(), vaultNow: time.now, version });
        if (found?.lease) this.#leases.add(name, found.lease, session);
        return found;
      }),
    );
    if (opened?.lease) this.#announceEnds(); // there may have been another login meanwhile
    return opened;
  }

  /** The lease of an old token ends with that, which is revoked when none of its leases is in use. */
  async #release(lease: Lease, { signal }: ReadContext): Promise<void> {
    const made = this.#leases.remove(lease);
    const isOfCurrentToken = made?.session === this.#access.session;
    try {
      if (lease.id !== undefined && isOfCurrentToken) await revokeLease(this.#access, lease.id, signal);
    } finally {
      made?.release();
    }
  }

  #announceEnds(): void {
    const { session } = this.#access;
    if (this.#observers.isEmpty || this.#leases.ofOtherSessions(session).length === 0) return;
    // Not in the midst of the call that logged in: it may be opening one of these.
    setImmediate(() => {
      const names = this.#leases.ofOtherSessions(this.#access.session);
      if (names.length > 0) this.#observers.emit({ type: 'leases-ending', source: KIND, names });
    });
  }

  static {
    hideInOutput(VaultSource.prototype, () => `[secrets ${KIND}]`);
  }
}
