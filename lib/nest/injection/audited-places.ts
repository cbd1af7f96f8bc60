import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { Audit, AuditWay } from '../../core/observe/audit.js';
import type { ClassSecret } from './class-secrets.js';
import { classSecrets } from './class-secrets.js';
import { cellOf } from './current-value.js';
import type { AppWrapper } from './nest-container.js';
import { isResourceFactory } from './resource-factories.js';
import { isOwnFactory } from './secret.providers.js';
import type { SecretRequest } from './secret-request.js';
import type { TokenConsumer } from './token-consumers.js';
import { consumedBy, methodConsumer } from './token-consumers.js';

type Named = { readonly name: string };

/** What an app's places are given, for the audit of a connection. */
export class AuditedPlaces {
  readonly #made = new WeakMap<Named, readonly (() => void)[]>();
  readonly #properties = new WeakMap<Named, Map<ClassSecret['member'], () => void>>();

  constructor(
    private readonly runtime: SecretRuntime,
    private readonly audit: Audit,
    /** True where a test, or a module of the app, gives something else. */
    private readonly isGivenElsewhere: (token: string) => boolean,
  ) {
    Object.defineProperties(this, { runtime: { enumerable: false }, audit: { enumerable: false } });
  }

  /** An instance of a class is made, and has what its constructor and its refs are given. */
  made(type: Named): void {
    let told = this.#made.get(type);
    if (!told) this.#made.set(type, (told = this.#constructorsOf(type)));
    for (const tell of told) tell();
  }

  /** What a live property calls at each read: one for all instances of its class. */
  property(type: Named, { request, member }: ClassSecret): () => void {
    const known = this.#properties.get(type) ?? new Map<ClassSecret['member'], () => void>();
    this.#properties.set(type, known);
    let tell = known.get(member);
    if (!tell) {
      tell = this.#given(request, 'property', methodConsumer(type, { place: 'property', member }));
      known.set(member, tell);
    }
    return tell;
  }

  /** A method's parameter is filled. */
  called(type: Named, member: string | symbol, request: SecretRequest): void {
    this.#given(request, 'call', methodConsumer(type, { place: 'method', member }))();
  }

  /** Has the factories of an app's providers tell when they are called. Called before they are. */
  watchFactories(container: ModulesContainer, serves: (consumer: TokenConsumer) => boolean): void {
    for (const module of container.values())
      for (const wrapper of module.providers.values()) {
        if (!isFactory(wrapper)) continue;
        const told = consumedBy(wrapper, module)
          .filter(serves)
          .map(({ request, consumer }) => this.#teller(request, consumer));
        if (told.length > 0) wrapper.metatype = telling(wrapper.metatype as Factory, told);
      }
  }

  #constructorsOf(type: Named): (() => void)[] {
    return classSecrets(type)
      .filter(({ place, request }) => place === 'constructor' || request.kind === 'ref')
      .filter(({ request }) => request.connection === this.runtime.connection && !this.isGivenElsewhere(request.token))
      .map(({ request, ...place }) => this.#teller(request, methodConsumer(type, place)));
  }

  #teller(request: SecretRequest, consumer: TokenConsumer['consumer']): () => void {
    if (request.kind !== 'ref') return this.#given(request, 'construction', consumer);
    const state = this.runtime.pin(request.name, request.version);
    return () => this.audit.follow(state, consumer);
  }

  /** What stands in for a secret, or a field, that is not there is told of by nobody. */
  #given(request: SecretRequest, by: AuditWay, consumer: TokenConsumer['consumer']): () => void {
    const state = this.runtime.pin(request.name, request.version);
    const cell = cellOf(state.live, request);
    const place = this.audit.place(by, consumer);
    return () => {
      if (!cell.missing) place(state);
    };
  }
}

type Factory = (this: unknown, ...injected: unknown[]) => unknown;

/** Those of the app itself; resources tell by themselves. */
const isFactory = ({ inject, metatype }: AppWrapper): boolean =>
  inject != null && typeof metatype === 'function' && !isOwnFactory(metatype) && !isResourceFactory(metatype);

const telling = (factory: Factory, told: readonly (() => void)[]): Factory =>
  function (...injected) {
    for (const tell of told) tell();
    return factory.apply(this, injected);
  };
