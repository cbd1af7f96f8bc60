import type { FactoryProvider } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { Announced } from '../../core/announced.js';
import { sharedByCopies } from '../../core/shared-by-copies.js';
import { wrappersOf } from '../injection/nest-container.js';
import { dependenciesOf } from '../injection/nest-dependencies.js';
import { internalToken } from '../injection/tokens.js';
import type { ConfigViews } from './config-views.js';

/** What `registerSecrets` was called with. */
export interface RegisteredView {
  readonly namespace: string;
  readonly connection: string;
  /** The token under which the connection's module provides the view: who injects it waits until the secrets are loaded. */
  readonly token: string;
}

/** All that `registerSecrets` was called with in this process. It says which tokens there may be, never what an app shows. */
export const registeredViews: Announced<RegisteredView> = sharedByCopies('views', () => new Announced());

/** The provider of one view, in the module of its connection. */
export function viewProvider({ token, connection }: RegisteredView): FactoryProvider {
  return {
    provide: token,
    inject: [internalToken('ConfigViews', connection), internalToken('Runtime', connection)],
    useFactory: (views: ConfigViews) => views.view,
  };
}

/** The properties by which a function is known as one that `registerSecrets` made, whichever copy of the package that is. */
export const registeredSymbol = Symbol.for('nestjs-hcp-vault.registered');

/** What ConfigModules of this app load, or classes and factories of it inject, of a connection's views. */
export function viewsIn(container: ModulesContainer, connection: string): { loaded: string[]; injected: string[] } {
  const views = registeredViews.entries.filter((view) => view.connection === connection);
  if (views.length === 0) return { loaded: [], injected: [] };
  const byToken = new Map<unknown, string>(views.map(({ token, namespace }) => [token, namespace]));
  const loaded = new Set<string>();
  const injected = new Set<string>();
  for (const module of container.values()) {
    for (const wrapper of wrappersOf(module)) {
      const view = registeredBy(wrapper.metatype);
      if (view?.connection === connection) loaded.add(view.namespace);
      for (const { token } of dependenciesOf(wrapper)) {
        const namespace = byToken.get(token);
        if (namespace !== undefined) injected.add(namespace);
      }
    }
  }
  return { loaded: [...loaded], injected: [...injected] };
}

function registeredBy(metatype: unknown): RegisteredView | undefined {
  if (typeof metatype !== 'function') return undefined;
  return Object.getOwnPropertyDescriptor(metatype, registeredSymbol)?.value as RegisteredView | undefined;
}
