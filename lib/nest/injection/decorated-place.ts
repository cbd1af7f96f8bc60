import { SecretConfigurationError } from '../../core/errors/index.js';

type Member = string | symbol;

/** Where a decorator of this package stands. */
export type DecoratedPlace =
  | { readonly kind: 'constructor parameter'; readonly type: object; readonly index: number }
  | { readonly kind: 'property'; readonly type: object; readonly target: object; readonly member: Member }
  | MethodParameter
  | DecoratedMethod;

interface MethodParameter {
  readonly kind: 'method parameter';
  readonly type: object;
  readonly target: object;
  readonly member: Member;
  readonly index: number;
}

export interface DecoratedMethod {
  readonly kind: 'method';
  readonly type: object;
  readonly target: object;
  readonly member: Member;
  readonly descriptor: PropertyDescriptor;
}

type Kind = DecoratedPlace['kind'];

const FITS: Readonly<Record<Kind, string>> = {
  'constructor parameter': 'a parameter of the constructor',
  property: 'a property',
  'method parameter': 'a parameter of a method',
  method: 'a method',
};

/**
 * Looks at what a compiler hands to a decorator. Throws SecretConfigurationError that tells the place, where it is none of `fitting`.
 * @param decorator as it stands in the code
 * @param third an index of TypeScript's, swc's or Babel's parameter decorators; the descriptor of a method or accessor; that of a field in Babel, which
 * has an `initializer`
 */
export function decoratedPlace<K extends Kind>(
  decorator: string,
  fitting: readonly K[],
  target: unknown,
  member: unknown,
  third: unknown,
): Extract<DecoratedPlace, { kind: K }> {
  if (isStandardContext(member) || target === undefined || target === null) {
    throw new SecretConfigurationError(
      `${decorator} was called as a decorator of the newer standard, which has no parameters' decorators and which Nest does not use: set "experimentalDecorators" in tsconfig.json ("legacyDecorator" in swc, "version": "legacy" in Babel).`,
    );
  }
  const found = placeOf(target, member, third);
  if (typeof found !== 'string' && (fitting as readonly Kind[]).includes(found.kind)) {
    return found as Extract<DecoratedPlace, { kind: K }>;
  }
  const place = typeof found === 'string' ? found : describe(found);
  const statics = typeof found === 'string' && found.includes('static');
  const why = statics ? 'only instances that Nest makes get secrets' : `it fits ${orList(fitting)}`;
  throw new SecretConfigurationError(`${decorator} stands on ${place}: ${why}.`);
}

/** The place, or in words one that no decorator of this package fits. */
function placeOf(target: object, member: unknown, third: unknown): DecoratedPlace | string {
  const index = typeof third === 'number' ? third : undefined;
  if (member === undefined) {
    const name = (target as { readonly name?: unknown }).name;
    return index === undefined ? `the class ${String(name)}` : { kind: 'constructor parameter', type: target, index };
  }
  const at = { target, member: member as Member };
  const descriptor = typeof third === 'object' && third !== null ? (third as PropertyDescriptor) : undefined;
  const isAccessor = descriptor?.get !== undefined || descriptor?.set !== undefined;
  if (typeof target === 'function') {
    const what =
      index !== undefined
        ? 'a parameter of the static method'
        : descriptor?.value
          ? 'the static method'
          : 'the static property';
    return `${what} ${nameOf({ type: target, member: at.member })}`;
  }
  const type = target.constructor;
  if (isAccessor) return `the ${descriptor.get ? 'getter' : 'setter'} ${nameOf({ type, ...at })}`;
  if (index !== undefined) return { kind: 'method parameter', type, ...at, index };
  if (typeof descriptor?.value === 'function') return { kind: 'method', type, ...at, descriptor };
  return { kind: 'property', type, ...at };
}

function describe(place: DecoratedPlace): string {
  if (place.kind === 'constructor parameter') return `a parameter of the constructor of ${nameOf(place)}`;
  return `${place.kind === 'method parameter' ? 'a parameter of the method' : `the ${place.kind}`} ${nameOf(place)}`;
}

/** `Class.member`, as errors name it. */
export function nameOf({ type, member }: { readonly type: object; readonly member?: Member | undefined }): string {
  const { name } = type as { readonly name: string };
  return member === undefined ? name : `${name}.${String(member)}`;
}

function orList(kinds: readonly Kind[]): string {
  const texts = kinds.map((kind) => FITS[kind]);
  return [texts.slice(0, -1).join(', '), texts.at(-1)].filter(Boolean).join(' and ');
}

/** What standard decorators get beside the value: `{ kind: 'field', name, … }`. */
const isStandardContext = (member: unknown): boolean => typeof member === 'object' && member !== null;
