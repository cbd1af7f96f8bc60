import type { SecretRequest } from './secret-request.js';
import { injectedToken, injectNoMore, injectProperty, makeOptional } from './nest-metadata.js';
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

/** Injects what a decorator stands on, in front of what is hidden. */
export function injectOpenly(target: object, property: string | symbol, token: string): void {
  injectProperty(target, property, token, isHiddenSlot);
}

/** Injects a connection's hub into the instances of a class; once for all that its decorators ask for. */
export function injectHub(target: object, connection: string, take: (instance: object, hub: unknown) => void): void {
  const slot = Symbol.for(`${HUB}${connection}`);
  if (Object.hasOwn(target, slot)) return;
  const isLater = (other: unknown): boolean => startsWith(other, VALUE);
  injectHidden(target, slot, internalToken('Hub', connection), isLater, take);
}

/**
 * Injects a secret's value where nobody sees it. In an app this has Nest read the secret before the instance is made; in a unit test without the module
 * it brings what the test provides, which only counts where no hub came before.
 */
export function injectAhead(
  target: object,
  { token }: SecretRequest,
  take: (instance: object, value: unknown) => void,
): void {
  injectHidden(target, Symbol.for(`${VALUE}${token}`), token, () => false, take);
}

/** Takes back what was to be read ahead for a class, but for these tokens. */
export function readAheadOnly(type: object, tokens: ReadonlySet<unknown>): void {
  injectNoMore(type, (property) => startsWith(property.key, VALUE) && !tokens.has(property.type));
}

/** A slot that is there already, of this class or its base, serves. */
function injectHidden(
  target: object,
  slot: symbol,
  token: string,
  isLater: (other: unknown) => boolean,
  take: (instance: object, injected: unknown) => void,
): void {
  if (injectedToken(target.constructor, slot) === undefined) {
    injectProperty(target, slot, token, isLater);
    makeOptional(target, slot);
  }
  if (slot in target) return;
  Object.defineProperty(target, slot, {
    configurable: true,
    set(this: object, injected: unknown) {
      take(this, injected);
    },
  });
}
