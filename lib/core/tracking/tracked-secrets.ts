import type { SecretError } from '../errors/index.js';
import { SecretConfigurationError } from '../errors/index.js';
import { anyRules, checkName, nameFault } from '../secret/secret-name.js';
import type { SecretSource } from '../source/secret-source.js';
import { LiveSecret } from '../store/live-secret.js';
import type { LineNode } from './line.js';
import { Line } from './line.js';
import { MissingNames } from './missing-names.js';
import { refreshWindowStart } from './schedule.js';
import { SecondChance } from './second-chance.js';
import { SecretState } from './secret-state.js';
import type { StateCollection, StateContext } from './state-context.js';
import { Timetable } from './timetable.js';

/** All secrets of one connection, under every name that they were asked for, and what comes next of them. No cost here grows with their number. */
export class TrackedSecrets implements StateCollection {
  readonly #byKey = new Map<string, SecretState>();
  /** Names of current versions, aliases too: the fast path of `client.get`. */
  readonly #current = new Map<string, SecretState>();
  /** Names beside the first one under which a secret is known. */
  readonly #aliases = new Map<SecretState, string[]>();
  /** Other versions and stages, by the key of their secret. */
  readonly #versions = new Map<string, Set<SecretState>>();
  readonly #onDemand = new SecondChance<SecretState>();
  /** Static secrets with the connection's own times, the longest unread first: whom a job takes along. */
  readonly #byAge = new Line<SecretState>();
  readonly #ageNodes = new Map<SecretState, LineNode<SecretState>>();
  readonly #missing: MissingNames;
  #made = 0;
  readonly #timetable = new Timetable<SecretState>();

  constructor(
    private readonly context: StateContext,
    private readonly source: Pick<SecretSource, 'canonicalName'>,
    private readonly bounds: { readonly maxEntries: number; readonly maxMissing: number },
  ) {
    this.#missing = new MissingNames(bounds.maxMissing, bounds.maxEntries);
  }

  /** The secret of a name that was asked for before. */
  find(name: string, version?: string): SecretState | undefined {
    const known = version === undefined ? this.#current.get(name) : this.#byKey.get(this.#key(name, version));
    if (known) known.used = known.demand.asked = true;
    return known;
  }

  /** The secret behind any of its names; to look it up is not to use it. */
  peek(name: string): SecretState | undefined {
    return this.#current.get(name) ?? this.#byKey.get(this.#key(name, undefined));
  }

