import type { Clock } from '../clock.js';
import { failureCode } from '../errors/failure-code.js';
import type { ResourceStep } from '../observe/observer.js';
import type { LiveSecret } from '../store/live-secret.js';

/** Which of the secret’s values a resource is made from. */
export interface MadeFrom {
  readonly revision: number;
  readonly version: string;
}

/** What is told of a step. */
export interface StepFacts {
  readonly version?: string | undefined;
  readonly isFirst: boolean;
  readonly durationMs?: number | undefined;
  readonly isInTime?: boolean | undefined;
  readonly code?: string | undefined;
}

/** How a resource of `rotatingProvider` stands: plain data, never the resource. */
export interface ResourceStatus {
  /** Name of the token under which it is injected. */
  readonly name: string;
  readonly connection: string;
  readonly secret: string;
  /**
   * `building`: the first one, or the one that follows a rotation. `failed`: it could not be made, and is tried again; the old one serves
   * meanwhile, where `isAlive`. `closed`: the app has closed.
   */
  readonly state: 'building' | 'serving' | 'failed' | 'closed';
  /** Since when it stands so. */
  readonly since: Date;
  /** False where there is none to work with: none was made yet, or the credentials of the one there is have ended. */
  readonly isAlive: boolean;
  /** Of the secret, that the one in use was made from. */
  readonly version?: string;
  /** Of the secret as it is now, where the one in use was made from another. */
  readonly wantedVersion?: string;
  /** Tries in a row that failed. */
  readonly failures: number;
  /** Why the last try failed: the code of the error, or its name. Absent once one went well. */
  readonly lastError?: { readonly code: string; readonly at: Date };
  /** The one that was replaced, while work goes on with it. */
  readonly draining?: { readonly version: string; readonly since: Date };
}

export interface ResourceLifeOptions {
  readonly name: string;
  readonly secret: LiveSecret;
  readonly clock: Clock;
  readonly tell?: ((step: ResourceStep, facts: StepFacts) => void) | undefined;
  /** The other side refused work with the resource. */
  readonly onRefused?: (() => void) | undefined;
  /** Does the building within what observers put around it. */
  readonly within?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
}

/** Where one resource stands, and what becomes of it: kept for operators, and told to who observes. Holds no resource and no value. */
export class ResourceLife {
  #state: ResourceStatus['state'] = 'building';
  #since: number;
  #served: MadeFrom | undefined;
  /** When each value ended, or will, that was replaced and may be in use still; by its revision, on the monotonic clock. */
  readonly #ends = new Map<number, number>();
  #building: { readonly of: MadeFrom; readonly at: number } | undefined;
  #isEnding = false;
  #failures = 0;
  #lastError: ResourceStatus['lastError'];
  #draining: { readonly version: string; readonly at: number; readonly since: Date } | undefined;

  constructor(private readonly options: ResourceLifeOptions) {
    Object.defineProperty(this, 'options', { enumerable: false });
    this.#since = options.clock.wall();
  }

  /** The secret has another value than the one in use was made from. */
  get isOutdated(): boolean {
    return this.options.secret.current?.revision !== this.#served?.revision;
  }

  /** What the one in use was made from is replaced, and over: it may be several rotations behind. */
  get hasEnded(): boolean {
    const { secret, clock } = this.options;
    const revision = this.#served?.revision ?? 0;
    const isNext = secret.current?.revision === revision + 1;
    const endsAt = this.#ends.get(revision) ?? (isNext ? secret.previousEndsAt : undefined);
    return clock.now() >= (endsAt ?? Number.POSITIVE_INFINITY);
  }

  /** The secret was rotated: its value before has an end now. */
  rotated(): void {
    const { current, previousEndsAt } = this.options.secret;
    if (current && previousEndsAt !== undefined) this.#ends.set(current.revision - 1, previousEndsAt);
  }

  get status(): ResourceStatus {
    const { name, secret } = this.options;
    const [state, served, draining, wanted] = [this.#state, this.#served, this.#draining, secret.current];
    const isClosed = state === 'closed';
    return {
      name,
      connection: secret.connection,
      secret: secret.name,
      state,
      since: new Date(this.#since),
      isAlive: !isClosed && served !== undefined && !(this.isOutdated && (wanted === undefined || this.hasEnded)),
      ...(served && !isClosed && { version: served.version }),
      ...(wanted && this.isOutdated && !isClosed && { wantedVersion: wanted.version }),
      failures: this.#failures,
      ...(this.#lastError && { lastError: this.#lastError }),
      ...(draining && { draining: { version: draining.version, since: draining.since } }),
    };
  }

  building(of: MadeFrom): void {
    this.#building = { of, at: this.options.clock.now() };
    if (this.#state === 'serving') this.#enter('building');
    this.#tell('building', of.version);
  }

  /** Does the work of a building. */
  making<T>(work: () => Promise<T>): Promise<T> {
    const { within } = this.options;
    return within ? within(work) : work();
  }

  step(step: 'built' | 'validated'): void {
    this.#tell(step, this.#building?.of.version, { durationMs: this.#buildTime });
  }

  serving(of: MadeFrom): void {
    const facts = { durationMs: this.#buildTime, isFirst: this.#served === undefined };
    this.#served = of;
    for (const revision of this.#ends.keys()) if (revision < of.revision) this.#ends.delete(revision);
    this.#failures = 0;
    this.#lastError = this.#building = undefined;
    this.#enter('serving');
    this.#tell('serving', of.version, facts);
  }

  /** It could not be made. What a closing cuts off is not a failure. */
  failed(error: unknown): void {
    if (this.#isEnding) return;
    const code = failureCode(error);
    this.#failures += 1;
    this.#lastError = { code, at: new Date(this.options.clock.wall()) };
    this.#enter('failed');
    this.#tell('failed', this.#building?.of.version, { durationMs: this.#buildTime, code });
  }

  draining({ version }: MadeFrom): void {
    const { clock } = this.options;
    this.#draining = { version, at: clock.now(), since: new Date(clock.wall()) };
    this.#tell('draining', version);
  }

  drained({ version }: MadeFrom, isInTime: boolean): void {
    const begunAt = this.#draining?.at;
    const durationMs = begunAt === undefined ? undefined : this.options.clock.now() - begunAt;
    this.#tell('drained', version, { durationMs, isInTime });
  }

  disposed(): void {
    this.#draining = undefined;
  }

  refused(): void {
    this.options.onRefused?.();
  }

  /** The app closes. */
  ending(): void {
    this.#isEnding = true;
  }

  /** There is none any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#enter('closed');
    this.#tell('closed', this.#served?.version);
  }

  get #buildTime(): number | undefined {
    return this.#building && this.options.clock.now() - this.#building.at;
  }

  /** The same state goes on: since when it began. */
  #enter(state: ResourceStatus['state']): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.options.clock.wall();
  }

  #tell(step: ResourceStep, version: string | undefined, facts: Partial<StepFacts> = {}): void {
    this.options.tell?.(step, { version, isFirst: this.#served === undefined, ...facts });
  }
}
