import type { FactoryProvider } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
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

/** What provides views: the arrays of a module definition, or the module of an app at work. */
export interface ViewHost {
  readonly connection: string;
  addView(view: RegisteredView): void;
}

/** All that `registerSecrets` was called with in this process. It says which tokens there may be, never what an app shows. */
class RegisteredViews {
  readonly #views = new Map<string, RegisteredView>();
  readonly #hosts = new Set<WeakRef<ViewHost>>();

  record(view: RegisteredView): void {
    if (this.#views.has(view.token)) return;
    this.#views.set(view.token, view);
    for (const reference of this.#hosts) {
      const host = reference.deref();
      if (!host) this.#hosts.delete(reference);
      else if (host.connection === view.connection) host.addView(view);
    }
  }

  of(connection: string): RegisteredView[] {
    return [...this.#views.values()].filter((view) => view.connection === connection);
  }

  /** From now on the host is told of every view of its connection. Held weakly. */
  addHost(host: ViewHost): void {
    this.#hosts.add(new WeakRef(host));
    for (const view of this.of(host.connection)) host.addView(view);
  }
}

// Copies of this package that live in one process share it, as they share the registry of secrets.
const key = Symbol.for('nestjs-hcp-vault.views.1');
const shared = globalThis as unknown as Record<symbol, RegisteredViews | undefined>;
export const registeredViews: RegisteredViews = (shared[key] ??= new RegisteredViews());

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
export function viewsIn(container: ModulesContainer, connection: string): { loaded: string[]; isInjected: boolean } {
  const tokens = new Set<unknown>(registeredViews.of(connection).map(({ token }) => token));
  const loaded = new Set<string>();
  let isInjected = false;
  for (const module of container.values()) {
    for (const wrapper of wrappersOf(module)) {
      const view = registeredBy(wrapper.metatype);
      if (view?.connection === connection) loaded.add(view.namespace);
      isInjected ||= tokens.size > 0 && dependenciesOf(wrapper).some(({ token }) => tokens.has(token));
    }
  }
  return { loaded: [...loaded], isInjected };
}

function registeredBy(metatype: unknown): RegisteredView | undefined {
  if (typeof metatype !== 'function') return undefined;
  return Object.getOwnPropertyDescriptor(metatype, registeredSymbol)?.value as RegisteredView | undefined;
}
