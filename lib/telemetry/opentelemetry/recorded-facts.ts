import type { Attributes } from '@opentelemetry/api';
import type { Clock } from '../../core/clock.js';
import type {
  ObservedCall,
  ObservedFollowing,
  ObservedLook,
  ObservedRefusal,
  ObservedRejection,
  ObservedResource,
  ObservedRotation,
  Observer,
} from '../../core/observe/observer.js';
import type { ObservedWork, WorkScope } from '../../core/observe/observed-work.js';
import type { SecretEvent } from '../../core/refresh/secret-events.js';
import * as attribute from './attributes.js';
import { errorType } from './error-type.js';
import type { RecordedName } from './instrument-table.js';

/** Takes one measurement. What stands in `attributes` is made once it is known that somebody measures. */
export type Record = (name: RecordedName, value: number, attributes?: Attributes) => void;

const SECOND = 1_000;

/** What happens in a connection, as measurements. */
export class RecordedFacts implements Observer {
  constructor(
    private readonly record: Record,
    private readonly options: { readonly secretNames: boolean },
  ) {}

  sourceCalled({ operation, names, outcome, failed = {}, durationMs }: ObservedCall): void {
    const asked = { [attribute.OPERATION]: operation };
    this.record('operationDuration', durationMs / SECOND, { ...asked, ...failure(outcome) });
    if (outcome === 'interrupted' || names === 0) return;
    if (outcome !== 'ok') return this.record('operationSecrets', names, { ...asked, ...failure(outcome) });
    let given = names;
    for (const [code, count] of Object.entries(failed)) {
      given -= count;
      this.record('operationSecrets', count, { ...asked, ...failure(code) });
    }
    if (given > 0) this.record('operationSecrets', given, asked);
  }

  rotated({ name }: ObservedRotation): void {
    this.record('rotations', 1, this.#of(name));
  }

  rotationFollowed({ name, lag, publishedAt, followedAt }: ObservedFollowing): void {
    const ms = lag?.ms ?? Math.max(0, followedAt.getTime() - publishedAt.getTime());
    this.record('rotationLag', ms / SECOND, { ...this.#of(name), [attribute.LAG_FROM]: lag?.from ?? 'publication' });
  }

  valueRefused({ name, by }: ObservedRefusal): void {
    this.record('refusals', 1, { ...this.#of(name), [attribute.REFUSED_BY]: by });
  }

  secretRejected({ name, by }: ObservedRejection): void {
    this.record('rejections', 1, { ...this.#of(name), [attribute.REJECTED_BY]: by });
  }

  resourceChanged({ name, resource, step, code, durationMs = 0, isFirst, isInTime }: ObservedResource): void {
    const attributes = { ...this.#of(name), [attribute.RESOURCE]: resource };
    if (step === 'drained') {
      const late = isInTime === false ? failure('timeout') : {};
      this.record('drainDuration', durationMs / SECOND, { ...attributes, ...late });
    } else if (!isFirst && (step === 'serving' || step === 'failed')) {
      const failed = step === 'failed' ? { [attribute.ERROR_TYPE]: errorType(code) } : {};
      this.record('swapDuration', durationMs / SECOND, { ...attributes, ...failed });
    }
  }

  cacheAsked({ cache, hits, misses, failed }: ObservedLook): void {
    for (const [result, count] of Object.entries({ hit: hits, miss: misses, failed })) {
      const attributes = { [attribute.CACHE]: cache, [attribute.CACHE_RESULT]: result };
      if (count > 0) this.record('cacheRequests', count, attributes);
    }
  }

  happened({ type, name, source, error, place }: SecretEvent): void {
    const named = name === undefined ? {} : this.#of(name);
    if (type === 'caught') this.record('catches', 1, { ...named, [attribute.PLACE]: place });
    const of = { [attribute.EVENT]: type, [attribute.SOURCE]: source };
    this.record('events', 1, { ...named, ...of, ...(error && failure(error.code)) });
  }

  #of(name: string): Attributes {
    return this.options.secretNames ? { [attribute.NAME]: name } : {};
  }
}

/** The first load, as a measurement: it takes as long as what is asked in it. */
export class RecordedStart implements Observer {
  constructor(
    private readonly record: Record,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  begins({ kind }: ObservedWork): WorkScope | undefined {
    if (kind !== 'start') return undefined;
    const begun = this.clock.now();
    return {
      run: (work) => work(),
      over: (outcome) => this.record('bootstrapDuration', (this.clock.now() - begun) / SECOND, failure(outcome)),
    };
  }
}

/** Of what went well there is none. */
const failure = (outcome: string): Attributes =>
  outcome === 'ok' ? {} : { [attribute.ERROR_TYPE]: errorType(outcome) };

/** Counters by a label whose values are known: an increase from nothing is seen by nobody. */
export const ZEROS: readonly (readonly [RecordedName, Attributes])[] = [
  ['rotations', {}],
  ...['schema', 'hook', 'field'].map((by) => ['refusals', { [attribute.REFUSED_BY]: by }] as const),
  ...['withSecret', 'use', 'reportRejected'].map((by) => ['rejections', { [attribute.REJECTED_BY]: by }] as const),
];
