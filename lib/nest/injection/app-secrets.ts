import type { ModulesContainer } from '@nestjs/core';
import { classPlan } from './class-plan.js';
import type { ClassSecret } from './class-secrets.js';
import { isHiddenSlot } from './hidden-slot.js';
import type { AppModule, AppWrapper } from './nest-container.js';
import { dependenciesOf } from './nest-dependencies.js';
import { registry } from './registry.js';
import { isOwnFactory } from './secret.providers.js';
import type { TokenConsumer } from './token-consumers.js';
import { consumedBy } from './token-consumers.js';
import { connectionOfLinker } from './tokens.js';

/** A class of an app whose method or handler names a secret. */
export interface SecretMethod {
  readonly wrapper: AppWrapper;
  readonly secret: ClassSecret;
}

interface Look {
  readonly modules: number;
  readonly found: AppSecrets;
}

const looks = new WeakMap<ModulesContainer, Look>();

/**
 * What there is of secrets in an app's container, of all its connections: looked through once, by Nest's own metadata, and again when a module has come
 * that is loaded lazily. What Nest does not inject is not asked for, as a base class's parameter that a subclass has replaced; the process-wide registry
 * only tells which tokens are secrets'.
 */
export class AppSecrets {
  /** What classes and providers are injected with; middlewares come later. */
  readonly consumers: readonly TokenConsumer[];
  readonly methods: readonly SecretMethod[];
  /** Of which there is a linker. */
  readonly connections: ReadonlySet<string>;
  /** Tokens of secrets that somebody provides otherwise than this package does: tests, mostly. */
  readonly #given = new Set<unknown>();
  readonly #aliases = new Map<unknown, AppWrapper[]>();

  private constructor(container: ModulesContainer) {
    const consumers: TokenConsumer[] = [];
    const methods: SecretMethod[] = [];
    const connections = new Set<string>();
    const consume = (wrapper: AppWrapper, module: AppModule): void => {
      const dependencies = dependenciesOf(wrapper);
      consumedBy(wrapper, module, dependencies, consumers);
      // What a method or a handler asks for comes through a hidden injection.
      if (!wrapper.inject && dependencies.some(({ at }) => isHiddenSlot(at))) methods.push(...methodsOf(wrapper));
    };
    for (const module of container.values()) {
      module.providers.forEach((wrapper, token) => {
        // Providers of our own stand for all that this process has recorded: in a class that is only imported, in another app.
        if (isOwnFactory(wrapper.metatype)) return;
        if (wrapper.isAlias) this.#noteAlias(wrapper);
        if (registry.requestOf(token)) this.#given.add(token);
        const connection = connectionOfLinker(token);
        if (connection !== undefined) connections.add(connection);
        consume(wrapper, module);
      });
      for (const wrapper of module.controllers.values()) consume(wrapper, module);
      for (const wrapper of module.injectables.values()) consume(wrapper, module);
    }
    this.consumers = consumers;
    this.methods = methods;
    this.connections = connections;
  }

  static of(container: ModulesContainer): AppSecrets {
    const known = looks.get(container);
    if (known?.modules === container.size) return known.found;
    const found = new AppSecrets(container);
    looks.set(container, { modules: container.size, found });
    return found;
  }

  /** True where some module of the app provides a secret's token otherwise than this package does. */
  isGiven(token: string): boolean {
    return this.#given.has(token);
  }

  /** The providers that stand for a token by `useExisting`, and for those: Nest keeps what the token gave in each of them. */
  aliasesOf(token: unknown, seen = new Set<unknown>()): AppWrapper[] {
    if (seen.has(token)) return [];
    seen.add(token);
    const direct = this.#aliases.get(token) ?? [];
    return direct.flatMap((alias) => [alias, ...this.aliasesOf(alias.token, seen)]);
  }

  #noteAlias(wrapper: AppWrapper): void {
    const [token] = wrapper.inject ?? [];
    this.#aliases.set(token, [...(this.#aliases.get(token) ?? []), wrapper]);
  }
}

/** The methods and handlers of a class. */
export const methodsOf = (wrapper: AppWrapper): SecretMethod[] =>
  classPlan(wrapper.metatype as object)
    .filter(({ place }) => place === 'method' || place === 'handler')
    .map((secret) => ({ wrapper, secret }));
