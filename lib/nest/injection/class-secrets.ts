import { injectedTokens } from './nest-metadata.js';
import type { SecretRequest } from './secret-request.js';

/** One place of a class that a secret goes into. */
export interface ClassSecret {
  readonly request: SecretRequest;
  /** Method parameters and handlers are read ahead, never required. */
  readonly place: 'constructor' | 'property' | 'method' | 'handler';
  /** The property, or the method of a parameter or handler; undefined for a constructor's. */
  readonly member?: string | symbol | undefined;
  /** Of a parameter. */
  readonly index?: number | undefined;
  /** Of a property: given where the secret is not found. */
  readonly fallback?: unknown;
}

const KEY = Symbol.for('nestjs-hcp-vault.class-secrets');

/** Notes on a class what its decorators ask for. */
export function addClassSecret(target: object, secret: ClassSecret): void {
  const own = ownSecrets(target);
  if (own.length > 0) own.push(secret);
  else Reflect.defineMetadata(KEY, [secret], target);
}

/**
 * What the decorators of a class and of those above it ask for. What a subclass decorates takes the place of what its base asks for there, but for the
 * parameters of a method: `super` still reaches the base's.
 */
export function classSecrets(type: unknown): readonly ClassSecret[] {
  if (typeof type !== 'function') return [];
  let secrets: readonly ClassSecret[] = [];
  for (const owner of ancestry(type)) {
    const own = ownSecrets(owner);
    if (own.length === 0) continue;
    if (secrets.length === 0) {
      secrets = own;
      continue;
    }
    const taken = new Set(own.filter(({ place }) => place !== 'method').map(placeOf));
    secrets = [...secrets.filter((secret) => !taken.has(placeOf(secret))), ...own];
  }
  if (secrets.length === 0) return secrets;
  // A property may have been given to another provider by a plain `@Inject` of a subclass.
  const injected = injectedTokens(type);
  return secrets.filter(
    ({ place, member, request }) => place !== 'property' || injected.get(member!) === request.token,
  );
}

const ownSecrets = (type: object): ClassSecret[] =>
  (Reflect.getOwnMetadata(KEY, type) as ClassSecret[] | undefined) ?? [];

/** The classes from the topmost base down to `type`. */
function ancestry(type: object): object[] {
  const classes: object[] = [];
  for (let at: object | null = type; at !== null && at !== Function.prototype; at = Object.getPrototypeOf(at) as object)
    classes.unshift(at);
  return classes;
}

/** Equal for secrets that go to the same place. A symbol member is not a string, so a template would not do for it. */
function placeOf({ place, member, index }: ClassSecret): unknown {
  return place === 'constructor' ? index : typeof member === 'symbol' ? member : `${place} ${member}`;
}
