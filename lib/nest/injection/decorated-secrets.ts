import type { ModulesContainer } from '@nestjs/core';
import type { Requirement } from '../../core/client/requirement.js';
import { classSecrets } from './class-secrets.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';

type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** What the classes and providers of this app ask of a connection; the process-wide registry is not asked. */
export function decoratedSecrets(
  container: ModulesContainer,
  connection: string,
  isOverridden: (token: string) => boolean,
): Requirement[] {
  const wanted: Requirement[] = [];
  const add = (request: SecretRequest, need: Requirement['need'], token: string): void => {
    if (request.connection !== connection || isOverridden(token) || isOverridden(request.token)) return;
    const { name, field, version, overlap } = request;
    wanted.push({ name, field, version, overlap, need });
  };
  for (const module of container.values()) {
    for (const { metatype, inject } of wrappersOf(module)) {
      for (const { request, place } of classSecrets(metatype)) {
        const required = place === 'constructor' || place === 'property';
        add(request, required ? (request.optional ? 'may' : 'must') : 'try', request.token);
      }
      for (const entry of inject ?? []) {
        const { token, optional } = tokenOf(entry);
        const request = registry.requestOf(token);
        if (request) add(request, request.optional || optional ? 'may' : 'must', token as string);
      }
    }
  }
  return wanted;
}

function* wrappersOf({ providers, controllers, injectables }: AppModule): Iterable<{
  metatype: unknown;
  inject?: readonly unknown[] | null | undefined;
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
