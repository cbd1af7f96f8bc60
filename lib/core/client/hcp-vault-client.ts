import type { Observable } from 'rxjs';
import { toMilliseconds } from '../duration.js';
import { ownOptions } from '../options/own-options.js';
import { hideInOutput } from '../redaction.js';
import type { SecretEvent } from '../refresh/secret-events.js';
import type { ResourceStatus } from '../rotation/resource-life.js';
import { FieldPath } from '../secret/field-path.js';
import type { ReadonlySecretValue, SecretValue } from '../secret/secret-value.js';
import type { FieldPathOf, NameOf, NameWithType, Reading, SecretName, SecretOf } from '../secret/typed-names.js';
import type { AuditRecord } from '../observe/audit.js';
import { readCell } from '../store/cell.js';
import type { SecretRotatedEvent } from '../store/rotation-event.js';
import type { SecretRef } from '../store/secret-ref.js';
import { auditOf } from './audit-of.js';
import { BulkReading } from './bulk-reading.js';
import { connectionStatusOf, type ConnectionStatus } from './connection-status.js';
import { fieldCell } from './field-cell.js';
import type {
  FetchOptions,
  PathOptions,
  ReadOptions,
  RefOptions,
  UpdateOptions,
  WithSecretOptions,
} from './read-options.js';
import { FETCH_OPTIONS, optionsOfGet, PATH_OPTIONS, REF_OPTIONS, UPDATE_OPTIONS, versionOf } from './read-options.js';
import { runtimes } from './runtimes.js';
import type { SecretRuntime } from './secret-runtime.js';
import { workWith } from './secret-work.js';
import { SourceOperations, type RefreshReport } from './source-operations.js';
import { statusOf, type SecretStatus } from './status.js';

const REF_CALL = { kind: 'ref', name: 'client.ref' } as const;

/** The cached client of one connection; typed-client.ts has its public face. */
export class HcpVaultClient<out C extends string = 'default'> {
  readonly #runtime: SecretRuntime;
  readonly #operations: SourceOperations;
  readonly #bulk: BulkReading;

