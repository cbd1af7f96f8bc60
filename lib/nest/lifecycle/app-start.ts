import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';

const starting = new WeakMap<ModulesContainer, Set<SecretRuntime>>();

/** Connections of an app that is starting. Nest calls no hook where a start fails, so that whatever of ours fails ends what all of ours have opened. */
export const appStart = {
  begun(container: ModulesContainer, runtime: SecretRuntime): void {
    starting.set(container, (starting.get(container) ?? new Set()).add(runtime));
  },

  /** From now on Nest's hooks end it. */
  done(container: ModulesContainer, runtime: SecretRuntime): void {
    starting.get(container)?.delete(runtime);
  },

  /** Does a part of the start; where it fails, ends what was opened. Not in an app that has started, where a lazily loaded module fails alone. */
  async part<T>(container: ModulesContainer, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const runtimes = [...(starting.get(container) ?? [])];
      starting.delete(container);
      await Promise.all(runtimes.map((runtime) => runtime.shutdown()));
      throw error;
    }
  },
};
