import type { ModulesContainer } from '@nestjs/core';
import type { Requirement, SecretConsumer } from '../../core/client/requirement.js';
import type { ClassSecret } from './class-secrets.js';
import { classSecrets } from './class-secrets.js';
import { isHiddenSlot } from './hidden-slot.js';
import type { AppModule, AppWrapper } from './nest-container.js';
import { nameOfToken, wrappersOf } from './nest-container.js';
import type { NestDependency } from './nest-dependencies.js';
import { dependenciesOf } from './nest-dependencies.js';
import { registry } from './registry.js';
import { isOwnFactory } from './secret.providers.js';
import type { SecretRequest } from './secret-request.js';

/** One place of an app that a secret's token is injected into. */
export interface TokenConsumer {
  readonly token: string;
  readonly request: SecretRequest;
  readonly need: Requirement['need'];
  readonly consumer: SecretConsumer;
  readonly module: AppModule;
}

/**
 * Who consumes secrets in an app, by Nest's own metadata: what Nest does not inject is not asked for, as a base class's parameter that a subclass has replaced.
 * The process-wide registry only tells which tokens are secrets'.
 */
export function tokenConsumers(container: ModulesContainer): TokenConsumer[] {
  return [...container.values()].flatMap((module) =>
    [...wrappersOf(module)].flatMap((wrapper) => consumedBy(wrapper, module)),
  );
}

/** What one provider, controller, enhancer or middleware consumes. */
export function consumedBy(wrapper: AppWrapper, module: AppModule): TokenConsumer[] {
  // Providers of our own stand for all that this process has recorded: in a class that is only imported, in another app.
  if (isOwnFactory(wrapper.metatype)) return [];
  return dependenciesOf(wrapper).flatMap((dependency) => {
    const request = registry.requestOf(dependency.token);
    if (!request) return [];
    const { token } = dependency as { token: string };
    const consumer = consumerOf(wrapper, dependency, request);
    return [{ token, request, need: needOf(dependency, request), consumer, module }];
  });
}

/** Hidden injections only read ahead. */
export function needOf({ at, isOptional }: NestDependency, request: SecretRequest): Requirement['need'] {
  if (isHiddenSlot(at)) return 'preload';
  return isOptional || request.optional ? 'optional' : 'required';
}

/** Who gets it, for people: a hidden injection stands for a method. */
export function consumerOf(
  { inject, metatype, token }: AppWrapper,
  { at }: NestDependency,
  { name }: SecretRequest,
): SecretConsumer {
  if (inject || typeof metatype !== 'function') return { kind: 'provider', name: nameOfToken(token) };
  const consumer = { kind: 'class', name: metatype.name } as const;
  if (typeof at === 'number') return { ...consumer, member: 'constructor' };
  if (!isHiddenSlot(at)) return { ...consumer, member: String(at) };
  const isMethod = ({ place, request }: ClassSecret): boolean =>
    (place === 'method' || place === 'handler') && request.name === name;
  return { ...consumer, member: String(classSecrets(metatype).find(isMethod)?.member ?? '') };
}