  /** Made by HcpVaultModule; inject it by class, or by `getClientToken(connection)`. */
  constructor(runtime: SecretRuntime) {
    this.#runtime = runtime;
    runtimes.set(this, runtime);
    const operations = (this.#operations = new SourceOperations(runtime));
    this.#bulk = new BulkReading(runtime, (prefix) => operations.list(prefix));
  }

  /** Name of the connection. */
  get connection(): string {
    return this.#runtime.connection;
  }

  /** All of the source’s secrets, dynamic ones included (each opened once, then kept until due); at most one read of the source per `maxAge`. */
  fetchSecrets(): Promise<Record<string, ReadonlySecretValue>> {
    return this.#bulk.fetchSecrets();
  }

  /**
   * A value from memory. Throws SecretNotLoadedError before the first reading, SecretNotFoundError, SecretFieldError,
   * and SecretSourceUnavailableError past `maxStale` or the end of the lease.
   */
  get<
    T = unknown,
    const N extends SecretName<C> = never,
    const F extends FieldPathOf<SecretOf<N, C>> | undefined = undefined,
  >(name: NameOf<N, T, C>, options?: ReadOptions<F>): Reading<T, N, F, C>;
  get<T = never>(name: NameWithType<T, C>, options: ReadOptions): NoInfer<T>;
  get(name: string, options?: ReadOptions): unknown {
    const { field, version } = optionsOfGet(options);
    const secret = this.#runtime.secrets.find(name, version);
    if (secret === undefined) return readCell(this.#runtime.secrets.untracked(name, version).cell);
    const cell = field === undefined ? secret.live.cell : (secret.live.knownField(field) ?? fieldCell(secret, field));
    return cell.live ? cell.value : cell.slow();
  }

  /** A value from memory, or from the source on a miss. A forced fetch rejects where the reading fails; the last value stays. */
  fetch<
    T = unknown,
    const N extends SecretName<C> = never,
    const F extends FieldPathOf<SecretOf<N, C>> | undefined = undefined,
  >(name: NameOf<N, T, C>, options?: FetchOptions<F>): Promise<Reading<T, N, F, C>>;
  fetch<T = never>(name: NameWithType<T, C>, options: FetchOptions): Promise<NoInfer<T>>;
  async fetch(name: string, options?: FetchOptions): Promise<unknown> {
    const { field, version, forceRefresh = false, maxAge } = ownOptions(options, FETCH_OPTIONS, 'client.fetch');
    const most = maxAge === undefined ? undefined : toMilliseconds(maxAge, 'maxAge');
    if (field !== undefined) FieldPath.parse(field);
    const runtime = this.#runtime;
    const { updater } = runtime;
    const missing = forceRefresh ? undefined : runtime.secrets.missing(name, version);
    if (missing) {
      updater.checkOpen(name);
      throw missing;
    }
    const secret = runtime.secrets.obtain(name, version);
    if (forceRefresh) {
      updater.checkOpen(name);
      await updater.readAnew([secret]);
      updater.checkOpen(name);
      if (secret.failure) throw secret.failure.error;
    } else if (most !== undefined) await updater.provideWithin(secret, most);
    // The clock is asked after each wait.
    if (updater.isShut || !updater.isUsable(secret)) await updater.provide(secret);
    return readCell(field === undefined ? secret.live.cell : fieldCell(secret, field));
  }

  /** All below a path, keyed by the names that `fetch` takes. What can't be read is left out, unless `failOnError`. */
  async getByPath(path: string, options?: PathOptions): Promise<Record<string, ReadonlySecretValue>> {
    return this.#bulk.getByPath(path, ownOptions(options, PATH_OPTIONS, 'client.getByPath'));
  }

  /** Asks the source; never opens a dynamic secret. */
  exists(name: string): Promise<boolean> {
    return this.#operations.exists(name);
  }

  /** Names at the source, dynamic ones too; opens none. */
  list(prefix?: string): Promise<string[]> {
    return this.#operations.list(prefix);
  }

  /**
   * Writes through, then reads the secret again. Rejects with SecretSourceReadOnlyError where the source can’t write, and with SecretConfigurationError
   * where the current version is another one than `cas`.
   */
  async update(name: SecretName<C>, value: SecretValue | object, options?: UpdateOptions): Promise<void> {
    const { cas } = ownOptions(options, UPDATE_OPTIONS, 'client.update');
    return this.#operations.update(name, value, versionOf(cas));
  }

  /** A handle that always shows the current value; pinned in the cache, and read behind where it was not yet. Throws SecretFieldError for a malformed path. */
  ref<
    T = unknown,
    const N extends SecretName<C> = never,
    const F extends FieldPathOf<SecretOf<N, C>> | undefined = undefined,
  >(name: NameOf<N, T, C>, options?: RefOptions<F>): SecretRef<Reading<T, N, F, C>>;
  ref<T = never>(name: NameWithType<T, C>, options: RefOptions): SecretRef<NoInfer<T>>;
  ref(name: string, given?: RefOptions): SecretRef {
    const options = ownOptions(given, REF_OPTIONS, 'client.ref');
    const overlap = options.overlap === undefined ? undefined : toMilliseconds(options.overlap, 'overlap');
    const ref = this.#runtime.ref(name, { ...options, overlap });
    const secret = this.#runtime.pin(name, options.version);
    this.#runtime.consumers.note(secret, REF_CALL);
    this.#runtime.audit?.follow(secret, REF_CALL);
    // One that was never read is read behind: until then the ref says that it is not loaded.
    if (secret.phase.kind === 'unloaded' && !secret.failure) void this.#runtime.updater.bringOne(secret);
    return ref;
  }

  /**
   * Does work with a value. Where `rejects` says that the other side refused it, reads the secret again and does the work again, whole, with what
   * comes, for up to `retryFor`; then throws what the work threw last. Without `rejects` the work is done once.
   */
  withSecret<
    T = unknown,
    R = unknown,
    const N extends SecretName<C> = never,
    const F extends FieldPathOf<SecretOf<N, C>> | undefined = undefined,
  >(
    name: NameOf<N, T, C>,
    work: (value: Reading<T, N, F, C>) => Promise<R>,
    options?: WithSecretOptions<F>,
  ): Promise<R>;
  withSecret<T = never, R = unknown>(
    name: NameWithType<T, C>,
    work: (value: NoInfer<T>) => Promise<R>,
    options: WithSecretOptions,
  ): Promise<R>;
  async withSecret<R>(name: string, work: (value: never) => Promise<R>, options?: WithSecretOptions): Promise<R> {
    // Not by what a subclass makes of it: it is this method that was called.
    const fetch = HcpVaultClient.prototype.fetch.bind(this) as (
      name: string,
      options: FetchOptions,
    ) => Promise<unknown>;
    const read = (field?: string): Promise<unknown> => fetch(name, { field });
    return workWith(this.#runtime, name, read, work as (value: unknown) => Promise<R>, options);
  }

  /**
   * The other side refused this secret: reads it again. At once the first time; then it waits 1 s, doubling to 1 min, while the answer stays the same.
   * Resolves when the reading is done, also where it failed (see `status()`).
   */
  async reportRejected(name: SecretName<C>): Promise<void> {
    return this.#runtime.rejections.reported(this.#runtime.secrets.obtain(name));
  }

  /** Reads one or all again, now; dynamic secrets only by name or where due. Never rejects because of a secret or a schema. */
  refresh(name?: SecretName<C>): Promise<RefreshReport> {
    return this.#operations.refresh(name);
  }

  /**
   * Stops readings by the clock, behind readers of aged values, and for announcements; values stay. Leases are extended and replaced as ever, and what
   * is asked for is read: a secret that is not there yet, `refresh()`, `forceRefresh`, `update`, refused credentials. Told in log, events and status.
   */
  pause(): void {
    this.#runtime.control.pause();
  }

  /** Ends `pause()`, or HCP_VAULT_REFRESH=off: what was due or announced meanwhile is read, once. */
  resume(): void {
    this.#runtime.control.resume();
  }

  /** Whether refreshing is paused. */
  get isPaused(): boolean {
    return this.#runtime.control.isPaused;
  }

  /** Every rotation of every secret of this connection. Completes when the app closes. */
  get rotations$(): Observable<SecretRotatedEvent> {
    return this.#runtime.store.rotations$;
  }

  /**
   * All that becomes of this connection’s secrets, their leases and the source’s token: readings that fail and heal, renewals, logins, revocations.
   * Never a value. Completes when the app has closed.
   */
  get events$(): Observable<SecretEvent> {
    return this.#runtime.events.events$;
  }

  /**
   * Which consumer was given which secret in which version, and when: the last 1,000 records, then each new one. Never a value. Completes when the app has
   * closed. Throws SecretConfigurationError where the option `audit` is off.
   */
  get audit$(): Observable<AuditRecord> {
    return auditOf(this.#runtime).records$;
  }

  /** How each secret stands: never a value. */
  status(): SecretStatus[] {
    const consumersOf = this.#runtime.consumers.look();
    return [...this.#runtime.secrets].map((secret) => statusOf(secret, this.#runtime, consumersOf));
  }

  /** How the connection stands: source, session, channels, shared caches, the refresh, and how many secrets stand how. Never a value. */
  connectionStatus(): ConnectionStatus {
    return connectionStatusOf(this.#runtime);
  }

  /** How each resource of `rotatingProvider` stands that is made from a secret of this connection, in the order in which they were begun. */
  resources(): ResourceStatus[] {
    return this.#runtime.resources.statuses;
  }

  static {
    hideInOutput(HcpVaultClient.prototype, (self) => `[secrets ${self.connection}]`);
  }
}
