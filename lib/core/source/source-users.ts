import { sharedByCopies } from '../shared-by-copies.js';
import type { SecretSource } from './secret-source.js';

const users = sharedByCopies('source-users', () => new WeakMap<object, number>());

/** Whether a connection uses a source object at present: then nobody closes it under its hands. */
export const isUsed = (source: SecretSource): boolean => (users.get(source) ?? 0) > 0;

/** One who uses a source object, and with it those that it is made of. Of several connections with the same object the last that ends closes it. */
export class SourceUse {
  #used: readonly SecretSource[] = [];

  constructor(private readonly source: SecretSource) {
    Object.defineProperty(this, 'source', { enumerable: false });
  }

  /** From its first call on, however often this is said. */
  begin(): void {
    if (this.#used.length > 0) return;
    this.#used = withParts(this.source);
    for (const source of this.#used) users.set(source, (users.get(source) ?? 0) + 1);
  }

  end(): void {
    for (const source of this.#used) users.set(source, (users.get(source) ?? 1) - 1);
    this.#used = [];
  }
}

const withParts = (source: SecretSource): SecretSource[] => [source, ...(source.parts ?? []).flatMap(withParts)];
