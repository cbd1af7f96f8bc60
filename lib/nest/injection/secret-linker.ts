import type { ModulesContainer } from '@nestjs/core';
import type { Requirement } from '../../core/client/requirement.js';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { isSecretError, SecretConfigurationError } from '../../core/errors/index.js';
import type { SecretState } from '../../core/tracking/secret-state.js';
import { AppSecrets } from './app-secrets.js';
import { ContainerTokens, makeOnDemand } from './container-tokens.js';
import { InjectedValues } from './injected-values.js';
import type { AppModule, AppWrapper } from './nest-container.js';
import { providerFor } from './nest-container.js';
import { dependenciesOf } from './nest-dependencies.js';
import { checkOptionsDependencies } from './options-dependencies.js';
import type { RequestHost, SecretDefault } from './registry.js';
import { registry } from './registry.js';
import { isOwnFactory, providerOf, tokensOf } from './secret.providers.js';
import type { SecretRequest } from './secret-request.js';
import type { TokenConsumer } from './token-consumers.js';
import { needOf } from './token-consumers.js';
import { internalToken } from './tokens.js';
import { refuseUnknownConnections } from './unknown-connections.js';

/**
 * The secrets' tokens of one connection in one app: what the app's classes and providers consume is read and made when the app starts; what else this
 * process has recorded waits until somebody asks for it. Made before anything of the connection, only by the container.
 */
export class SecretLinker implements RequestHost {
  readonly tokens: ContainerTokens;
  /** What the app's own classes and providers are injected with. */
  readonly consumers: readonly TokenConsumer[];
  /** Made by hand before the app: tried, never required. */
  readonly handmade: readonly SecretRequest[];
  readonly #host: AppModule;
  readonly #needs = new Map<string, Requirement['need'][]>();
  /** Providers that nobody consumes, by their factories: Nest has begun to make them, and finishes that. */
  readonly #unconsumed = new Map<object, AppWrapper>();
  /** Those that the start makes. */
  readonly #consumed = new WeakSet<AppWrapper>();
  readonly #opening = deferred<SecretRuntime>();
  #values: InjectedValues | undefined;
  #ahead: (token: string) => Promise<void> = () => Promise.resolve();

