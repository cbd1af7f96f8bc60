import type { Provider } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Hearer } from '../../core/announced.js';
import type { ClientClass } from '../../core/client/client-classes.js';
import { clientClasses } from '../../core/client/client-classes.js';
import type { RegisteredView } from '../config/registered-views.js';
import { registeredViews, viewProvider } from '../config/registered-views.js';
import { DEFAULT_CONNECTION, getClientToken, internalToken } from './tokens.js';

type OfferedProvider = Extract<Provider, { provide: unknown }>;
type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

/**
 * What the module of a connection provides beside its secrets, and that is known only at run time: views of ConfigService, and the client by the classes of
 * other copies of this package.
 */
export class OfferedTokens {
  readonly #views: Hearer<RegisteredView>;
  readonly #clients: Hearer<ClientClass>;

  private constructor(connection: string, add: (provider: OfferedProvider) => void) {
    this.#views = { hear: (view) => view.connection === connection && add(viewProvider(view)) };
    this.#clients = {
      hear: (type) =>
        connection === DEFAULT_CONNECTION && add({ provide: type, useExisting: getClientToken(connection) }),
    };
    registeredViews.addHearer(this.#views);
    clientClasses.addHearer(this.#clients);
  }

  /** Pushed into the arrays of a module definition until Nest reads them. What comes back has to be held. */
  static intoArrays(connection: string, providers: Provider[], exports: unknown[]): OfferedTokens {
    return new OfferedTokens(connection, (provider) => {
      if (exports.includes(provider.provide)) return;
      providers.push(provider);
      exports.push(provider.provide);
    });
  }

  /** Added to the connection's module in an app at work: what modules that are loaded lazily bring along. What comes back has to be held. */
  static intoApp(connection: string, container: ModulesContainer): OfferedTokens {
    const token = internalToken('ConfigViews', connection);
    const host = [...container.values()].find((module: AppModule) => module.getProviderByKey(token) !== undefined);
    return new OfferedTokens(connection, (provider) => {
      if (!host || host.getProviderByKey(provider.provide) !== undefined) return;
      host.addProvider(provider);
      host.exports.add(provider.provide);
    });
  }
}
