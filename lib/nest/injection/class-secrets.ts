import type { SecretRequest } from './secret-request.js';

/** One place of a class that a secret goes into. */
export interface ClassSecret {
  readonly request: SecretRequest;
  /** Method parameters and handlers are read ahead, never required. */
  readonly place: 'constructor' | 'property' | 'method' | 'handler';
  /** The property, or the method of a parameter or handler; undefined for a constructor's. */
  readonly member?: string | symbol | undefined;
}

const KEY = Symbol.for('nestjs-hcp-vault.class-secrets');

/** Notes on a class what its decorators ask for. A subclass inherits it, as it inherits Nest’s own injection metadata. */
export function addClassSecret(target: object, secret: ClassSecret): void {
  const known = (Reflect.getMetadata(KEY, target) as readonly ClassSecret[] | undefined) ?? [];
  Reflect.defineMetadata(KEY, [...known, secret], target);
}

export function classSecrets(target: unknown): readonly ClassSecret[] {
  if (typeof target !== 'function') return [];
  return (Reflect.getMetadata(KEY, target) as readonly ClassSecret[] | undefined) ?? [];
}
