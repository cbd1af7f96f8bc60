import type { KeyObject } from 'node:crypto';
import { SharedReadings } from '../cache/shared-readings.js';
import type { Clock } from '../clock.js';
import type { ForeignCause } from '../errors/foreign-cause.js';
import { isSecretError, SecretSourceUnavailableError } from '../errors/index.js';
import type { Observations } from '../observe/observations.js';
import type { Channel } from '../refresh/channel.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import type { Refresher } from '../refresh/refresher.js';
import type { SecretEvents } from '../refresh/secret-events.js';
import type { SharedCache, SharedChange, SharedListener, SharedNews } from '../shared/shared-cache.js';
import { SharedTiers } from '../shared/shared-tiers.js';
import type { Slot } from '../shared/slot.js';
import type { TierOptions } from '../shared/tier-at-work.js';
import type { CacheStatus } from '../shared/tier-health.js';
import type { SecretSource } from '../source/secret-source.js';
import type { RefreshPolicies } from '../tracking/policy.js';
import type { RefreshSwitch } from '../tracking/refresh-switch.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionType } from '../tracking/transitions.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';

export interface CachesAtWorkOptions {
  readonly caches: readonly SharedCache[];
  readonly source: SecretSource;
  readonly connection: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly policies: RefreshPolicies;
  readonly refreshing: RefreshSwitch;
  /** Milliseconds of one request to the source. */
  readonly timeout: number;
  readonly log: ConnectionLog;
  readonly events: SecretEvents;
  readonly observations: Observations;
  readonly parts: () => SharingParts;
}

/** What of a connection is made after its caches. */
export interface SharingParts {
  readonly secrets: TrackedSecrets;
  readonly refresher: Refresher;
  readonly channel: Pick<Channel, 'take'>;
}

/** The shared caches of one connection, and how they and the rest of it hear of each other. Loaded when the first is opened: most apps have none. */
export class CachesAtWork implements StateListener, SharedListener {
  readonly readings: SharedReadings;
  readonly #tiers: SharedTiers;
  #isOver = false;
  #isMissed = false;