  /** Why there is no such secret, where a reading found none a while ago; undefined where it is to be looked for. */
  missing(name: string, version?: string): SecretError | undefined {
    if (this.#missing.isEmpty) return undefined;
    return this.#missing.errorOf(this.#key(name, version), this.context.clock.now());
  }

  /** There may be such a secret by now; without a name, any. */
  forgetMissing(name?: string): void {
    if (name === undefined) this.#missing.forgetAll();
    else if (!this.#missing.isEmpty) this.#missing.forget(this.#key(name, undefined));
  }

  /** A secret that nobody asked for: reading it says so, and nothing is kept. Throws for what can be no name. */
  untracked(name: string, version?: string): LiveSecret {
    this.#check(name, version);
    return new LiveSecret(name, this.context.connection, version);
  }

  /** Finds or begins to track a secret. Throws for what can be no name, or no version, of one: nothing is kept of it. */
  obtain(name: string, version?: string): SecretState {
    const found = this.find(name, version);
    if (found) return found;
    this.#check(name, version);
    const key = this.#key(name, version);
    let state = this.#byKey.get(key);
    const isNew = state === undefined;
    if (!state) {
      state = new SecretState(key, name, version, this.context, this, (this.#made += 1));
      this.#byKey.set(key, state);
      this.#onDemand.add(state);
    }
    if (version !== undefined) {
      if (isNew) this.#versionsOf(name).add(state);
      return state;
    }
    this.#current.set(name, state);
    if (!isNew) {
      state.used = state.demand.asked = true;
      this.#aliases.set(state, [...(this.#aliases.get(state) ?? []), name]);
    }
    return state;
  }

  /** Versions and stages of a secret that were asked for beside the current one. */
  otherVersions(name: string): SecretState[] {
    return [...(this.#versions.get(this.#key(name, undefined)) ?? [])];
  }

  *[Symbol.iterator](): Iterator<SecretState> {
    yield* this.#byKey.values();
  }

  /** How many were made so far: the ordinal of the youngest. */
  get made(): number {
    return this.#made;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** When something is to be done next; Infinity where nothing is. */
  get nextAt(): number {
    return this.#timetable.nextAt;
  }

  /** Those whose time has come; whoever takes them plans them again. */
  takeDue(now: number): SecretState[] {
    return this.#timetable.takeDue(now);
  }

  /** Static secrets that a job which runs anyway takes along: they are inside the span from which their own due time was drawn. */
  *inRefreshWindow(now: number): Iterable<SecretState> {
    const { common } = this.context.policies;
    for (let node = this.#byAge.first; node; node = node.after) {
      const { facts, anyFailure, attempt } = node.entry;
      if (facts && now < refreshWindowStart(facts.arrival.at, common)) return;
      if (facts && !anyFailure && !attempt && !node.entry.isIdle) yield node.entry;
    }
  }

  /** Stops tracking what was fetched on demand: a secret that was never found, then the least recently used above the bound. @param answered of a reading. */
  evict(answered: Iterable<SecretState>): void {
    for (const state of answered) this.onFree(state);
    while (this.#onDemand.size > this.bounds.maxEntries) {
      const next = this.#onDemand.takeNext();
      if (!next) return;
      this.#forget(next);
    }
  }

  plan(state: SecretState, nextAt: number): void {
    this.#timetable.plan(state, nextAt);
  }

  onKept(state: SecretState): void {
    this.#onDemand.delete(state);
  }

  onIdle(state: SecretState): void {
    this.#leaveAges(state);
  }

  onAbsent({ key }: SecretState, error: SecretError): void {
    this.#missing.note(key, error, this.context.clock.now());
  }

  onLoaded(state: SecretState): void {
    if (!this.#missing.isEmpty) this.#missing.forget(state.key);
    this.#leaveAges(state);
    const isCommon = !state.isDynamic && this.context.policies.isCommon(state.name);
    if (isCommon) this.#ageNodes.set(state, this.#byAge.add(state));
    if (state.demand.isKept) return;
    // A lease that was opened is kept until it ends: forgetting it would mean opening another.
    if (state.isDynamic) this.#onDemand.delete(state);
    else this.#onDemand.add(state);
  }

  onFree(state: SecretState): void {
    if (state.phase.kind === 'absent' && !state.demand.isKept && !state.isBusy) this.#forget(state);
  }

  onEnded(state: SecretState): void {
    if (!state.demand.isKept) this.#onDemand.add(state);
  }

  #leaveAges(state: SecretState): void {
    const node = this.#ageNodes.get(state);
    if (!node) return;
    this.#byAge.remove(node);
    this.#ageNodes.delete(state);
  }

  #check(name: string, version: string | undefined): void {
    const { connection, sourceKind } = this.context;
    checkName(name, anyRules, { connection, sourceKind });
    const fault = version === undefined ? undefined : nameFault(version, anyRules);
    if (!fault) return;
    const reason = `the version that is asked for ${fault.text}.`;
    throw new SecretConfigurationError(reason, { secretName: name, connection, sourceKind });
  }

  #forget(state: SecretState): void {
    this.#byKey.delete(state.key);
    this.#onDemand.delete(state);
    this.#timetable.remove(state);
    this.#leaveAges(state);
    if (state.requested === undefined) {
      for (const name of [state.name, ...(this.#aliases.get(state) ?? [])]) this.#current.delete(name);
      this.#aliases.delete(state);
      return;
    }
    // As it was when it was made: what a name is another spelling of, a source may learn later.
    const key = state.key.slice(0, -1 - state.requested.length);
    this.#versions.get(key)?.delete(state);
    if (this.#versions.get(key)?.size === 0) this.#versions.delete(key);
  }

  #versionsOf(name: string): Set<SecretState> {
    const key = this.#key(name, undefined);
    const known = this.#versions.get(key) ?? new Set<SecretState>();
    this.#versions.set(key, known);
    return known;
  }

  /** Sources are written by others too: what throws, or gives no name, leaves the name as it is. */
  #canonical(name: string): string {
    try {
      const canonical: unknown = this.source.canonicalName?.(name);
      return typeof canonical === 'string' ? canonical : name;
    } catch {
      return name;
    }
  }

  #key(name: string, version: string | undefined): string {
    const canonical = this.#canonical(name);
    return version === undefined ? canonical : `${canonical}\u0000${version}`;
  }
}
