import { printable } from './errors/printable.js';

/** Node's hook for `util.inspect` and `console.log`; a registered symbol, so no import of node:util is needed. */
export const inspectSymbol: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/**
 * Makes a holder of secrets show only `label` wherever it is printed: `String()`, template strings, JSON, `util.inspect`.
 * Called once for each class, on its prototype, with how to name one instance.
 */
export function hideInOutput<T extends object>(prototype: T, label: (self: T) => string): void {
  const show = function (this: T): string {
    try {
      return printable(label(this));
    } catch {
      return '[secrets]'; // the prototype itself, or a deep clone: they have no private fields to name it by
    }
  };
  for (const key of ['toString', 'toJSON', inspectSymbol]) {
    Object.defineProperty(prototype, key, { value: show, configurable: true, writable: true });
  }
}
