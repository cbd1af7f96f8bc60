import { Inject, Optional } from '@nestjs/common';
import { hideInOutput } from '../../core/redaction.js';
import type { Cell } from '../../core/store/cell.js';
import { readCell, readCellOr } from '../../core/store/cell.js';
import type { LiveSecret } from '../../core/store/live-secret.js';
import type { SecretRequest } from './secret-request.js';
import { liveToken } from './tokens.js';

/** What the hidden injection of a live property carries: the cell to read, and whether a plain value came from it. */
export class LiveHandle {
  readonly #secret: LiveSecret;
  readonly #field: string | undefined;

  constructor(secret: LiveSecret, field: string | undefined) {
    this.#secret = secret;
    this.#field = field;
  }

  get cell(): Cell {
    return this.#field === undefined ? this.#secret.cell : this.#secret.field(this.#field);
  }

  /** A rotation may come between the two injections of one property, so values that the secret had of late count too. */
  matches(value: unknown, fallback: unknown): boolean {
    return Object.is(value, fallback) || this.#secret.hasShown(this.#field, value);
  }

  static {
    hideInOutput(LiveHandle.prototype, (self) => `[secret ${self.#secret.name}]`);
  }
}

/**
 * Makes a property that Nest injects show the current value from then on. Nest assigns `instance[key] = value` after construction, and an accessor
 * on the prototype is shadowed under `useDefineForClassFields`; so a second, hidden injection follows the first, and its setter lays an
 * accessor over the property.
 */
export function makeLive(target: object, property: string | symbol, request: SecretRequest, fallback: unknown): void {
  const slot = Symbol(`live ${String(property)}`);
  Inject(liveToken(request))(target, slot);
  Optional()(target, slot);
  Object.defineProperty(target, slot, {
    configurable: true,
    set(this: Record<PropertyKey, unknown>, handle: LiveHandle | undefined) {
      // A value that is not the secret’s was put there by a test (overrideProvider): it stays.
      if (!handle?.matches(this[property], fallback)) return;
      const { cell } = handle;
      const slowly = request.optional ? () => readCellOr(cell, fallback) : () => readCell(cell);
      Object.defineProperty(this, property, {
        configurable: true,
        enumerable: false, // keeps the value out of JSON and inspections of the instance
        // One load decides: a look at `cell.live` first would cost half a field read more (bench/reads).
        get: () => {
          const { value } = cell;
          return value === undefined ? slowly() : value;
        },
      });
      restoreFastProperties(this);
    },
  });
}

/**
 * An accessor laid over an own property puts the whole object into V8’s dictionary mode, where every field of it reads some four times slower.
 * Using an object as a prototype makes V8 lay it out anew (measured in bench/reads, neighbours too).
 */
function restoreFastProperties(instance: object): void {
  Object.create(instance);
}
