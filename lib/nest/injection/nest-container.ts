import type { ModulesContainer } from '@nestjs/core';

// What is used of Nest's container (versions 11.1.19 to 12.5). Its classes are exported as types, if at all.

/** A module of an app, as Nest keeps it. */
export type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** A provider, controller, enhancer or middleware of a module, as Nest keeps it. */
export type AppWrapper = AppModule['providers'] extends Map<unknown, infer W> ? W : never;

/** All that Nest makes with dependencies, but for middlewares: those are known when `app.init()` has begun. */
export function* wrappersOf({ providers, controllers, injectables }: AppModule): Iterable<AppWrapper> {
  yield* providers.values();
  yield* controllers.values() as Iterable<AppWrapper>;
  yield* injectables.values() as Iterable<AppWrapper>;
}

/** Classes that a module's `configure` applies; none before `app.init()`. */
export function middlewaresOf({ middlewares }: AppModule): Iterable<AppWrapper> {
  return (middlewares as Map<unknown, AppWrapper>).values();
}

export const nameOfToken = (token: unknown): string =>
  typeof token === 'function' ? token.name || 'an anonymous class' : String(token);

/** The provider that Nest injects for a token into what stands in a module. */
export function providerFor(module: AppModule, token: unknown): AppWrapper | undefined {
  return module.providers.get(token as never) ?? amongImports(module, token, new Set(), false);
}

/** What modules export, and what they hand on of modules that they import: global ones are imported by all, by the time anything is made. */
function amongImports(
  module: AppModule,
  token: unknown,
  seen: Set<string>,
  isHandedOn: boolean,
): AppWrapper | undefined {
  for (const related of module.imports) {
    if (seen.has(related.id) || (isHandedOn && !module.exports.has(related.metatype))) continue;
    seen.add(related.id);
    const own = related.exports.has(token as never) ? related.providers.get(token as never) : undefined;
    const found = own ?? amongImports(related, token, seen, true);
    if (found) return found;
  }
  return undefined;
}
