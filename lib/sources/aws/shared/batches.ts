import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError } from '../../../core/errors/index.js';
import { isOfItsOwn } from '../../../core/errors/transient.js';
import { concernsAll, eachRequest } from '../../../core/source/each-name.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { isDenied, isMissing, isWrong } from './aws.errors.js';
import type { Stored, Take } from './store.js';

/** Requests for batches under way at a time: under the quotas of a batch API, and enough to hide its latency. */
export const PARALLEL = 10;
/** Broken ones that are remembered; then all are tried together again. */
const MOST = 1_000;
/** So many are asked for by themselves before the rest of a batch that failed is. */
const PROBES = 2;

export function batchesOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

export interface SinglyOptions {
  readonly limit: number;
  readonly context: ReadContext;
  readonly take: Take;
  readonly work: (id: string) => Promise<void>;
  /** True for what looks like a name of the backend's: what it doesn't take for one otherwise is not there. */
  readonly isUsual: (id: string) => boolean;
}

/** One request an id. */
export function singly(ids: readonly string[], { limit, context, take, work, isUsual }: SinglyOptions): Promise<void> {
  return eachRequest(ids, limit, context, work, (id, error) => {
    if (!isMissing(error) && (isUsual(id) || !isWrong(error))) take(id, error);
  });
}

interface Sorting {
  /** To be asked for by themselves. */
  readonly left: string[];
  /** The same, but that it may be the backend that is broken, and none of them. */
  readonly broken: Map<string, SecretError>;
  readonly take: Take;
}

/** The ids that spoil a batch: they are asked for by themselves, so that they take nothing from the others. */
export class Apart {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    if (this.#ids.size >= MOST) this.#ids.clear();
    this.#ids.add(id);
  }

  /** It was read well by itself. */
  heal(id: string): void {
    this.#ids.delete(id);
  }

  /**
   * Reads batch by batch, and singly what a batch leaves open.
   * @param inOne gives those of which its answer says nothing.
   * @param denied told that a batch was not permitted.
   */
  async read(
    batches: readonly (readonly string[])[],
    options: SinglyOptions,
    inOne: (batch: readonly string[]) => Promise<readonly string[]>,
    denied: () => void = () => undefined,
  ): Promise<void> {
    const { context, take } = options;
    const left: string[] = [];
    const broken = new Map<string, SecretError>();
    await eachRequest(
      batches,
      PARALLEL,
      context,
      async (batch) => void left.push(...(await inOne(batch))),
      (batch, error) => {
        if (isDenied(error)) denied();
        this.#sort(batch, error, { left, broken, take });
      },
    );
    await Promise.all([singly(left, options), this.#find(broken, options)]);
  }

  /** What the failure of a batch means for its ids. */
  #sort(batch: readonly string[], error: SecretError, { left, broken, take }: Sorting): void {
    for (const id of batch) {
      if (isDenied(error) || isWrong(error)) left.push(id);
      else if (concernsAll(error) || isOfItsOwn(error) || batch.length === 1) take(id, error);
      else broken.set(id, error);
    }
  }

  /** Finds which of them break a batch; where the first few do, it is the backend, and the others are not asked for. */
  async #find(broken: ReadonlyMap<string, SecretError>, options: SinglyOptions): Promise<void> {
    const { take } = options;
    const ids = [...broken.keys()];
    let failures = 0;
    const noticing: Take = (id: string, found: Stored | SecretError) => {
      if (isSecretError(found) && !isDenied(found)) {
        failures += 1;
        if (!concernsAll(found)) this.add(id);
      }
      take(id, found);
    };
    const probes = ids.slice(0, PROBES);
    await singly(probes, { ...options, take: noticing });
    const rest = ids.slice(PROBES);
    if (failures === PROBES) for (const id of rest) take(id, broken.get(id)!);
    else await singly(rest, { ...options, take: noticing });
  }
}