  constructor(private readonly options: CachesAtWorkOptions) {
    const { policies, clock, timeout } = options;
    const tell = (kind: string, news: SharedNews): void => this.#tell(kind, news);
    const onAsked: TierOptions['onAsked'] = (cache, asked, found) => this.#tellLook(cache, asked, found);
    this.#tiers = new SharedTiers({ ...options, tell, onAsked, listener: this });
    this.readings = new SharedReadings({ tiers: this.#tiers, policies, clock, timeout });
  }

  /** Begins to open them; nobody waits for it but who looks for something. */
  open(): void {
    this.#tiers.open();
  }

  /** Each of them, as they are asked. */
  get statuses(): readonly CacheStatus[] {
    return this.#tiers.statuses;
  }

  /** A renewal is news for those who share what was opened. */
  told(state: SecretState, type: TransitionType): void {
    const { facts } = state;
    if (type !== 'lease-renewed' || !facts?.lease || facts.given.origin || !this.#tiers.keepsDynamic) return;
    const { given, lease, arrival } = facts;
    const fence = this.readings.judgement.fenceOf(state); // it is the same credentials, for longer
    const order = { at: arrival.wall, ...(fence !== undefined && { fence }) };
    this.readings.judgement.hold(state, order);
    const entry = { kind: 'value', ...order, given, endsAt: arrival.wall + lease.duration } as const;
    void this.#tiers.put([[this.#tiers.slotOf(state.name, state.requested), entry]]);
  }

  settled(): void {
    // Each is told at once.
  }

  /** Looked at once, and all together: it costs the source nothing. */
  stored(changes: readonly SharedChange[]): void {
    if (this.#isOver) return;
    this.readings.wake(changes.map(({ slot }) => slot));
    if (this.#misses()) return;
    const states = changes.map(({ slot }) => this.#stateOf(slot)).filter((state) => state !== undefined);
    if (states.length > 0) void this.options.parts().refresher.read(states, 'told');
  }

  announced(changes: readonly SharedChange[]): void {
    if (this.#isOver) return;
    const { channel } = this.options.parts();
    const names = changes.filter(({ slot }) => slot.kind === 'secret');
    if (names.length < changes.length) channel.take(undefined, { by: 'relayed' });
    channel.take(
      names.map(({ slot: { name }, version }) => (version === undefined ? { name } : { name, version })),
      { by: 'relayed' },
    );
  }

  lost(): void {
    // The tier that is deaf tells so itself.
  }

  /** What was put meanwhile was not heard of. */
  resumed(fence?: number): void {
    if (this.#isOver) return;
    if (fence !== undefined) this.readings.judgement.rejoin(fence);
    if (!this.#misses()) this.#catchUp();
  }

  /** The connection was paused, and goes on: what others have put meanwhile is taken. */
  resume(): void {
    if (this.#isMissed && !this.#isOver) this.#catchUp();
    this.#isMissed = false;
  }

  *slots(): Iterable<Slot> {
    yield this.#tiers.listing;
    for (const { name, requested } of this.options.parts().secrets) yield this.#tiers.slotOf(name, requested);
  }

  /** Whether others use the credentials that this process has opened. */
  get sharesLeases(): boolean {
    return this.#tiers.sharesLeases;
  }

  /** Under which those who share a tier call states alike. */
  get fingerprintKey(): KeyObject | undefined {
    return this.#tiers.fingerprintKey;
  }

  /** What has changed at the source, as this process knows. @param name undefined where that may be anything. */
  announce(name?: string, version?: string): void {
    if (name === undefined) this.#tiers.announceAll();
    else this.#tiers.announce([{ name, version }]);
  }

  /** Nothing that is heard is read any more. */
  stop(): void {
    this.#isOver = true;
  }

  /** Writes what is left, but forgets the credentials that end with this process. Never rejects. */
  async close(): Promise<void> {
    const { source, parts } = this.options;
    const isEnded = source.revoke !== undefined && source.keepsLeases !== true;
    if (isEnded && this.#tiers.keepsDynamic && !this.sharesLeases) {
      const own = [...parts().secrets].filter(({ facts }) => facts?.lease && !facts.given.origin);
      void this.#tiers.put(own.map(({ name, requested }) => [this.#tiers.slotOf(name, requested), undefined] as const));
    }
    await this.#tiers.close();
  }

  /** True while nothing is to be taken that others have read. */
  #misses(): boolean {
    const { isOff } = this.options.refreshing;
    this.#isMissed ||= isOff;
    return isOff;
  }

  #catchUp(): void {
    void this.options.parts().refresher.readStatic('told');
  }

  #stateOf(slot: Slot): SecretState | undefined {
    if (slot.kind !== 'secret') return undefined;
    const { secrets } = this.options.parts();
    const state = secrets.peek(slot.name);
    return state && [state, ...secrets.otherVersions(state.name)].find(({ requested }) => requested === slot.requested);
  }

  /** Nobody reads for this process now. What is due with all others' is due at random before: they would all ask at once. */
  #spread(): void {
    if (!this.#tiers.takesTurns || this.#isOver) return;
    const { secrets, refresher } = this.options.parts();
    for (const state of secrets) state.spread(this.options.random());
    refresher.schedule();
  }

  #gather(): void {
    if (!this.#tiers.takesTurns || this.#isOver) return;
    const { secrets, refresher } = this.options.parts();
    for (const state of secrets) state.gather();
    refresher.schedule();
  }

  #tellLook(cache: string, asked: number, found: number | undefined): void {
    const { connection, source, observations } = this.options;
    const looked = found === undefined ? { hits: 0, misses: 0, failed: asked } : { hits: found, misses: asked - found, failed: 0 }; // prettier-ignore
    observations.tell('cacheAsked', () => ({ connection, source: source.kind, cache, ...looked }));
  }

  #tell(kind: string, { type, reason, cause }: SharedNews): void {
    const { connection, log, events } = this.options;
    const error = new SecretSourceUnavailableError(`the ${kind} cache: ${reason}`, {
      connection,
      sourceKind: kind,
      cause,
    });
    const { code } = (isSecretError(error.cause) ? {} : (error.cause ?? {})) as ForeignCause;
    const why = code === undefined ? reason : `${reason.replace(/\.$/, '')} (${code}).`;
    const line = `The ${kind} cache of "${connection}": ${why}`;
    if (type === 'restored') log.info(line);
    else if (type === 'refused') log.warn(`${line} It is read from the source again, and overwritten.`);
    else log.warn(`${line} The app goes on without it.`);
    if (type === 'failed') this.#spread();
    if (type === 'restored') this.#gather();
    events.ofCache(`cache-${type}`, kind, type === 'restored' ? undefined : error);
  }
}
