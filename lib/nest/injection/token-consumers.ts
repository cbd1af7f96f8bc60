import type { Requirement, SecretConsumer } from '../../core/client/requirement.js';
import type { ClassSecret } from './class-secrets.js';
import { classSecrets } from './class-secrets.js';
import { isHiddenSlot } from './hidden-slot.js';
import type { AppModule, AppWrapper } from './nest-container.js';
import { nameOfToken } from './nest-container.js';
import type { NestDependency } from './nest-dependencies.js';
import { dependenciesOf } from './nest-dependencies.js';
import { registry } from './registry.js';
import { isResourceFactory } from './resource-factories.js';
import type { SecretRequest } from './secret-request.js';

/** One place of an app that a secret's token is injected into. */
export interface TokenConsumer {
  readonly token: string;
  readonly request: SecretRequest;
  readonly need: Requirement['need'];
  readonly consumer: SecretConsumer;
  readonly module: AppModule;
}

/** What one provider, controller, enhancer or middleware consumes. */
export function consumedBy(
  wrapper: AppWrapper,
  module: AppModule,
  dependencies: readonly NestDependency[] = dependenciesOf(wrapper),
  /** What it is added to. */
  consumers: TokenConsumer[] = [],
): TokenConsumer[] {
  for (const dependency of dependencies) {
    const request = registry.requestOf(dependency.token);
    if (!request) continue;
    const { token } = dependency as { token: string };
    const consumer = consumerOf(wrapper, dependency, request);
    consumers.push({ token, request, need: needOf(dependency, request), consumer, module });
  }
  return consumers;
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
  if (inject || typeof metatype !== 'function') {
    return { kind: isResourceFactory(metatype) ? 'resource' : 'provider', name: nameOfToken(token) };
  }
  if (typeof at === 'number') return { kind: 'class', name: metatype.name, member: 'constructor' };
  if (!isHiddenSlot(at)) return { kind: 'class', name: metatype.name, member: String(at) };
  const isMethod = ({ place, request }: ClassSecret): boolean =>
    (place === 'method' || place === 'handler') && request.name === name;
  const method = classSecrets(metatype).find(isMethod);
  return method ? methodConsumer(metatype, method) : { kind: 'class', name: metatype.name, member: '' };
}

/** A method with secrets in its parameters, or a handler. */
export const methodConsumer = (
  { name }: { readonly name: string },
  { place, member }: Pick<ClassSecret, 'place' | 'member'>,
): SecretConsumer => ({
  kind: place === 'handler' ? 'handler' : 'class',
  name,
  member: place === 'constructor' ? place : String(member),
});
