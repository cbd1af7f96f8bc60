import type { InjectionToken } from '@nestjs/common';
import { Scope } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/** What is used of Nest's InstanceWrapper. Its signal settles when the instance is made, with the error where it can't be; older Nests have none. */
interface Loading {
  readonly name: InjectionToken;
  readonly scope?: Scope | undefined;
  readonly isTransient: boolean;
  settlementSignal?: { asPromise(): Promise<unknown> } | undefined;
}

/**
 * Tells of each provider, controller and enhancer of an app that can't be made while it is built: Nest calls no hook then. Each is loaded for itself at
 * a start, so that its failure is the start's. Not heard are transients, and providers of a request: they fail, or not, with who asks for them.
 */
export function hearStartFailures(container: ModulesContainer, tell: (name: string) => void): void {
  for (const { providers, controllers, injectables } of container.values()) {
    for (const wrapper of providers.values() as Iterable<Loading>) {
      if ((wrapper.scope ?? Scope.DEFAULT) === Scope.DEFAULT) hear(wrapper, tell);
    }
    for (const wrapper of [...controllers.values(), ...injectables.values()] as Loading[]) {
      if (!wrapper.isTransient) hear(wrapper, tell);
    }
  }
}

/** Hears only the first load: later ones are made for a request. */
function hear(wrapper: Loading, tell: (name: string) => void): void {
  if (wrapper.settlementSignal) return follow(wrapper, wrapper.settlementSignal, tell);
  // Controllers and enhancers are loaded when the providers of their module are made.
  const kept = { configurable: true, enumerable: true };
  Object.defineProperty(wrapper, 'settlementSignal', {
    ...kept,
    get: () => undefined,
    set(signal: Loading['settlementSignal']) {
      Object.defineProperty(wrapper, 'settlementSignal', { ...kept, writable: true, value: signal });
      follow(wrapper, signal, tell);
    },
  });
}

function follow({ name }: Loading, signal: Loading['settlementSignal'], tell: (name: string) => void): void {
  void signal?.asPromise?.().then((error) => {
    if (error !== undefined) tell(nameOf(name));
  });
}

const nameOf = (token: InjectionToken): string => (typeof token === 'function' ? token.name : String(token));
