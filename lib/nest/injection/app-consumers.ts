import type { ModulesContainer } from '@nestjs/core';
import type { ConsumerPort, NamedConsumer } from '../../core/client/consumers.js';
import { AppSecrets, methodsOf, type SecretMethod } from './app-secrets.js';
import { middlewaresOf } from './nest-container.js';
import type { SecretRequest } from './secret-request.js';
import type { TokenConsumer } from './token-consumers.js';
import { consumedBy, methodConsumer } from './token-consumers.js';

export interface AppConsumersOptions {
  readonly container: ModulesContainer;
  readonly connection: string;
  /** False for a place that a test gives something else. */
  readonly serves: (consumer: TokenConsumer) => boolean;
  /** The namespaces in which ConfigService shows the secrets, and whether it shows one of that name. */
  readonly namespaces: () => readonly string[];
  readonly isShown: (name: string) => boolean;
}

/**
 * Who is given a connection's secrets in one app, as its container tells: classes and not instances, so that it costs nothing however many of them are
 * made. Modules that were loaded later, and middlewares, count when they are there.
 */
export class AppConsumers implements ConsumerPort {
  constructor(private readonly options: AppConsumersOptions) {}

  *named(): Iterable<NamedConsumer> {
    const { container } = this.options;
    const { consumers, methods } = AppSecrets.of(container);
    yield* this.#injected(consumers);
    yield* this.#called(methods);
    for (const module of container.values()) {
      for (const middleware of middlewaresOf(module)) {
        yield* this.#injected(consumedBy(middleware, module));
        yield* this.#called(methodsOf(middleware));
      }
    }
  }

  ofAll(): ReturnType<ConsumerPort['ofAll']> {
    const { namespaces, isShown } = this.options;
    return namespaces().map((name) => ({ consumer: { kind: 'config', name }, shows: isShown }));
  }

  /** What is only read ahead is given by a method's or a handler's own way. */
  *#injected(consumers: readonly TokenConsumer[]): Iterable<NamedConsumer> {
    for (const each of consumers)
      if (each.need !== 'preload' && this.options.serves(each)) yield named(each.request, each.consumer);
  }

  *#called(methods: readonly SecretMethod[]): Iterable<NamedConsumer> {
    for (const { wrapper, secret } of methods)
      if (secret.request.connection === this.options.connection)
        yield named(secret.request, methodConsumer(wrapper.metatype as { readonly name: string }, secret));
  }
}

const named = ({ name, version }: SecretRequest, consumer: NamedConsumer['consumer']): NamedConsumer => ({
  name,
  version,
  consumer,
});
