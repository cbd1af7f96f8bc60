import type { CacheEntry } from '../cache/cache-entry.js';
import type { Intake, Taken } from '../cache/intake.js';
import type { Answer } from '../cache/source-reader.js';
import type { Clock } from '../clock.js';
import { displayed } from '../clock.js';
import {
  isSecretError,
  SecretConfigurationError,
  SecretNotFoundError,
  type SecretError,
  type SecretSourceUnavailableError,
} from '../errors/index.js';
import type { SecretVersion } from '../secret/secret-version.js';
import type { LiveStore, Publication } from '../store/live-store.js';
import type { ConnectionLog } from './connection-log.js';
import { issuedNothing, passes } from './passing-errors.js';
import { scheduleRetry, scheduleValue } from './plan.js';
import type { RefreshPolicy } from './policy.js';
import type { ReplacedLeases } from './replaced-leases.js';
import type { SecretEvents } from './secret-events.js';
import type { TrackedSecret, TrackedSecrets } from './tracked-secret.js';

export interface ArrivalsOptions {
  readonly secrets: TrackedSecrets;
  readonly store: LiveStore;
  readonly intake: Intake;
  readonly policy: RefreshPolicy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: ConnectionLog;
  readonly events: SecretEvents;
  readonly replacedLeases: ReplacedLeases;
  readonly sourceKind: string;
}

interface Arrived {
  readonly answer: Answer;
  readonly taken: Taken | undefined;
}

/** Moves answers from the source into the cache and the store: all that came with one reading is published in one step. */
export class Arrivals {
  constructor(private readonly options: ArrivalsOptions) {}

  /** Async only where a hook or a schema is. Never rejects. */
  deliver(answers: readonly Answer[]): Promise<void> | void {
    const arrived = answers.map((answer) => ({ answer, taken: this.#take(answer) }));
    if (!arrived.some(({ taken }) => taken instanceof Promise)) {
      this.#settle(arrived as readonly Arrived[]);
      return undefined;
    }
    return Promise.all(arrived.map(async ({ answer, taken }) => ({ answer, taken: await taken }))).then((all) =>
      this.#settle(all),
    );
  }

  #take({ entry, result }: Answer): Taken | Promise<Taken> | undefined {
    if (result === undefined || isSecretError(result)) return undefined;
    const { live } = this.options.secrets.of(entry);
    // The same version again: nothing to look at, and an async schema would only cost time.
    if (entry.loaded?.version === result.version && live.state === 'loaded') return undefined;
    let value: unknown;
    try {
      ({ value } = result);
    } catch (error) {
      return {
        refused: new SecretConfigurationError('its value can’t be read.', { secretName: entry.name, cause: error }),
      };
    }
    return this.options.intake.take(entry, value);
  }

  #settle(arrived: readonly Arrived[]): void {
    const { secrets, store, random, log, replacedLeases } = this.options;
    const chance = random(); // one for the batch: what came together comes due together
    const batch: Publication[] = [];
    const afterwards: (() => void)[] = [];
    for (const { answer, taken } of arrived) {
      const { entry, result, reading } = answer;
      const lease = result && 'lease' in result ? result.lease : undefined;
      if (reading < entry.lastReading) {
        // an older reading that took longer
        if (lease) replacedLeases.discard(secrets.of(entry), lease);
        continue;
      }
      entry.lastReading = reading;
      entry.gone = result === undefined;
      const secret = secrets.of(entry);
      const { live } = secret;
      if (result === undefined) {
        const error = answer.absence ?? this.#notFound(entry);
        live.markMissing(error);
        this.#fail(answer, error);
      } else if (isSecretError(result)) {
        this.#fail(answer, result);
      } else if (taken && 'refused' in taken) {
        this.#fail(answer, taken.refused);
        if (lease) replacedLeases.discard(secret, lease);
      } else {
        const awaited = entry.pinned;
        if (taken) afterwards.push(this.#replaced(secret, result));
        const loadedAt = this.#succeed(answer, result, chance);
        live.expiresAt = result.lease ? loadedAt + result.lease.duration : result.expiresAt?.getTime();
        if (taken)
          batch.push({ secret: live, next: { value: taken.value, version: result.version, loadedAt }, awaited });
        else live.confirm(loadedAt);
      }
    }
    if (batch.length > 0) store.publish(batch);
    for (const after of afterwards) after();
    log.settled();
  }

  /** What there is to do once readers have the new value: to tell of it, and to see after the old one's lease. */
  #replaced(secret: TrackedSecret, { version, lease, expiresAt }: SecretVersion): () => void {
    const { events, replacedLeases, clock } = this.options;
    const { entry, live } = secret;
    const before = entry.loaded;
    const type = live.current ? 'rotated' : 'loaded';
    return () => {
      const endsAt = lease ? new Date(clock.wall() + lease.duration) : expiresAt;
      events.ofSecret(entry, type, { version, expiresAt: endsAt });
      // The same version under another lease is the same credentials: these are still in use.
      if (before?.lease && before.version !== version) replacedLeases.add(secret, before.lease, before.version);
    };
  }

  /** Takes down what is known of a value; gives the time of loading for display. */
  #succeed({ entry, arrivedAt }: Answer, result: SecretVersion, chance: number): number {
    const { policy, clock, random, log, events } = this.options;
    const loadedAtWall = clock.wall() - (clock.now() - arrivedAt);
    const { version, createdAt, expiresAt, lease } = result;
    const failed = entry.failure;
    entry.loaded = { version, createdAt, expiresAt, lease, loadedAt: arrivedAt, loadedAtWall };
    entry.failure = undefined;
    entry.usedAtLoad = entry.used;
    const expiresIn = expiresAt && expiresAt.getTime() - loadedAtWall;
    const times = { loadedAt: arrivedAt, lease: lease?.duration, expiresIn };
    Object.assign(entry, scheduleValue(times, policy, lease ? random() : chance));
    if (failed) {
      log.recovered(entry);
      events.ofSecret(entry, 'recovered', { version });
    }
    return loadedAtWall;
  }

