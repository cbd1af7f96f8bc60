import type { Observable } from 'rxjs';
import { ReplaySubject } from 'rxjs';
import type { SecretConsumer } from '../client/requirement.js';
import { consumerKey } from '../client/requirement.js';
import type { Clock } from '../clock.js';
import { GuardedStream } from '../store/guarded-stream.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { Observations } from './observations.js';
import { observedSecret } from './observed-secret.js';
import type { ObservedSecret } from './observer.js';

/**
 * How a consumer came to a secret. `construction`: into a constructor, or a provider's factory. `property`: a live property was read. `call`: a method's
 * parameter was filled. `handler`: an `@OnSecretRotated` was called. `resource`: `rotatingProvider` makes one from it. `read`: by its name, through the
 * client or ConfigService. `ref`: the value was published to one who holds a ref; when that is read is not seen.
 */
export type AuditWay = 'construction' | 'property' | 'call' | 'handler' | 'resource' | 'read' | 'ref';

/** Who is given a secret, as in `status().consumers`; `client`: whoever called the method of HcpVaultClient that `name` tells. */
export interface AuditedConsumer {
  readonly kind: SecretConsumer['kind'] | 'client';
  readonly name: string;
  readonly member?: string | undefined;
}

/** One consumer was given one secret in one version, for the first time. Plain data: never a value. */
export interface AuditRecord extends ObservedSecret {
  readonly consumer: AuditedConsumer;
  readonly by: AuditWay;
  /** What the source calls the value that was given, or its fingerprint. */
  readonly version: string;
  readonly at: Date;
}

/** Tells that a place has been given a secret. @param version where it may not be the current one. Nothing is told while there is no value. */
export type AuditedPlace = (state: SecretState, version?: string) => void;

export interface AuditOptions {
  readonly sourceKind: string;
  readonly clock: Pick<Clock, 'wall'>;
  readonly secrets: TrackedSecrets;
  readonly observations: Observations;
  /** Told what an observer threw. */
  readonly onObserverFailure: (error: unknown) => void;
}

/** How many records a late subscriber still gets. */
const KEPT = 1_000;

/**
 * Which consumer was given which secret in which version, and when. The same consumer, secret and version are told once, so that thousands of instances
 * of a class, or calls of a method, are one record: what is kept grows with the places of an app's code, and with nothing else.
 */
export class Audit {
  readonly #records = new ReplaySubject<AuditRecord>(KEPT);
  readonly #places = new Map<string, AuditedPlace>();
  readonly #followed = new WeakMap<SecretState, Set<AuditedPlace>>();
  readonly #options: AuditOptions;

  constructor(options: AuditOptions) {
    this.#options = options;
    options.observations.add({
      resourceChanged: ({ step, name, resource, version }) => {
        const state = step === 'building' ? options.secrets.find(name) : undefined;
        if (state) this.place('resource', { kind: 'resource', name: resource })(state, version);
      },
    });
  }

  /** The last 1,000 records, then each new one. Completes when the app has closed. */
  get records$(): Observable<AuditRecord> {
    return GuardedStream.over(this.#records, this.#options.onObserverFailure);
  }

  /** One for a consumer, however many instances there are of it. */
  place(by: AuditWay, consumer: AuditedConsumer): AuditedPlace {
    const key = `${by} ${consumerKey(consumer)}`;
    let place = this.#places.get(key);
    if (!place) this.#places.set(key, (place = this.#placeOf(by, consumer)));
    return place;
  }

  /** Of one who holds a ref: told with each value that is published to it. */
  follow(state: SecretState, consumer: AuditedConsumer): void {
    const place = this.place('ref', consumer);
    place(state);
    let followers = this.#followed.get(state);
    if (!followers) {
      const all = (followers = new Set<AuditedPlace>());
      this.#followed.set(state, all);
      state.live.onChange(undefined, () => {
        for (const each of all) each(state);
      });
    }
    followers.add(place);
  }

  close(): void {
    this.#records.complete();
  }

  #placeOf(by: AuditWay, consumer: AuditedConsumer): AuditedPlace {
    const { sourceKind, clock } = this.#options;
    /** The value that was told last; it goes with its secret. */
    const told = new WeakMap<SecretState, number>();
    return (state, given) => {
      const { live } = state;
      const version = given ?? live.current?.version;
      if (version === undefined || told.get(state) === live.revision) return;
      told.set(state, live.revision);
      const at = new Date(clock.wall());
      this.#records.next({ ...observedSecret(live, sourceKind), consumer, by, version, at });
    };
  }
}
