import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { requirementsOf } from '../injection/decorated-secrets.js';
import { middlewaresOf } from '../injection/nest-container.js';
import type { SecretLinker } from '../injection/secret-linker.js';
import type { TokenConsumer } from '../injection/token-consumers.js';
import { consumedBy } from '../injection/token-consumers.js';
import { AppStart } from './app-start.js';

/**
 * Reads what middleware classes need. Nest knows them when `app.init()` has begun, after the first load, and makes them before our `onModuleInit`: it is
 * a part of the start, with its retries, and its failure is the start's.
 * @returns to be awaited before a token is made that nobody consumed before
 */
export function middlewareSecrets(
  container: ModulesContainer,
  linker: SecretLinker,
  runtime: SecretRuntime,
): (token: string) => Promise<void> {
  const start = AppStart.of(container);
  const loading = new Map<string, Promise<void>>();
  return async (token) => {
    if (start.isMade) return;
    const consumers = [...container.values()]
      .flatMap((module) => [...middlewaresOf(module)].flatMap((middleware) => consumedBy(middleware, module)))
      .filter((consumer) => linker.serves(consumer));
    if (!consumers.some((consumer) => leadsTo(consumer, token))) return;
    const news = consumers.filter((consumer) => !loading.has(consumer.token));
    const part = start.part(() => runtime.bootstrapMore(requirementsOf(news, [], runtime.options.overlap)));
    for (const consumer of news) {
      loading.set(consumer.token, part);
      loading.set(consumer.request.token, part);
    }
    await loading.get(token);
  };
}

const leadsTo = (consumer: TokenConsumer, token: string): boolean =>
  consumer.token === token || consumer.request.token === token;