  #fail({ entry, arrivedAt }: Answer, error: SecretError): void {
    const { policy, clock, random, log, events } = this.options;
    const count = (entry.failure?.count ?? 0) + 1;
    const now = clock.now();
    const retryAt = this.#retryAt(entry, error, count);
    // Gone, denied or refused for good: the regular refresh looks again.
    if (retryAt === undefined) entry.dueAt = scheduleValue({ loadedAt: arrivedAt }, policy, random()).dueAt;
    const regular = Number.isFinite(entry.dueAt) ? entry.dueAt : now + policy.maxAge;
    entry.failure = { error, count, retryAt: retryAt ?? Number.POSITIVE_INFINITY, quietUntil: retryAt ?? regular };
    log.failed(entry, error);
    events.ofSecret(entry, 'failed', { error, retryAt: displayed(entry.nextReadingAt(), clock) });
  }

  /** When to try again ahead of the regular refresh; undefined where that would help nobody. */
  #retryAt(entry: CacheEntry, error: SecretError, failures: number): number | undefined {
    const { policy, clock, random } = this.options;
    const now = clock.now();
    // After the end there is nothing that patience could spare.
    const leaseEndsAt = entry.isDynamic && Number.isFinite(entry.endsAt) ? entry.endsAt : undefined;
    const harmless = passes(error) || (entry.isDynamic && issuedNothing(error));
    // A schema that refuses credentials refuses ones that were issued.
    if (!harmless && leaseEndsAt === undefined) return undefined;
    const { retryAfter, effect } = error as SecretError & {
      retryAfter?: number;
      effect?: SecretSourceUnavailableError['effect'];
    };
    const mayHaveOpened = !harmless || effect === 'possible';
    return scheduleRetry({ now, failures, retryAfter, leaseEndsAt, mayHaveOpened }, policy.retry, random());
  }

  #notFound(entry: CacheEntry): SecretError {
    const { store, sourceKind } = this.options;
    const reason =
      entry.requested === undefined ? undefined : `no version or stage "${entry.requested}" at the source.`;
    return new SecretNotFoundError(reason, { secretName: entry.name, connection: store.connection, sourceKind });
  }
}
