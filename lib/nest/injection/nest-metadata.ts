import { Optional } from '@nestjs/common';

type Member = string | symbol;

/** What Nest injects into one property. */
export interface InjectedProperty {
  readonly key: Member;
  readonly type: unknown;
}

// Nest's own keys: the same in 11 and 12, and not exported. `test/nest/secret-hub.spec.ts` fails when they change.
const PROPERTIES = 'self:properties_metadata';
const OPTIONAL_PROPERTIES = 'optional:properties_metadata';
const OPTIONAL_PARAMETERS = 'optional:paramtypes';

export function injectedProperties(type: object): readonly InjectedProperty[] {
  return (Reflect.getMetadata(PROPERTIES, type) as readonly InjectedProperty[] | undefined) ?? [];
}

/** The tokens that Nest injects into properties in the end: one that is declared again is injected as it was declared last. */
export function injectedTokens(type: object): Map<Member, unknown> {
  const tokens = new Map<Member, unknown>();
  for (const { key, type: token } of injectedProperties(type)) tokens.set(key, token);
  return tokens;
}

export const injectedToken = (type: object, property: Member): unknown =>
  injectedProperties(type).findLast(({ key }) => key === property)?.type;

/**
 * Injects into a property, as Nest's `@Inject()` does, in place of what a base class injects there: Nest 11 would resolve both, one after the other. The base
 * keeps its own.
 * @param isLater says behind which other properties Nest is to assign it; by itself in front of none
 */
export function injectProperty(
  { constructor: type }: object,
  property: Member,
  token: string,
  isLater: (other: Member) => boolean,
): void {
  const before = injectedProperties(type);
  const isOwn = ownLists.get(before) === type && !before.some(({ key }) => key === property);
  const properties = isOwn ? (before as InjectedProperty[]) : before.filter(({ key }) => key !== property);
  const at = properties.findIndex(({ key }) => isLater(key));
  properties.splice(at < 0 ? properties.length : at, 0, { key: property, type: token });
  if (isOwn) return;
  ownLists.set(properties, type);
  Reflect.defineMetadata(PROPERTIES, properties, type);
}

/** Lists that were made here, with the class that each was made for: what it is added to in place. Nest, and whoever inherits it, adds to a copy. */
const ownLists = new WeakMap<object, object>();

/** Takes injections back, of a class and those that inherit from it. */
export function injectNoMore(type: object, isUnwanted: (property: InjectedProperty) => boolean): void {
  const properties = injectedProperties(type);
  const wanted = properties.filter((property) => !isUnwanted(property));
  if (wanted.length < properties.length) Reflect.defineMetadata(PROPERTIES, wanted, type);
}

/** Marks a property as Nest's `@Optional()` does, once. */
export function makeOptional(target: object, property: Member): void {
  if (!isOptionalPlace(target.constructor, property)) Optional()(target, property);
}

/** Takes back what a base class says of a property that a subclass declares again, unless the subclass says it too. */
export function forgetOptional({ constructor: type }: object, property: Member): void {
  const base = Object.getPrototypeOf(type) as object;
  if (base === Function.prototype) return;
  const inherited = optionalProperties(base);
  if (!inherited.includes(property)) return;
  const all = optionalProperties(type);
  const isOther = (key: unknown): boolean => key !== property;
  const others = all.filter(isOther);
  // Nest adds to a copy of what is inherited.
  const isSaidAgain = all.length - others.length > inherited.length - inherited.filter(isOther).length;
  Reflect.defineMetadata(OPTIONAL_PROPERTIES, isSaidAgain ? [...others, property] : others, type);
}

/**
 * Whether Nest's `@Optional()` stands on a property, or on the constructor's parameter with this index. Known when all decorators of the class have
 * run. A subclass that declares its constructor again does not inherit the marks of its base's parameters.
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
