/** How many requests of one call are under way at a time: under the quotas of a batch API, and enough to hide its latency. */
const PARALLEL = 10;

/** Works on batches of up to `size` items, several at a time, in order. Rejects with the first error, when no batch is under way any more. */
export async function inBatches<T>(
  items: readonly T[],
  size: number,
  work: (batch: readonly T[]) => Promise<void>,
  parallel = PARALLEL,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const batch = items.slice(next, (next += size));
      await work(batch).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, Math.ceil(items.length / size)) }, worker));
  if (failures.length > 0) throw failures[0];
}
