import type { Clock } from '../../../core/clock.js';
import { systemClock } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { AnnouncedChange, ChangeListener } from '../../../core/source/change-listener.js';
import type { Unsubscribe } from '../../../core/source/secret-source.js';
import type { SourceObservers } from '../../../core/source/source-observers.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import type { StoredSecret } from '../kubernetes.answers.js';
import type { KubernetesClient } from '../kubernetes.client.js';
import { isDenied } from '../kubernetes.errors.js';
import type { KubernetesSettings } from '../kubernetes.settings.js';
import { ChangeChannel } from './change-channel.js';
import type { HeldChange } from './held-secrets.js';
import { HeldSecrets } from './held-secrets.js';
import { Poller } from './poller.js';
import { ScopeWatch } from './scope-watch.js';
import type { ScopeList, ScopeOwner } from './watched-scope.js';
import { WatchedScope } from './watched-scope.js';

export interface WatchedSecretsOptions {
  readonly client: KubernetesClient;
  readonly settings: Pick<KubernetesSettings, 'document' | 'times'>;
  readonly observers: SourceObservers;
  /** The app's names that a change is one of, with its version. */
  readonly announced: (change: HeldChange) => readonly AnnouncedChange[];
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** A reading waits so long (ms) for the first list, which answers for all; then it asks by itself. */
const LONGEST_WAIT = 5_000;
/** Names that are not there yet and are watched nevertheless, where each is watched by itself. */
const MOST_MISSING = 64;

/**
 * What somebody watches: all Secrets of the namespace by one watch; where that is denied, or there is one document, each by a watch of its own; where that is
 * denied too, by readings. While a watch is up, what it holds is what the server has.
 */
export class WatchedSecrets implements ScopeOwner {
  readonly #options: WatchedSecretsOptions;
  readonly #held = new HeldSecrets();
  readonly #channel = new ChangeChannel();
  readonly #poller: Poller;
  readonly #byName = new Map<string, WatchedScope>();
  /** Of the namespace; undefined where nobody watches, and with a document. */
  #whole: WatchedScope | undefined;
  #isByName = false;

