import type { FactoryProvider } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { Scope } from '@nestjs/common';
import { isBytes } from '../../core/secret/secret-value.js';
import { AppSecrets } from './app-secrets.js';
import type { AppModule, AppWrapper } from './nest-container.js';

/** What is used of Nest's record of an instance. */
interface InstanceHost {
  instance: unknown;
  isResolved?: boolean;
  /** While it is being made: who asks for it meanwhile waits here. */
  donePromise?: PromiseLike<unknown>;
}

/**
 * What one app's container keeps of a connection's secrets: a singleton for each token that the app consumes. Nest hands out what is there and asks nobody,
 * so a rotation is written into it, and what has ended is taken out of it.
 */
export class ContainerTokens {
  /** Wrappers that others have replaced in the module, while somebody still has them. */
  readonly #kept = new Map<string, AppWrapper[]>();
  /** Taken out of these, until there is a value again. */
  readonly #emptied = new WeakSet<AppWrapper>();
  /** Being made by Nest, and asked for by somebody else too. */
  readonly #awaited = new WeakSet<AppWrapper>();

  constructor(
    private readonly host: AppModule,
    private readonly container: ModulesContainer,
  ) {}

  get(token: string): AppWrapper | undefined {
    return this.host.getProviderByKey(token);
  }

  /** Adds a provider, or one in place of another: Nest makes its value where somebody asks for it, and not before. */
  add(provider: FactoryProvider): void {
    this.host.addProvider(provider);
    this.host.exports.add(provider.provide);
    makeOnDemand(this.get(provider.provide as string)!);
  }

  /** Those that have consumed the token keep what they have; whoever comes asks again. */
  replace(provider: FactoryProvider): void {
    const token = provider.provide as string;
    this.#kept.set(token, [...(this.#kept.get(token) ?? []), this.get(token)!].filter(isHeld));
    this.add(provider);
  }

  /** Notes from now on who waits for a provider that Nest has begun to make: a constructor may create a class that needs it. */
  noteWaiting(wrapper: AppWrapper): void {
    const record = hostOf(wrapper);
    const done = record.donePromise;
    if (!done) return;
    const then: PromiseLike<unknown>['then'] = (...callbacks) => {
      this.#awaited.add(wrapper);
      return done.then(...callbacks);
    };
    record.donePromise = { then };
  }

  isAwaited(wrapper: AppWrapper): boolean {
    return this.#awaited.has(wrapper);
  }

  /** Nest refuses to hand out a transient one synchronously, where it would give undefined of a singleton that was never made. */
  makeTransient(token: string): void {
    const wrapper = this.get(token);
    if (!wrapper || wrapper.scope === Scope.TRANSIENT || hostOf(wrapper).isResolved) return;
    turnTransient(wrapper);
  }

  /** What Nest is to keep as the instance. Bytes can't be frozen: whoever is made with them gets a copy. */
  shown(wrapper: AppWrapper, value: unknown): unknown {
    if (isBytes(value) && wrapper.scope !== Scope.TRANSIENT) show(hostOf(wrapper), value);
    return value;
  }

  /** Writes what whoever is made next is to get, and what `app.get` shows. */
  put(token: string, value: unknown): void {
    for (const wrapper of this.#wrappersOf(token)) {
      const wasEmptied = this.#emptied.delete(wrapper);
      if (wasEmptied) turnSingleton(wrapper);
      const host = hostOf(wrapper);
      if (host.isResolved || wasEmptied) {
        show(host, value);
        host.isResolved = true;
      }
      for (const kept of wrapper.getStaticTransientInstances()) if (kept) kept.instance = value;
    }
  }

  /** Takes out a value that has ended: whoever is made next is told by the token's factory. */
  empty(token: string): void {
    for (const wrapper of this.#wrappersOf(token)) {
      for (const kept of wrapper.getStaticTransientInstances()) if (kept) kept.instance = undefined;
      if (!hostOf(wrapper).isResolved) continue;
      this.#emptied.add(wrapper);
      reset(wrapper);
      // `app.get` would give undefined of it.
      turnTransient(wrapper);
    }
  }

  #wrappersOf(token: string): AppWrapper[] {
    const current = this.get(token);
    const aliases = AppSecrets.of(this.container).aliasesOf(token);
    return [...(this.#kept.get(token) ?? []), ...(current ? [current] : []), ...aliases];
  }
}

/** False for one that nobody has any more, as far as Nest tells: who was made once and is gone, as by `moduleRef.create`. */
const isHeld = (wrapper: AppWrapper): boolean => wrapper.getDependents?.().size !== 0;

/** Of a provider that depends on nothing request-scoped, any object for a context leads to the record that all share. */
const hostOf = (wrapper: AppWrapper): InstanceHost => wrapper.getInstanceByContextId({} as never);

function show(host: InstanceHost, value: unknown): void {
  const kept = { configurable: true, enumerable: true };
  const shown = isBytes(value)
    ? { get: () => Uint8Array.from(value), set: () => undefined }
    : { value, writable: true };
  Object.defineProperty(host, 'instance', { ...kept, ...shown });
}

/** In place: the app may have handed the wrapper to its index of tokens. */
function turnTransient(wrapper: AppWrapper): void {
  Object.assign(wrapper, { scope: Scope.TRANSIENT, transientMap: new Map() });
}

function turnSingleton(wrapper: AppWrapper): void {
  Object.assign(wrapper, { scope: undefined, transientMap: undefined });
}

/** Nest makes the instance again where it is asked for next. */
function reset(wrapper: AppWrapper): void {
  wrapper.instance = undefined;
}

/**
 * Has Nest make a secret's singleton when somebody asks for it while the app runs. By itself it would not make one for a request, and hand out undefined;
 * and after a failure it forgets the singleton, and gives null to whoever asks next: both in silence (11 and 12).
 */
export function makeOnDemand(wrapper: AppWrapper): void {
  wrapper.isExplicitlyRequested = isRequested;
  wrapper.removeInstanceByContextId = forget;
}

const isRequested = (): boolean => true;

function forget(this: AppWrapper, ...which: Parameters<AppWrapper['removeInstanceByContextId']>): void {
  const nest = Object.getPrototypeOf(this) as Pick<AppWrapper, 'removeInstanceByContextId'>;
  nest.removeInstanceByContextId.call(this, ...which);
  if (this.scope !== Scope.TRANSIENT) reset(this);
}
