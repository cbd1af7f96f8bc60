import { backoffDelay } from '../backoff.js';
import { SecretConfigurationError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';
import type { Haste } from './refused-work.js';
import { RefusedWork } from './refused-work.js';
import type { ResourceInUse } from './resource-in-use.js';
import { ResourceLife } from './resource-life.js';
import { ResourceMaker } from './resource-maker.js';
import type { RotatingContext, RotatingOptions } from './rotating.options.js';
import { settledWithin } from './settled-within.js';

/** A resource that is made from a secret, and made again when that is rotated. */
export interface Rotating<T> {
  /** The resource as it is now. Work done through it is not waited for at a swap: see `use`. */
  readonly current: T;
  /** Does work with the current resource, which is not disposed of before the work is done (up to `drain`). */
  use<R>(work: (resource: T) => Promise<R>): Promise<R>;
}

/** Swaps of one resource run one after another: at most the current and one other, being built or draining, live at a time. */
export class RotatingResource<T> implements Rotating<T> {
  #current: ResourceInUse<T> | undefined;
  #draining: Promise<void> = Promise.resolve();
  #swapping: Promise<void> | undefined;
  #attempt: Promise<boolean> | undefined;
  /** The one that nobody waits for any more. */
  #awaited: Promise<boolean> | undefined;
  #failures = 0;
  #closed = false;
  #wake: () => void = () => undefined;
  readonly #news = new Set<() => void>();
  readonly #life: ResourceLife;
  readonly #maker: ResourceMaker<T>;
  readonly #refused: RefusedWork;
  readonly #unsubscribe: () => void;

  private constructor(
    readonly name: string,
    private readonly options: RotatingOptions<T>,
    private readonly context: RotatingContext,
  ) {
    Object.defineProperties(this, { options: { enumerable: false }, context: { enumerable: false } });
    const { secret, clock, resources } = context;
    const life = resources?.begin(name, secret) ?? new ResourceLife({ name, secret, clock });
    this.#life = life;
    this.#maker = new ResourceMaker(name, options, context, life);
    this.#refused = new RefusedWork({
      clock,
      onRefused: () => life.refused(),
      isOver: () => this.#closed,
      report: (haste) => this.#report(haste),
      revision: () => this.#current?.from.revision ?? secret.current?.revision,
      onNews: (callback) => {
        this.#news.add(callback);
        return () => this.#news.delete(callback);
      },
    });
    this.#unsubscribe = secret.onRotation(() => {
      life.rotated();
      return this.#swapSoon();
    });
  }

  /** Builds the first one; where the other side refuses the credentials, tries for up to `retryFor`. Rejects with what `create` or `validate` threw. */
  static async open<T>(
    name: string,
    options: RotatingOptions<T>,
    context: RotatingContext,
  ): Promise<RotatingResource<T>> {
    const rotating = new RotatingResource(name, options, context);
    try {
      const first = await rotating.#refused.run(() => rotating.#maker.build(), options);
      rotating.#serve(first);
      if (rotating.#life.isOutdated) void rotating.#swapSoon();
      return rotating;
    } catch (error) {
      rotating.#unsubscribe();
      rotating.#life.close();
      throw error;
    }
  }

  get current(): T {
    return this.#inUse().resource;
  }

  use<R>(work: (resource: T) => Promise<R>): Promise<R> {
    return this.#refused.run(async () => {
      const providing = this.context.provide();
      if (providing) await providing;
      await this.#untilSwapped(providing !== undefined);
      return this.#inUse().run(work);
    }, this.options);
  }

  /** Resolves when the last rotation has been followed, or has failed to be once. */
  async idle(): Promise<void> {
    await this.#attempt;
  }

  /** Ends swapping, waits for running work up to `drain`, and disposes of the resource; a `create` or `dispose` that hangs is left after as long. */
  async close(): Promise<void> {
    const [{ clock }, { drain }] = [this.context, this.options];
    this.#closed = true;
    this.#life.ending();
    this.#unsubscribe();
    this.#wake();
    this.#tellNews(); // work that waits for new credentials gets none
    await settledWithin(drain, clock, this.#swapping);
    await settledWithin(2 * drain, clock, this.#draining, this.#current && this.#maker.retire(this.#current));
    this.#life.close();
  }

  #inUse(): ResourceInUse<T> {
    if (this.#current && !this.#closed) return this.#current;
    const { name: secretName, connection } = this.context.secret;
    const reason = `the resource "${this.name}" is closed, as the app is.`;
    throw new SecretConfigurationError(reason, { secretName, connection });
  }

  /** A resource whose credentials have ended is not worked with, nor one from before a pause: its successor is on its way. */
  async #untilSwapped(hasWaited: boolean): Promise<void> {
    // Short leases may end while the one before is drained: then the next swap is waited for too.
    for (let isLate = hasWaited; this.#isBehind(isLate); isLate = false) await this.#attempted();
  }

  #isBehind(isLate: boolean): boolean {
    return this.#life.isOutdated && (isLate || this.#life.hasEnded) && this.#attempt !== this.#awaited;
  }

  /** The swap under way has been tried, or hangs: then it is waited for once, for as long as is tried, or as work may take. */
  async #attempted(): Promise<void> {
    const [attempt, { clock }, { drain, retryFor }] = [this.#attempt, this.context, this.options];
    if (attempt === this.#awaited) return;
    await settledWithin(Math.max(drain, retryFor), clock, attempt);
    this.#awaited = attempt;
  }

  async #report(haste: Haste): Promise<void> {
    this.#wake(); // a swap that waits for its next try need not: somebody is refused right now
    // Refused was what is being replaced: what replaces it has been refused by nobody, and another reading might open credentials beside it.
    const isFollowed = this.#life.isOutdated && this.#failures === 0;
    if (!isFollowed) await this.context.report(haste);
    await this.#attempted();
  }

  #tellNews(): void {
    for (const callback of [...this.#news]) callback();
  }

  #serve(resource: ResourceInUse<T>): void {
    this.#current = resource;
    this.#life.serving(resource.from);
  }

  /** Gives the promise of when the last rotation has been followed. */
  #swapSoon(): Promise<void> | undefined {
    this.#wake();
    if (this.#closed) return undefined;
    if (this.#current) return (this.#swapping ??= this.#swap().finally(() => (this.#swapping = undefined)));
    this.#tellNews();
    return undefined;
  }

  /** Brings the resource up to the secret, trying again with back-off while it fails; the old one serves meanwhile. */
  async #swap(): Promise<void> {
    const { random, retry } = this.context;
    while (!this.#closed && this.#life.isOutdated) {
      this.#attempt = this.#trySwap();
      if (await this.#attempt) this.#failures = 0;
      else await this.#pause(Math.max(10, backoffDelay((this.#failures += 1), retry, random())));
    }
  }

  async #trySwap(): Promise<boolean> {
    await this.#draining;
    try {
      const next = await this.#maker.build();
      const old = this.#current;
      if (this.#closed || !old) {
        await this.#maker.end(next);
        return true;
      }
      this.#serve(next);
      this.#draining = this.#maker.retire(old);
      this.#tellNews();
      return true;
    } catch (error) {
      // What a closing cuts off is not a failure.
      if (this.#failures === 0 && !this.#closed) {
        const old = this.#life.hasEnded ? 'the credentials of the old one have ended' : 'the old one serves';
        this.#maker.warn(`could not be rebuilt after a rotation; ${old}, and it is tried again.`, error);
      }
      return false;
    }
  }

  /** Waits, unless something new wakes it. */
  #pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.context.clock.setTimer(resolve, delay);
      this.#wake = () => {
        cancel();
        resolve();
      };
      if (this.#closed) this.#wake();
    });
  }

  static {
    hideInOutput(RotatingResource.prototype, (self) => `[secret ${self.context.secret.name}]`);
  }
}
