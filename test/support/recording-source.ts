import type { ReadContext, SecretSource } from '../../lib/core/source/secret-source.js';
import type { SecretVersion } from '../../lib/core/secret/secret-version.js';
import type { SecretError } from '../../lib/core/errors/index.js';
import { memorySource } from '../../lib/sources/memory/index.js';
import type { SecretValue } from '../../lib/core/secret/secret-value.js';

/** A memory source that counts its calls and can be made slow. */
export function recordingSource(values: Record<string, SecretValue>) {
  const memory = memorySource(values);
  const reads: string[][] = [];
  const gates: Promise<void>[] = [];
  let enumerations = 0;
  const source = {
    kind: 'memory',
    async read(
      names: readonly string[],
      context: ReadContext,
    ): Promise<ReadonlyMap<string, SecretVersion | SecretError>> {
      reads.push([...names]);
      const gate = gates.shift();
      const answer = memory.read(names, context);
      answer.catch(() => undefined);
      if (gate) await gate;
      return answer;
    },
    async readAll(context: ReadContext) {
      enumerations += 1;
      return memory.readAll(context);
    },
    list: (prefix: string | undefined, context: ReadContext) => memory.list(prefix, context),
    exists: (name: string, context: ReadContext) => memory.exists(name, context),
    write: (name: string, value: SecretValue, context: ReadContext) => memory.write(name, value, context),
  } satisfies SecretSource;
  return {
    source: source as SecretSource,
    memory,
    reads,
    get enumerations() {
      return enumerations;
    },
    /** The next read waits until the returned function is called. */
    hold(): () => void {
      let open!: () => void;
      gates.push(new Promise((resolve) => (open = resolve)));
      return open;
    },
  };
}
