import { Logger } from '@nestjs/common';
import type {
  AbstractHttpAdapter,
  ApplicationConfig,
  HttpAdapterHost,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { hostname } from 'node:os';
import type { HcpVaultClient } from '../../core/client/hcp-vault-client.js';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { PACKAGE_VERSION } from '../../core/package-version.js';
import { hideInOutput } from '../../core/redaction.js';
import { guardedLogger } from '../../core/refresh/guarded-logger.js';
import { StatusFeed } from '../../core/status/status-feed.js';
import type { Replica } from '../../core/status/status-report.js';
import { AppSecrets } from '../injection/app-secrets.js';
import { getClientToken, internalToken } from '../injection/tokens.js';
import { AppStart } from '../lifecycle/app-start.js';
import { Doorkeeper } from './doorkeeper.js';
import type { PlatformRequest, PlatformResponse } from './platform.js';
import { StatusActions } from './status-actions.js';
import { StatusHandler } from './status-handler.js';
import type { StatusAccess, StatusSettings } from './status-options.js';
import { Viewers } from './viewers.js';

/** What Nest gives a module of the app that it is in. */
export interface StatusSurroundings {
  readonly host: HttpAdapterHost;
  readonly config: ApplicationConfig;
  readonly modules: ModuleRef;
  readonly container: ModulesContainer;
}

type Route = (request: PlatformRequest, response: PlatformResponse) => unknown;

/** Milliseconds in which connections whose stream has ended are seen to be idle: Express would else keep the process for seconds. */
const SETTLING = 20;

/** The paths of each app's status pages. */
const taken = new WeakMap<ModulesContainer, Set<string>>();

/**
 * Puts the page before an app's own routes, by the adapter: with the platform's own request, as guards know it, and without what is global in the app, whose
 * guards would take the page's token for theirs, and whose interceptors would wrap what it answers.
 */
export class StatusMount {
  private constructor(private readonly viewers: Viewers) {
    Object.defineProperty(this, 'viewers', { enumerable: false });
  }

  /** Rejects with SecretConfigurationError, and the start fails. */
  static async open(settings: StatusSettings, access: StatusAccess, given: StatusSurroundings): Promise<StatusMount> {
    try {
      return StatusMount.#opened(settings, access, given);
    } catch (error) {
      await AppStart.of(given.container).fail();
      throw error;
    }
  }

  static #opened(settings: StatusSettings, access: StatusAccess, surroundings: StatusSurroundings): StatusMount {
    const { host, config, modules, container } = surroundings;
    const adapter = host.httpAdapter as AbstractHttpAdapter | undefined;
    const path = pathBelow(settings.path, config);
    take(path, container);
    const connections = [...AppSecrets.of(container).connections].sort();
    const runtimes = connections.map((name) => found<SecretRuntime>(modules, internalToken('Runtime', name)));
    const clients = connections.map((name) => found<HcpVaultClient>(modules, getClientToken(name)));
    const viewers = new Viewers(new StatusFeed(runtimes, replicaOf()));
    const logger = guardedLogger(new Logger('HcpVaultModule'));
    const actions = settings.hasActions ? new StatusActions({ runtimes, clients, logger }) : undefined;
    const handler = new StatusHandler({ doorkeeper: new Doorkeeper(access, modules, logger), viewers, actions });
    if (!adapter) return new StatusMount(viewers); // an app without HTTP
    const routes = adapter as unknown as Record<'get' | 'post', (path: string, route: Route) => unknown>;
    routes.get(path, (request, response) => handler.show(request, response));
    routes.get(`${path}/events`, (request, response) => handler.stream(request, response));
    if (actions) routes.post(`${path}/actions`, (request, response) => handler.act(request, response));
    logger.log(`The status of secrets is at ${path} (${toldOf(access)}${actions ? ', with actions' : ''}).`);
    if (access.kind === 'open') {
      logger.warn(`The status page at ${path} is open: whoever reaches it sees names of secrets and of classes.`);
    }
    return new StatusMount(viewers);
  }

  async close(): Promise<void> {
    if (this.viewers.close()) await new Promise((resolve) => setTimeout(resolve, SETTLING));
  }

  static {
    hideInOutput(StatusMount.prototype, () => '[secrets status page]');
  }
}

/** With the app's global prefix, unless the app leaves the path out of it. */
function pathBelow(path: string, config: ApplicationConfig): string {
  const prefix = `/${config.getGlobalPrefix()}`.replace(/\/+/g, '/').replace(/\/$/, '');
  const { exclude = [] } = config.getGlobalPrefixOptions();
  return exclude.some(({ pathRegex }) => pathRegex.test(path)) ? path : prefix + path;
}

function take(path: string, container: ModulesContainer): void {
  const paths = taken.get(container) ?? new Set<string>();
  taken.set(container, paths);
  if (paths.has(path)) {
    throw new SecretConfigurationError(`two status pages have the path "${path}".`, { advice: 'Give each its own.' });
  }
  paths.add(path);
}

const found = <T>(modules: ModuleRef, token: string): T => modules.get<string, T>(token, { strict: false });

const toldOf = ({ kind }: StatusAccess): string =>
  kind === 'guard' ? 'behind its guard' : kind === 'token' ? 'with its token' : 'open to all';

const replicaOf = (): Replica => ({
  host: hostname(),
  pid: process.pid,
  startedAt: new Date(Date.now() - process.uptime() * 1000),
  version: PACKAGE_VERSION,
  node: process.version,
});
