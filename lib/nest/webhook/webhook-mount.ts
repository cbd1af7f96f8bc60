import type { MiddlewareConsumer, OnModuleDestroy } from '@nestjs/common';
import { Logger, RequestMethod } from '@nestjs/common';
import type { AbstractHttpAdapter, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { ServerResponse } from 'node:http';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { guardedLogger } from '../../core/refresh/guarded-logger.js';
import type { WebhookListener } from '../../core/webhook/webhook-endpoint.js';
import { WebhookEndpoint } from '../../core/webhook/webhook-endpoint.js';
import type { WebhookVerifier } from '../../core/webhook/webhook-verifier.js';
import { internalToken } from '../injection/tokens.js';
import { AppStart } from '../lifecycle/app-start.js';
import type { ParsedRequest } from './request-body.js';
import { WebhookHandler } from './webhook-handler.js';
import type { WebhookPlace } from './webhook-options.js';

type Handler = (request: ParsedRequest, response: ServerResponse, next: () => void) => void;

const LOGGER = 'HcpVaultModule';
const RAW_BODY = 'NestFactory.create(AppModule, { rawBody: true })';

/** The paths of each app's webhooks. */
const taken = new WeakMap<ModulesContainer, Set<string>>();

/**
 * Puts one webhook before an app's parsers, so that it has the bytes that were signed, and bounds of its own; and so before guards, pipes, interceptors and
 * filters, for the sender's signature is what it is let in by.
 */
export class WebhookMount implements OnModuleDestroy {
  readonly #place: WebhookPlace;
  readonly #verifier: WebhookVerifier;
  #handler: WebhookHandler | undefined;
  #endpoint: WebhookEndpoint | undefined;
  /** What the app's start said of its parsers; undefined where it has none of Nest's. */
  #parsers: { readonly isRaw: boolean } | undefined;

  constructor(
    place: WebhookPlace,
    verifier: WebhookVerifier,
    host: HttpAdapterHost,
    private readonly modules: ModuleRef,
    private readonly container: ModulesContainer,
  ) {
    this.#place = place;
    this.#verifier = verifier;
    // Where the app is made after its modules, as in tests, the adapter comes later.
    host.init$.subscribe(() => this.#goBeforeParsers(host.httpAdapter));
  }

  /** Called when the app has its parsers, and all that it injects. Rejects with SecretConfigurationError, and the start fails. */
  async configure(consumer: MiddlewareConsumer): Promise<void> {
    const start = AppStart.of(this.container);
    try {
      this.#open();
    } catch (error) {
      await start.fail();
      throw error;
    }
    if (this.#parsers) return;
    // An app that brings its own parsers: Nest's way to a path is behind them.
    const { path } = this.#place;
    consumer
      .apply((...[request, response, next]: Parameters<Handler>) =>
        // A framework may hand on what is below the path, too.
        isAt(path, request) ? this.#handle(request, response, next) : next(),
      )
      .forRoutes({ path, method: RequestMethod.ALL });
  }

  onModuleDestroy(): void {
    this.#endpoint?.close();
  }

  #open(): void {
    const { path } = this.#place;
    if (this.#parsers?.isRaw === false) throw withoutRawBody(path);
    const paths = taken.get(this.container) ?? new Set<string>();
    taken.set(this.container, paths);
    if (paths.has(path)) {
      throw new SecretConfigurationError(`two webhooks have the path "${path}".`, { advice: 'Give each its own.' });
    }
    paths.add(path);
    const logger = new Logger(LOGGER);
    const listeners = this.#place.connections.map((connection) => this.#listener(connection));
    const endpoint = (this.#endpoint = new WebhookEndpoint({ path, verifier: this.#verifier, listeners, logger }));
    this.#handler = new WebhookHandler(endpoint, () => this.#tellOfTaken());
  }

  #listener(connection: string): WebhookListener {
    let runtime: SecretRuntime;
    try {
      runtime = this.modules.get<string, SecretRuntime>(internalToken('Runtime', connection), { strict: false });
    } catch {
      throw new SecretConfigurationError(
        `the webhook at "${this.#place.path}" is for a connection that there is not.`,
        {
          connection,
          advice: `Import HcpVaultModule.forRoot({ connection: ${JSON.stringify(connection)}, … }), or correct \`connection\` of the webhook.`,
        },
      );
    }
    return {
      connection,
      clock: runtime.clock,
      announce: (changes, isOnce) => runtime.announce(changes, isOnce),
    };
  }

  /** Nest calls the adapter when the app's own middleware is in place, and says whether bodies are kept as they came. */
  #goBeforeParsers(adapter: AbstractHttpAdapter | null | undefined): void {
    if (!adapter) return; // an app without HTTP
    const register = adapter.registerParserMiddleware.bind(adapter);
    adapter.registerParserMiddleware = (prefix?: string, rawBody?: boolean) => {
      this.#parsers = { isRaw: rawBody === true };
      const paths = this.#pathsBelow(prefix);
      const handler: Handler = (request, response, next) =>
        paths.has(pathOf(request)) ? this.#handle(request, response, next) : next();
      (adapter as unknown as { use(handler: Handler): void }).use(handler);
      return register(prefix, rawBody) as unknown;
    };
  }

  /** With the global prefix, and without: an app may leave some paths out of it. */
  #pathsBelow(prefix = ''): ReadonlySet<string> {
    const { path } = this.#place;
    const below = `/${prefix}`.replace(/\/+/g, '/').replace(/\/$/, '');
    return new Set([path, below + path].flatMap((whole) => [whole, `${whole}/`]));
  }

  #handle(request: ParsedRequest, response: ServerResponse, next: () => void): void {
    if (!this.#handler) return next();
    void this.#handler.handle(request, response, addressOf(request));
  }

  #isTold = false;

  #tellOfTaken(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    guardedLogger(new Logger(LOGGER)).warn(
      `The webhook at ${this.#place.path} can't check calls: middleware of the app reads their bodies before, and leaves no \`rawBody\`.`,
    );
  }

  static {
    hideInOutput(WebhookMount.prototype, (self) => `[secrets webhook ${self.#place.path}]`);
  }
}

/** Both frameworks may cut `url` to what is left of it below a path. */
function addressOf(request: ParsedRequest & { readonly originalUrl?: unknown }): string {
  const { originalUrl } = request;
  return typeof originalUrl === 'string' ? originalUrl : (request.url ?? '');
}

/** Whether it ends there; what stands before it (a prefix) is the framework's to match, and so is the case of letters. */
const isAt = (path: string, request: ParsedRequest): boolean =>
  pathOf(request).replace(/\/$/, '').toLowerCase().endsWith(path.toLowerCase());

const pathOf = (request: ParsedRequest): string => addressOf(request).split('?', 1)[0]!;

const withoutRawBody = (path: string): SecretConfigurationError =>
  new SecretConfigurationError(`the webhook at "${path}" needs the bytes of each body, for they are what is signed.`, {
    advice: `Create the app with rawBody: true: ${RAW_BODY}`,
  });
