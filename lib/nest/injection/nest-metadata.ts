import { Inject, Optional } from '@nestjs/common';

type Member = string | symbol;

/** What Nest injects into one property. */
export interface InjectedProperty {
  readonly key: Member;
  readonly type: unknown;
}

// Nest's own keys: the same in 11 and 12, and not exported. `test/nest/nest-metadata.spec.ts` fails when they change.
const PROPERTIES = 'self:properties_metadata';
const OPTIONAL_PROPERTIES = 'optional:properties_metadata';
const OPTIONAL_PARAMETERS = 'optional:paramtypes';

export function injectedProperties(type: object): readonly InjectedProperty[] {
  return (Reflect.getMetadata(PROPERTIES, type) as readonly InjectedProperty[] | undefined) ?? [];
}

/** The token that Nest injects into a property in the end. */
export function injectedToken(type: object, property: Member): unknown {
  return injectedProperties(type).findLast(({ key }) => key === property)?.type;
}

/** Injects into a property, in place of what a base class injects there: Nest 11 would resolve both, one after the other. */
export function injectProperty(target: object, property: Member, token: string): void {
  replaceProperties(
    target.constructor,
    injectedProperties(target.constructor).filter(({ key }) => key !== property),
  );
  Inject(token)(target, property);
}

/** Marks a property as Nest's `@Optional()` does, once. */
export function makeOptional(target: object, property: Member): void {
  if (!isOptionalPlace(target.constructor, property)) Optional()(target, property);
}

/** Nest assigns in this order. The base class keeps its own. */
export function replaceProperties(type: object, properties: readonly InjectedProperty[]): void {
  Reflect.defineMetadata(PROPERTIES, properties, type);
}

/**
 * Whether Nest's `@Optional()` stands on a property, or on the constructor's parameter with this index. Known when all decorators of the class have
 * run. A subclass that declares its constructor anew does not inherit the marks of its base's parameters.
 */
export function isOptionalPlace(type: object, place: Member | number): boolean {
  return (typeof place === 'number' ? optionalParameters(type) : optionalProperties(type)).includes(place);
}

/** Indices of the constructor's parameters that `@Optional()` stands on. */
export function optionalParameters(type: object): readonly unknown[] {
  // Asked for all of the line first: most classes have none.
  if (!Reflect.hasMetadata(OPTIONAL_PARAMETERS, type)) return [];
  return (Reflect.getOwnMetadata(OPTIONAL_PARAMETERS, constructorOwner(type)) as readonly unknown[] | undefined) ?? [];
}

/** Keys of the properties that `@Optional()` stands on. */
export function optionalProperties(type: object): readonly unknown[] {
  return (Reflect.getMetadata(OPTIONAL_PROPERTIES, type) as readonly unknown[] | undefined) ?? [];
}

/** As Nest 12 finds it: the class whose constructor's metadata count. */
function constructorOwner(type: object): object {
  for (
    let owner: object | null = type;
    typeof owner === 'function' && owner !== Function.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    const keys = ['design:paramtypes', OPTIONAL_PARAMETERS, 'self:paramtypes'];
    if (keys.some((key) => Reflect.hasOwnMetadata(key, owner))) return owner;
  }
  return type;
}
