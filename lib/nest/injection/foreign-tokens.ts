import type { ModulesContainer } from '@nestjs/core';
import type { AppModule } from './nest-container.js';
import { registry } from './registry.js';

/** The tokens of secrets that other modules of an app provide: those of a test, beside ours. */
export class ForeignTokens {
  #tokens = new Set<unknown>();
  /** How many modules were looked through: lazily loaded ones come later. */
  #modules = 0;

  constructor(
    private readonly container: ModulesContainer,
    private readonly host: AppModule,
  ) {}

  has(token: string): boolean {
    if (this.#modules !== this.container.size) this.#look();
    return this.#tokens.has(token);
  }

  #look(): void {
    this.#modules = this.container.size;
    const others = [...this.container.values()].filter((module) => module !== this.host);
    const provided = others.flatMap(({ providers }) => [...providers.keys()]);
    this.#tokens = new Set(provided.filter((token) => registry.requestOf(token) !== undefined));
  }
}
