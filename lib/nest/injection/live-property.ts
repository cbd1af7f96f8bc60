import type { Cell } from '../../core/store/cell.js';
import { readCell, readCellOr } from '../../core/store/cell.js';
import type { LiveHandle } from './live-handle.js';

/**
 * Makes a property that Nest has injected show the current value from then on. Nest assigns `instance[key] = value` after construction, and an accessor
 * on the prototype is shadowed under `useDefineForClassFields`; so an accessor is laid over the property of the instance.
 * @param otherwise what stands in for a secret that is not found; undefined where that is an error
 * @param onRead called at each read, where somebody wants to know
 */
export function makeLive(
  instance: object,
  property: string | symbol,
  handle: LiveHandle,
  otherwise: { readonly fallback: unknown } | undefined,
  onRead?: () => void,
): void {
  const held = ownValue(instance, property);
  if (!handle.isOwn(held)) {
    // Nest assigns no undefined, which a test may have given.
    if (held === undefined) layPlain(property).call(instance, otherwise?.fallback);
    return;
  }
  const { cell } = handle;
  const fallback = otherwise?.fallback ?? initialOf(cell, held);
  const slowly = otherwise ? optional(cell, fallback) : required(cell);
  // One load decides: a look at `cell.live` first would cost half a field read more (bench/reads).
  const read = (): unknown => {
    const { value } = cell;
    return value === undefined ? slowly() : value;
  };
  Object.defineProperty(instance, property, {
    configurable: true,
    enumerable: false, // keeps the value out of JSON and inspections of the instance
    get: onRead ? told(read, onRead) : read,
    set: layPlain(property),
  });
}

const told = (read: () => unknown, onRead: () => void) => (): unknown => {
  const value = read();
  onRead();
  return value;
};

const required = (cell: Cell) => (): unknown => readCell(cell);
const optional = (cell: Cell, fallback: unknown) => (): unknown => readCellOr(cell, fallback);

/** What the class itself gives an optional property, as `= 'none'`. Where the secret is there, Nest has put its value over it. */
const initialOf = (cell: Cell, held: unknown): unknown => (cell.missing ? held : undefined);

/** What is assigned to a live property stays there, as in a field: a test does that. */
export function layPlain(property: string | symbol): (this: object, value: unknown) => void {
  let set = setters.get(property);
  if (!set) {
    set = function (value) {
      Object.defineProperty(this, property, { configurable: true, enumerable: true, writable: true, value });
    };
    setters.set(property, set);
  }
  return set;
}

/** One for all properties of one name: an accessor with a setter of its own would cost each instance another closure. */
const setters = new Map<string | symbol, (this: object, value: unknown) => void>();

/** Without asking an accessor of the prototype. */
export function ownValue(instance: object, property: string | symbol): unknown {
  return Object.getOwnPropertyDescriptor(instance, property)?.value;
}

/**
 * An accessor laid over an own property puts the whole object into V8’s dictionary mode, where every field of it reads some four times slower.
 * Using an object as a prototype makes V8 lay it out again (measured in bench/reads, neighbours too).
 */
export function restoreFastProperties(instance: object): void {
  Object.create(instance);
}
