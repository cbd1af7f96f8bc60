import { Scope } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Requirement, SecretConsumer } from '../../core/client/requirement.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { ClassSecret } from './class-secrets.js';
import { classSecrets } from './class-secrets.js';
import { isFilled } from './method-secrets.js';
import { registry } from './registry.js';
import { isOwnFactory } from './secret.providers.js';
import type { SecretRequest } from './secret-request.js';

type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** What the classes and providers of this app ask of a connection; the process-wide registry is not asked. */
export function decoratedSecrets(
  container: ModulesContainer,
  connection: string,
  isOverridden: (token: string) => boolean,
  /** Milliseconds: how long refs that say nothing accept replaced values. */
  overlap: number,
): Requirement[] {
  const wanted: Requirement[] = [];
  const add = (request: SecretRequest, need: Requirement['need'], token: string, consumer: SecretConsumer): void => {
    if (request.connection !== connection || isOverridden(token) || isOverridden(request.token)) return;
    const { name, field, version } = request;
    wanted.push({
      name,
      field,
      version,
      need,
      overlap: request.kind === 'ref' ? (request.overlap ?? overlap) : undefined,
      consumer,
    });
  };
  for (const module of container.values()) {
    for (const { metatype, inject, scope, token: provided } of wrappersOf(module)) {
      // Providers of our own stand for all that this process has recorded: in a class that is only imported, in another app.
      if (isOwnFactory(metatype)) continue;
      for (const { request, place, member } of classSecrets(metatype)) {
        const type = metatype as Constructor;
        if (request.connection === connection) checkPlace(type, place, member, scope);
        const required = place === 'constructor' || place === 'property';
        add(request, required ? (request.optional ? 'optional' : 'required') : 'preload', request.token, {
          kind: 'class',
          name: type.name,
          member: String(member ?? 'constructor'),
        });
      }
      for (const entry of inject ?? []) {
        const { token, optional } = tokenOf(entry);
        const request = registry.requestOf(token);
        if (!request) continue;
        const consumer = { kind: 'provider', name: nameOf(provided) } as const;
        add(request, request.optional || optional ? 'optional' : 'required', token as string, consumer);
      }
    }
  }
  return wanted;
}

/**
 * Refuses handlers on classes that are request-scoped through what they inject. Called when all of the app is built:
 * only then does Nest know every dependency.
 */
export function refuseScopedHandlers(container: ModulesContainer, connection: string): void {
  for (const module of container.values()) {
    for (const wrapper of wrappersOf(module)) {
      const type = wrapper.metatype as Constructor;
      for (const { request, place, member } of classSecrets(type)) {
        if (place !== 'handler' || request.connection !== connection || wrapper.isDependencyTreeStatic()) continue;
        checkPlace(type, place, member, Scope.REQUEST);
      }
    }
  }
}

type Constructor = abstract new (...parameters: never[]) => object;

/** Refuses what would go unheard or unfilled while the app runs. */
function checkPlace(
  type: Constructor,
  place: ClassSecret['place'],
  member: ClassSecret['member'],
  scope: unknown,
): void {
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

function* wrappersOf({ providers, controllers, injectables }: AppModule): Iterable<{
  metatype: unknown;
  token: unknown;
  scope?: unknown;
  inject?: readonly unknown[] | null | undefined;
  isDependencyTreeStatic(): boolean;
}> {
  yield* providers.values();
  yield* controllers.values();
  yield* injectables.values();
}

function tokenOf(entry: unknown): { token: unknown; optional: boolean } {
  if (typeof entry === 'object' && entry !== null && 'token' in entry) {
    return { token: entry.token, optional: 'optional' in entry && entry.optional === true };
  }
  return { token: entry, optional: false };
}

const nameOf = (token: unknown): string => (typeof token === 'function' ? token.name : String(token));