  constructor(options: WatchedSecretsOptions) {
    this.#options = options;
    const { client, settings, clock = systemClock } = options;
    this.#poller = new Poller({
      client,
      every: settings.times.poll,
      clock,
      found: (name, secret) => this.noticed(name, secret),
    });
  }

  /** Resolves when it hears, or has failed at first. */
  async subscribe(onChange: ChangeListener): Promise<Unsubscribe> {
    const remove = this.#channel.add(onChange);
    const first = this.#begin();
    await first.begun;
    return () => {
      remove();
      if (!this.#channel.isHeard) this.close();
    };
  }

  /** Waits for the first list, where one is under way: it answers for all names. */
  async ready(names: readonly string[] | undefined, signal: AbortSignal): Promise<void> {
    if (!this.#channel.isHeard) return;
    if (!names) this.#held.wantAll();
    const { document } = this.#options.settings;
    const first = document === undefined ? this.#whole : this.#byName.get(document);
    if (!first || first.isSettled) return;
    for (const name of names ?? []) this.#held.want(name);
    const bound = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT)]);
    await unlessAborted(first.settled, bound).catch(() => undefined);
  }

  /** What is there by the watch, or null where there is none; undefined where a request has to tell. */
  of(name: string): StoredSecret | null | undefined {
    const scope = this.#isByName ? this.#byName.get(name) : this.#whole;
    if (!scope?.isCurrent) return undefined;
    const held = this.#held.of(name);
    if (held?.isThere) return held.secret;
    if (!this.#isByName) this.#held.forget(name);
    return null;
  }

  /** Whether it is there, by the watch; undefined where a request has to tell. */
  has(name: string): boolean | undefined {
    const scope = this.#isByName ? this.#byName.get(name) : this.#whole;
    return scope?.isCurrent ? (this.#held.of(name)?.isThere ?? false) : undefined;
  }

  /** All that are there, and their names, as `of` has it. */
  all(): readonly StoredSecret[] | undefined {
    return this.#whole?.isCurrent ? this.#held.all : undefined;
  }

  names(): readonly string[] | undefined {
    return this.#whole?.isCurrent ? this.#held.names : undefined;
  }

  /** What a request has found, or written; undefined where there is none of this name. */
  noticed(name: string, secret: StoredSecret | undefined): void {
    if (!this.#channel.isHeard) return;
    if (secret) this.#held.want(name);
    // That one is gone is told by its watch, in its turn: an answer may have been overtaken.
    const change = secret ? this.#held.put(secret) : this.#poller.has(name) && this.#held.remove(name, undefined);
    if (change && change.wasKnown) this.#announce([change]);
    if (!this.#isByName || this.#byName.has(name)) return;
    if (secret || this.#missing < MOST_MISSING) this.#watchName(name);
  }

  close(): void {
    this.#poller.clear();
    for (const scope of [...this.#byName.values(), this.#whole]) scope?.end();
    this.#byName.clear();
    this.#whole = undefined;
    this.#isByName = false;
    this.#held.clear();
    this.#channel.clear();
  }

  listed({ name }: WatchedScope, secrets: readonly StoredSecret[], { version, isFirst, isReset }: ScopeList): void {
    if (isReset) this.#held.reset(name);
    const there = new Set(secrets.map((secret) => secret.name));
    const known = name === undefined ? this.#held.names : [name];
    const gone = known.filter((one) => !there.has(one)).map((one) => this.#held.remove(one, version));
    const changes = [...gone, ...secrets.map((secret) => this.#held.put(secret))];
    this.#announce(changes.filter((change) => change !== undefined && (change.wasKnown || !isFirst)));
  }

  changed(secret: StoredSecret): void {
    this.#announce([this.#held.put(secret)]);
  }

  removed({ name, version }: StoredSecret): void {
    this.#announce([this.#held.remove(name, version)]);
  }

  live(scope: WatchedScope): void {
    if (scope === this.#whole) this.#leaveNames();
    else if (scope.name !== undefined) this.#poller.remove(scope.name);
    this.#channel.well(scope);
  }

  failed(scope: WatchedScope, error: SecretError): void {
    const { name } = scope;
    if (name === undefined) {
      if (isDenied(error)) return this.#enterNames(scope);
      if (!this.#isByName) this.#channel.lost(scope, error);
      return;
    }
    if (!isDenied(error)) return this.#channel.lost(scope, error);
    if (name !== this.#options.settings.document && !this.#held.of(name)?.isThere) return this.#unwatchName(name);
    this.#options.observers.add('notice', POLLED);
    this.#poller.add(name);
    this.#channel.lost(scope, error);
  }

  /** How many are watched that are not there. */
  get #missing(): number {
    return [...this.#byName.keys()].filter((name) => !this.#held.of(name)?.isThere).length;
  }

  #begin(): WatchedScope {
    const { document } = this.#options.settings;
    if (document === undefined) return (this.#whole ??= this.#watch(undefined));
    this.#isByName = true;
    this.#held.want(document);
    return this.#watchName(document);
  }

  #enterNames(whole: WatchedScope): void {
    this.#channel.well(whole);
    if (this.#isByName) return;
    this.#isByName = true;
    for (const name of this.#held.wanted) if (this.#held.of(name)) this.#watchName(name);
  }

  /** The namespace is watched as a whole (again). */
  #leaveNames(): void {
    this.#isByName = false;
    for (const name of this.#byName.keys()) this.#unwatchName(name);
  }

  #watchName(name: string): WatchedScope {
    const scope = this.#byName.get(name) ?? this.#watch(name);
    this.#byName.set(name, scope);
    return scope;
  }

  #unwatchName(name: string): void {
    const scope = this.#byName.get(name);
    this.#byName.delete(name);
    this.#poller.remove(name);
    scope?.end();
    this.#channel.well(scope);
  }

  #watch(name: string | undefined): WatchedScope {
    const { client, settings, clock = systemClock, random = Math.random } = this.#options;
    const { times } = settings;
    return new WatchedScope(
      name,
      this,
      (listener) => new ScopeWatch({ client, scope: { name }, listener, times, clock, random }),
    );
  }

  #announce(changes: readonly (HeldChange | undefined)[]): void {
    this.#channel.tell(changes.flatMap((change) => (change ? this.#options.announced(change) : [])));
  }

  static {
    hideInOutput(WatchedSecrets.prototype, () => '[secrets under watch]');
  }
}

const POLLED =
  'watching is denied for what may be read: it is read each minute instead, and watching is tried again after some minutes. Allow "list" and "watch" beside "get" to be told at once.';
