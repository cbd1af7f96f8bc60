import type { SecretRequest } from './secret-request.js';
import { injectedProperties, injectProperty, makeOptional, replaceProperties } from './nest-metadata.js';
import { internalToken } from './tokens.js';

// Registered symbols: a subclass, and another copy of this package, find the same slot.
const PREFIX = 'nestjs-hcp-vault.slot:';
const HUB = `${PREFIX}hub:`;
const VALUE = `${PREFIX}value:`;

const startsWith = (key: unknown, prefix: string): boolean =>
  typeof key === 'symbol' && key.description?.startsWith(prefix) === true;

/**
 * True for the key of a property that only this package knows: Nest assigns there, and a setter on the prototype takes it. What is injected there is
 * wanted without being required.
 */
export const isHiddenSlot = (key: unknown): boolean => startsWith(key, PREFIX);

/** Injects a connection's hub into the instances of a class; once for all that its decorators ask for. */
export function injectHub(target: object, connection: string, take: (instance: object, hub: unknown) => void): void {
  injectHidden(target, Symbol.for(`${HUB}${connection}`), internalToken('Hub', connection), take);
}

/**
 * Injects a secret's value where nobody sees it. In an app this has Nest read the secret before the instance is made; in a unit test without the module
 * it brings what the test provides.
 */
export function injectAhead(
  target: object,
  { token }: SecretRequest,
  take: (instance: object, value: unknown) => void,
): void {
  injectHidden(target, Symbol.for(`${VALUE}${token}`), token, take);
}

function injectHidden(
  target: object,
  slot: symbol,
  token: string,
  take: (instance: object, injected: unknown) => void,
): void {
  injectProperty(target, slot, token);
  makeOptional(target, slot);
  // Nest assigns in the order of its list: first what it injects openly, then hubs, then values, which only count where no hub came.
  const rank = ({ key }: { readonly key: unknown }): number =>
    startsWith(key, HUB) ? 1 : startsWith(key, PREFIX) ? 2 : 0;
  const properties = [...injectedProperties(target.constructor)].sort((one, other) => rank(one) - rank(other));
  replaceProperties(target.constructor, properties);
  if (slot in target) return;
  Object.defineProperty(target, slot, {
    configurable: true,
    set(this: object, injected: unknown) {
      take(this, injected);
    },
  });
}
