import type { FactoryProvider, Provider } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { HcpVaultClient } from '../../core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { Audit } from '../../core/observe/audit.js';
import { ConfigViews } from '../config/config-views.js';
import { configToken } from '../config/register-secrets.js';
import { isUnshown } from '../config/unshown-names.js';
import type { AuditedPlaces } from '../injection/audited-places.js';
import { AppConsumers } from '../injection/app-consumers.js';
import { checkPlaces, requirementsOf } from '../injection/decorated-secrets.js';
import { SecretHub } from '../injection/secret-hub.js';
import { SecretLinker } from '../injection/secret-linker.js';
import { DEFAULT_CONNECTION, getClientToken, getSecretSourceToken, internalToken } from '../injection/tokens.js';
import { AppStart } from '../lifecycle/app-start.js';
import { ConnectionLifecycle } from '../lifecycle/connection-lifecycle.js';
import { middlewareSecrets } from '../lifecycle/middleware-secrets.js';
import { watchOptions } from '../lifecycle/options-watch.js';
import type { RefreshSchedule } from '../lifecycle/refresh-schedule.js';
import { checkCron, createRefreshSchedule } from '../lifecycle/refresh-schedule.js';
import { checkSource, defaultSource } from './default-source.js';
import { OptionsArrival } from './options-arrival.js';

/**
 * The providers of one connection, but for its options and its secrets.
 * @param areGiven whether its options are there already, and nothing is to be waited for
 */
export function connectionProviders(connection: string, namespace: string | undefined, areGiven: boolean): Provider[] {
  const options = internalToken('Options', connection);
  const arrival = internalToken('Arrival', connection);
  const source = getSecretSourceToken(connection);
  const runtimeToken = internalToken('Runtime', connection);
  const linker = internalToken('Linker', connection);
  const views = internalToken('ConfigViews', connection);
  const schedule = internalToken('RefreshSchedule', connection);
  const providers: FactoryProvider[] = [
    {
      provide: linker,
      inject: [ModulesContainer],
      useFactory: (container: ModulesContainer) => {
        AppStart.of(container).listen();
        const link = new SecretLinker(connection, container);
        if (!areGiven) watchOptions(link.tokens.get(options), connection);
        return link;
      },
    },
    // After the linker, which refuses options that would never arrive.
    { provide: arrival, inject: [linker], useFactory: () => new OptionsArrival() },
    {
      provide: source,
      inject: [arrival, ModulesContainer],
      useFactory: (arriving: OptionsArrival, container: ModulesContainer) =>
        AppStart.of(container).part(async () => {
          const outcome = await arriving.outcome;
          outcome.throwFailure();
          const given = outcome.options.source;
          return given === undefined ? defaultSource(connection) : checkSource(given, connection);
        }),
    },
    {
      provide: views,
      inject: [ModulesContainer, { token: 'CONFIGURATION_TOKEN', optional: true }],
      useFactory: (container: ModulesContainer, host?: Record<string, unknown>) =>
        AppStart.of(container).part(() => new ConfigViews(connection, namespace, container, host)),
    },
    {
      provide: runtimeToken,
      inject: [arrival, source, linker, views, ModulesContainer],
      useFactory: (
        arriving: OptionsArrival,
        secretSource: unknown,
        link: SecretLinker,
        configViews: ConfigViews,
        container: ModulesContainer,
      ) => {
        const start = AppStart.of(container);
        const opening = start.part(async () => {
          const given = (await arriving.outcome).options;
          const opened = new SecretRuntime({
            ...given,
            source: checkSource(secretSource, connection),
            connection,
            logger: new Logger('HcpVaultModule'),
          });
          checkCron(opened, container);
          checkPlaces(container, connection);
          const consumers = {
            container,
            connection,
            serves: link.serves.bind(link),
            isShown: (name: string) => !isUnshown(name),
          };
          opened.consumers.addPort(new AppConsumers({ ...consumers, namespaces: () => configViews.namespaces }));
          link.link(opened, middlewareSecrets(container, link, opened));
          await start.open(opened, async () => {
            const wanted = requirementsOf(link.consumers, link.handmade, opened.options.overlap);
            await opened.bootstrap(wanted, given.preload ?? (configViews.isShown ? 'all' : 'decorated'));
          });
          configViews.bind(opened);
          if (opened.audit) {
            const places = await auditedPlaces(opened, opened.audit, link);
            places.watchFactories(container, consumers.serves);
          }
          return opened;
        });
        link.openedBy(opening);
        return opening;
      },
    },
    {
      provide: getClientToken(connection),
      inject: [runtimeToken],
      useFactory: (runtime: SecretRuntime) =>
        runtime.audit ? auditedClient(runtime, runtime.audit) : new HcpVaultClient(runtime),
    },
    {
      provide: internalToken('Hub', connection),
      inject: [runtimeToken, linker],
      useFactory: (runtime: SecretRuntime, link: SecretLinker) =>
        runtime.audit
          ? auditedPlaces(runtime, runtime.audit, link).then((places) => new SecretHub(runtime, link, places))
          : new SecretHub(runtime, link),
    },
    {
      provide: schedule,
      inject: [runtimeToken, ModulesContainer],
      useFactory: (runtime: SecretRuntime, container: ModulesContainer) =>
        AppStart.of(container).part(() => createRefreshSchedule(runtime, container)),
    },
    {
      provide: internalToken('Lifecycle', connection),
      inject: [runtimeToken, linker, views, schedule, ModulesContainer],
      useFactory: (
        runtime: SecretRuntime,
        link: SecretLinker,
        configViews: ConfigViews,
        refresh: RefreshSchedule,
        container: ModulesContainer,
      ) => new ConnectionLifecycle(runtime, link, configViews, refresh, container),
    },
  ];
  if (namespace !== undefined) {
    providers.push({
      provide: configToken(namespace),
      inject: [views, runtimeToken],
      useFactory: (configViews: ConfigViews) => configViews.view,
    });
  }
  if (connection !== DEFAULT_CONNECTION) return providers;
  return [...providers, { provide: HcpVaultClient, useExisting: getClientToken(connection) }];
}

/** Loaded when it is used: few apps are audited. */
async function auditedPlaces(runtime: SecretRuntime, audit: Audit, link: SecretLinker): Promise<AuditedPlaces> {
  const places = await import('../injection/audited-places.js');
  return new places.AuditedPlaces(runtime, audit, link.isGivenElsewhere.bind(link));
}

async function auditedClient(runtime: SecretRuntime, audit: Audit): Promise<HcpVaultClient> {
  const audited = await import('../../core/client/audited-client.js');
  return audited.auditedClient(runtime, audit);
}

/** What other modules may inject of a connection, beside its secrets. */
export function connectionExports(connection: string, namespace: string | undefined): unknown[] {
  return [
    internalToken('Runtime', connection),
    internalToken('Linker', connection),
    internalToken('Hub', connection),
    getClientToken(connection),
    ...(namespace === undefined ? [] : [configToken(namespace)]),
    ...(connection === DEFAULT_CONNECTION ? [HcpVaultClient] : []),
  ];
}
