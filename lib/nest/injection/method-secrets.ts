import type { SecretRequest } from './secret-request.js';

/** A parameter of a method that takes a secret. */
export interface MethodSecret {
  readonly index: number;
  readonly request: SecretRequest;
  readonly fallback: unknown;
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
