import type { SecretRequest } from './secret-request.js';

/** A parameter of a method that takes a secret. */
export interface MethodSecret {
  readonly index: number;
  readonly request: SecretRequest;
  readonly fallback: unknown;
  /** What the caller gives counts. */
  readonly given: boolean;
}

const KEY = Symbol.for('nestjs-hcp-vault.method-secrets');

/** Notes on a method which of its parameters take secrets; `@WithSecrets()` fills them. */
export function addMethodSecret(target: object, method: string | symbol, secret: MethodSecret): void {
  const known = (Reflect.getOwnMetadata(KEY, target, method) as readonly MethodSecret[] | undefined) ?? [];
  Reflect.defineMetadata(KEY, [...known, secret], target, method);
}

export function methodSecrets(target: object, method: string | symbol): readonly MethodSecret[] {
  return (Reflect.getMetadata(KEY, target, method) as readonly MethodSecret[] | undefined) ?? [];
}

const FILLED = Symbol.for('nestjs-hcp-vault.method-filled');

export function markFilled(target: object, method: string | symbol): void {
  Reflect.defineMetadata(FILLED, true, target, method);
}

/** False for a method whose parameters name secrets that nothing fills: `@WithSecrets()` was forgotten. */
export function isFilled(target: object, method: string | symbol): boolean {
  for (let owner: object | null = target; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    // An override that names secrets again needs `@WithSecrets()` again.
    if (Reflect.hasOwnMetadata(KEY, owner, method) && !Reflect.hasOwnMetadata(FILLED, owner, method)) return false;
  }
  return true;
}
