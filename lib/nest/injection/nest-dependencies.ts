import type { AppWrapper } from './nest-container.js';
import { injectedTokens, optionalParameters, optionalProperties } from './nest-metadata.js';

/** What one place of a class, or one entry of an `inject` list, is filled with. */
export interface NestDependency {
  readonly token: unknown;
  /** Where: the index of a constructor's parameter or of an entry, or the key of a property. */
  readonly at: number | string | symbol;
  readonly isOptional: boolean;
  /** Named by a `forwardRef`. */
  readonly isForward: boolean;
}

const PARAMETER_TYPES = 'design:paramtypes';
const PARAMETERS = 'self:paramtypes';

/** What Nest injects to make something: by the `inject` list of a factory, or by the metadata of a class. */
export function dependenciesOf({ inject, metatype }: Pick<AppWrapper, 'inject' | 'metatype'>): NestDependency[] {
  if (inject) return inject.map(entryOf);
  return typeof metatype === 'function' ? [...parametersOf(metatype), ...propertiesOf(metatype)] : [];
}

/** Index by index over what the base class declares, as Nest does it. */
function parametersOf(type: object): NestDependency[] {
  const tokens = [...list<unknown>(PARAMETER_TYPES, type)];
  for (const { index, param } of list<{ index: number; param: unknown }>(PARAMETERS, type)) tokens[index] = param;
  const optional = optionalParameters(type);
  // Not `map`, which leaves holes out.
  return Array.from(tokens, (token, at) => named(token, at, optional.includes(at)));
}

function propertiesOf(type: object): NestDependency[] {
  const tokens = injectedTokens(type);
  if (tokens.size === 0) return [];
  const optional = optionalProperties(type);
  return Array.from(tokens, ([at, token]) => named(token, at, optional.includes(at)));
}

function entryOf(entry: unknown, at: number): NestDependency {
  if (typeof entry !== 'object' || entry === null || !('token' in entry)) return named(entry, at, false);
  return named(entry.token, at, 'optional' in entry && entry.optional === true);
}

/** A `forwardRef` may name what is not there yet; then nothing of ours is meant. */
function named(token: unknown, at: NestDependency['at'], isOptional: boolean): NestDependency {
  if (typeof token !== 'object' || token === null || !('forwardRef' in token)) {
    return { token, at, isOptional, isForward: false };
  }
  try {
    return { token: (token.forwardRef as () => unknown)(), at, isOptional, isForward: true };
  } catch {
    return { token: undefined, at, isOptional, isForward: true };
  }
}

const list = <T>(key: string, type: object): readonly T[] =>
  (Reflect.getMetadata(key, type) as readonly T[] | undefined) ?? [];
