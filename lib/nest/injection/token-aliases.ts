import type { ModulesContainer } from '@nestjs/core';
import type { AppWrapper } from './nest-container.js';

/** The providers of an app that stand for a token by `useExisting`: Nest keeps what the token gave in each of them. */
export class TokenAliases {
  #aliases = new Map<unknown, AppWrapper[]>();
  /** How many modules were looked through: lazily loaded ones come later. */
  #modules = 0;

  constructor(private readonly container: ModulesContainer) {}

  /** Aliases of aliases too. */
  of(token: unknown, seen = new Set<unknown>()): AppWrapper[] {
    if (this.#modules !== this.container.size) this.#look();
    if (seen.has(token)) return [];
    seen.add(token);
    const direct = this.#aliases.get(token) ?? [];
    return direct.flatMap((alias) => [alias, ...this.of(alias.token, seen)]);
  }

  #look(): void {
    this.#modules = this.container.size;
    this.#aliases = new Map();
    for (const { providers } of this.container.values()) {
      for (const wrapper of providers.values()) {
        if (!wrapper.isAlias) continue;
        const [token] = wrapper.inject ?? [];
        this.#aliases.set(token, [...(this.#aliases.get(token) ?? []), wrapper]);
      }
    }
  }
}
