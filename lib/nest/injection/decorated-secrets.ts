import { Scope } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Requirement } from '../../core/client/requirement.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { ClassSecret } from './class-secrets.js';
import { classSecrets } from './class-secrets.js';
import { isFilled } from './method-secrets.js';
import { wrappersOf } from './nest-container.js';
import type { SecretRequest } from './secret-request.js';
import type { TokenConsumer } from './token-consumers.js';

/** What the consumers of an app, and tokens that were made by hand, ask of the first load. */
export function requirementsOf(
  consumers: readonly Pick<TokenConsumer, 'request' | 'need' | 'consumer'>[],
  handmade: readonly SecretRequest[],
  /** Milliseconds: how long refs that say nothing accept replaced values. */
  overlap: number,
): Requirement[] {
  const asked = consumers.map(({ request, need, consumer }) => ({ ...partOf(request, overlap), need, consumer }));
  return [...asked, ...handmade.map((request) => ({ ...partOf(request, overlap), need: 'preload' as const }))];
}

const partOf = (
  { kind, name, field, version, overlap: own }: SecretRequest,
  overlap: number,
): Omit<Requirement, 'need'> => ({
  name,
  field,
  version,
  overlap: kind === 'ref' ? (own ?? overlap) : undefined,
});

/** Refuses methods whose secrets nothing would fill, and handlers without one instance to tell, by what the classes themselves say. */
export function checkPlaces(container: ModulesContainer, connection: string): void {
  forEachSecret(container, connection, (type, secret, scope) => checkPlace(type, secret, scope));
}

/**
 * Refuses handlers on classes that are request-scoped through what they inject. Called when all of the app is built:
 * only then does Nest know every dependency.
 */
export function refuseScopedHandlers(container: ModulesContainer, connection: string): void {
  forEachSecret(container, connection, (type, secret, _, isStatic) => {
    if (secret.place === 'handler' && !isStatic()) checkPlace(type, secret, Scope.REQUEST);
  });
}

type Constructor = abstract new (...parameters: never[]) => object;

function forEachSecret(
  container: ModulesContainer,
  connection: string,
  check: (type: Constructor, secret: ClassSecret, scope: unknown, isStatic: () => boolean) => void,
): void {
  for (const module of container.values()) {
    for (const wrapper of wrappersOf(module)) {
      for (const secret of classSecrets(wrapper.metatype)) {
        if (secret.request.connection !== connection) continue;
        check(wrapper.metatype as Constructor, secret, wrapper.scope, () => wrapper.isDependencyTreeStatic());
      }
    }
  }
}

/** Refuses what would go unheard or unfilled while the app runs. */
function checkPlace(type: Constructor, { place, member }: ClassSecret, scope: unknown): void {
  const where = `${type.name}.${String(member)}`;
  if (place === 'method' && !isFilled(type.prototype as object, member!)) {
    throw new SecretConfigurationError(
      `${where} has parameters with secrets, and nothing fills them: put @WithSecrets() on the method.`,
    );
  }
  if (place === 'handler' && (scope === Scope.REQUEST || scope === Scope.TRANSIENT)) {
    throw new SecretConfigurationError(
      `@OnSecretRotated stands on ${where}, and ${type.name} is request-scoped or transient (by itself, or through what it injects), so there is no one instance to tell. Put it on a singleton.`,
    );
  }
}