  constructor(
    readonly connection: string,
    private readonly container: ModulesContainer,
  ) {
    this.#host = onlyHost(connection, container);
    this.tokens = new ContainerTokens(this.#host, container);
    registry.addHost(this);
    const app = AppSecrets.of(container);
    refuseUnknownConnections(app);
    checkOptionsDependencies(this.#host, connection);
    const ours = app.consumers.filter((consumer) => this.serves(consumer));
    // A default is laid over the token of its secret, which a test may have overridden.
    this.consumers = ours.filter(
      ({ token, request, ...consumer }) =>
        token === request.token || this.serves({ ...consumer, request, token: request.token }),
    );
    this.handmade = registry
      .requestsOf(connection)
      .filter((request) => registry.isHandmade(request) && !this.isOverridden(request.token));
    for (const { token, request, need } of ours) this.#note(token, request, need);
    for (const request of this.handmade) for (const token of tokensOf(request)) this.#note(token, request, 'preload');
    this.#setAside();
    // What the connection is made of may fail before it is opened.
    const made = this.tokens.get(internalToken('Runtime', connection))?.settlementSignal?.asPromise?.();
    void made?.then((error) => error !== undefined && this.#opening.reject(error));
  }

  /** Recorded after Nest has read the module's arrays: by lazily loaded modules, `moduleRef.create`, and by hand. */
  add(request: SecretRequest, fallback?: SecretDefault): void {
    for (const token of tokensOf(request, fallback)) {
      if (this.tokens.get(token) === undefined) this.tokens.add(providerOf(request, token));
    }
  }

  /** Somebody is about to ask the app for it. */
  addHandmade(request: SecretRequest): void {
    for (const token of tokensOf(request)) if (!this.isOverridden(token)) this.tokens.makeTransient(token);
  }

  /**
   * Makes what a token's factory gives. Nothing for one that nobody consumes; undefined, too, where what can't be had is not required of it.
   * @param factory the one that Nest calls
   */
  fill(request: SecretRequest, factory: object, make: Make): Promise<unknown> {
    // There may be many: each waits once, and what is there is made in the turn in which the connection is open.
    return this.#opening.promise.then((runtime) => {
      const unconsumed = this.#unconsumed.get(factory);
      if (unconsumed && !this.tokens.isAwaited(unconsumed)) return undefined;
      const wrapper = unconsumed ?? this.tokens.get(request.token)!;
      if (this.#consumed.has(wrapper)) return this.#make(request, wrapper, runtime, make);
      return this.#ahead(request.token).then(() => this.#make(request, wrapper, runtime, make));
    });
  }

  /**
   * Before anything is injected.
   * @param ahead awaited before a token is made that the start did not know of
   */
  link(runtime: SecretRuntime, ahead: (token: string) => Promise<void>): void {
    this.#values = new InjectedValues(runtime, this.tokens);
    this.#ahead = ahead;
  }

  /** Tokens are made when their connection is open, or fail as it does. */
  openedBy(opening: Promise<SecretRuntime>): void {
    opening.then(this.#opening.resolve, this.#opening.reject);
  }

  /** True for a place that gets what this app's connection gives: no module of the app, and no test, provides the token otherwise. */
  serves({ module, token, request }: TokenConsumer): boolean {
    if (request.connection !== this.connection) return false;
    if (!AppSecrets.of(this.container).isGiven(token)) return true;
    const provider = providerFor(module, token);
    return provider === undefined || isOwnFactory(provider.metatype);
  }

  /** True where a test has put something else in the place of a secret’s provider. */
  isOverridden(token: string): boolean {
    const wrapper = this.tokens.get(token);
    return wrapper !== undefined && !isOwnFactory(wrapper.metatype);
  }

  /** The value that a test gives for a secret (`overrideProvider(token).useValue(…)`). */
  overrideOf(token: string): { readonly value: unknown } | undefined {
    return this.isOverridden(token) ? { value: this.tokens.get(token)?.instance } : undefined;
  }

  /** True where a test provides a token: in the place of ours, or in a module of its own beside it. */
  isGivenElsewhere(token: string): boolean {
    return this.isOverridden(token) || AppSecrets.of(this.container).isGiven(token);
  }

  unlink(): void {
    registry.removeHost(this);
  }

  #make(request: SecretRequest, wrapper: AppWrapper, runtime: SecretRuntime, make: Make): unknown {
    const goWithout = (error: unknown): undefined => this.#goWithout(request, wrapper, error);
    try {
      const made = make(runtime, (secret) => this.#values!.follow(request, secret));
      if (made instanceof Promise) return made.then((value) => this.tokens.shown(wrapper, value)).catch(goWithout);
      return this.tokens.shown(wrapper, made);
    } catch (error) {
      return goWithout(error);
    }
  }

  /** Throws the error where somebody requires what can't be had. */
  #goWithout(request: SecretRequest, wrapper: AppWrapper, error: unknown): undefined {
    const { token } = request;
    if (!this.#goesWithout(token, wrapper, error)) throw error;
    // It may be there for whoever comes.
    this.tokens.replace(providerOf(request, token));
    if (registry.isHandmade(request)) this.addHandmade(request);
  }

  #note(token: string, request: SecretRequest, need: Requirement['need']): void {
    const needs = this.#needs.get(token);
    if (!needs) this.#needs.set(token, [need]);
    else if (!needs.includes(need)) needs.push(need);
    if (token !== request.token) this.#note(request.token, request, 'optional');
  }

  /** Puts fresh providers in the place of those that nobody consumes: Nest makes them when they are asked for. */
  #setAside(): void {
    for (const request of registry.requestsOf(this.connection)) {
      for (const token of tokensOf(request)) {
        const wrapper = this.tokens.get(token)!;
        if (this.isOverridden(token)) continue;
        if (this.#needs.has(token)) {
          makeOnDemand(wrapper);
          this.#consumed.add(wrapper);
        } else {
          this.#unconsumed.set(wrapper.metatype!, wrapper);
          this.tokens.noteWaiting(wrapper);
          this.tokens.add(providerOf(request, token));
        }
      }
    }
  }

  #goesWithout(token: string, wrapper: AppWrapper, error: unknown): boolean {
    const asked = consumersOf(wrapper).flatMap((dependent) =>
      dependenciesOf(dependent)
        .filter((dependency) => dependency.token === token)
        .map((dependency) => needOf(dependency, registry.requestOf(token)!)),
    );
    // Older Nests than 11.2 do not tell who asks when the app runs: it is taken for one of those that were there at the start.
    const isOfStart = this.#consumed.has(wrapper) || !tellsDependents(wrapper);
    const needs = [...((isOfStart && this.#needs.get(token)) || []), ...asked];
    if (needs.length === 0 || needs.includes('required')) return false;
    const isMissing = isSecretError(error) && error.code === 'SECRET_NOT_FOUND';
    return isMissing || needs.every((need) => need === 'preload');
  }
}

type Make = (runtime: SecretRuntime, follow: (secret: SecretState) => void) => unknown;

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let [resolve, reject] = [(_: T): void => undefined, (_: unknown): void => undefined];
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  promise.catch(() => undefined); // there may be no token
  return { promise, resolve, reject };
}

const tellsDependents = (wrapper: AppWrapper): boolean => typeof wrapper.getDependents === 'function';

/** Who has been given a provider, or waits for it, as far as Nest tells; what this package made of it does not count. */
function consumersOf(wrapper: AppWrapper): AppWrapper[] {
  return [...(tellsDependents(wrapper) ? wrapper.getDependents() : [])].filter(
    ({ metatype }) => !isOwnFactory(metatype),
  ) as AppWrapper[];
}

function onlyHost(connection: string, container: ModulesContainer): AppModule {
  const token = internalToken('Linker', connection);
  const hosts = [...container.values()].filter((module) => module.getProviderByKey(token) !== undefined);
  const [host] = hosts;
  if (host && hosts.length === 1) return host;
  throw new SecretConfigurationError(
    `it is configured ${hosts.length} times in this app. Import HcpVaultModule once for it, or give the others a name: forRoot({ connection: "…" }).`,
    { connection },
  );
}
