import { Scope } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Requirement, SecretConsumer } from '../../core/client/requirement.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { SecretMethod } from './app-secrets.js';
import { AppSecrets } from './app-secrets.js';
import type { ClassSecret } from './class-secrets.js';
import { isFilled } from './method-secrets.js';
import type { AppWrapper } from './nest-container.js';
import type { SecretRequest } from './secret-request.js';
import type { TokenConsumer } from './token-consumers.js';

/** What the consumers of an app, and tokens that were made by hand, ask of the first load. */
export function requirementsOf(
  consumers: readonly Pick<TokenConsumer, 'request' | 'need' | 'consumer'>[],
  handmade: readonly SecretRequest[],
  /** Milliseconds: how long refs that say nothing accept replaced values. */
  overlap: number,
): Requirement[] {
  const asked = consumers.map(({ request, need, consumer }) => requirementOf(request, need, consumer, overlap));
  return [...asked, ...handmade.map((request) => requirementOf(request, 'preload', undefined, overlap))];
}

const requirementOf = (
  { kind, name, field, version, overlap: own }: SecretRequest,
  need: Requirement['need'],
  consumer: SecretConsumer | undefined,
  overlap: number,
): Requirement => ({
  name,
  field,
  version,
  need,
  overlap: kind === 'ref' ? (own ?? overlap) : undefined,
  consumer,
});

/** Refuses methods whose secrets nothing would fill, and handlers without one instance to tell, by what the classes themselves say. */
export function checkPlaces(container: ModulesContainer, connection: string): void {
  for (const { wrapper, secret } of methodsOf(container, connection)) checkPlace(wrapper, secret, wrapper.scope);
}

/**
 * Refuses handlers on classes that are request-scoped through what they inject. Called when all of the app is built:
 * only then does Nest know every dependency.
 */
export function refuseScopedHandlers(container: ModulesContainer, connection: string): void {
  for (const { wrapper, secret } of methodsOf(container, connection)) {
    if (secret.place !== 'handler' || wrapper.isDependencyTreeStatic()) continue;
    checkPlace(wrapper, secret, Scope.REQUEST);
  }
}

const methodsOf = (container: ModulesContainer, connection: string): SecretMethod[] =>
  AppSecrets.of(container).methods.filter(({ secret }) => secret.request.connection === connection);

type Constructor = abstract new (...parameters: never[]) => object;

/** Refuses what would go unheard or unfilled while the app runs. */
function checkPlace({ metatype }: AppWrapper, { place, member }: ClassSecret, scope: unknown): void {
  const type = metatype as Constructor;
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
