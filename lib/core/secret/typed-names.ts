import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SecretTypes } from './secret-types.js';
import type { DeepReadonly } from './secret-value.js';

/** Names of secrets: those of `SecretTypes`, or any where it is empty. */
export type SecretName = keyof SecretTypes extends never ? string : Extract<keyof SecretTypes, string>;

/** A name for calls that give the type themselves; where `SecretTypes` is filled, no name is left for them. */
export type UntypedName = keyof SecretTypes extends never ? string : never;

/** The type of a secret by its name. */
export type SecretOf<N> = N extends keyof SecretTypes ? SecretTypes[N] : unknown;

/**
 * The types that schemas give, for `SecretTypes`: write them once, in the schema.
 * `declare module 'nestjs-hcp-vault' { interface SecretTypes extends SecretTypesOf<typeof schema> {} }`
 */
export type SecretTypesOf<S extends Readonly<Record<string, StandardSchemaV1>>> = {
  [N in keyof S]: StandardSchemaV1.InferOutput<S[N]>;
};

type Depth = [never, 0, 1, 2, 3, 4, 5, 6];

/** A key as it stands in a path: one that holds dots in brackets and quotes. */
type Segment<K extends string> = K extends `${string}.${string}` ? `['${K}']` | `["${K}"]` : K;

/** A path that goes on: a bracketed segment has no dot before it. */
type Onward<Head extends string, Rest extends string> = string extends Rest
  ? `${Head}.${string}` | `${Head}[${string}`
  : Rest extends `['${string}` | `["${string}`
    ? `${Head}${Rest}`
    : `${Head}.${Rest}`;

/** Paths into T, seven levels deep; any text where T is text (it may hold JSON) or unknown. */
export type FieldPathOf<T, D extends number = 7> = [D] extends [never]
  ? string
  : unknown extends T
    ? string
    : T extends string | Uint8Array
      ? string
      : T extends readonly (infer E)[]
        ? `${number}` | Onward<`${number}`, FieldPathOf<E, Depth[D]>>
        : T extends object
          ? {
              [K in keyof T & string]: NonNullable<T[K]> extends string | number | boolean | bigint | Date
                ? Segment<K>
                : Segment<K> | Onward<Segment<K>, FieldPathOf<NonNullable<T[K]>, Depth[D]>>;
            }[keyof T & string]
          : never;

/** The first key of a path, and what is left of the path. */
type Split<P extends string> = P extends `['${infer K}']${infer Rest}` | `["${infer K}"]${infer Rest}`
  ? [K, Rest extends `.${infer Next}` ? Next : Rest]
  : P extends `${infer Head}.${infer Rest}`
    ? Head extends `${infer Before}['${string}` | `${infer Before}["${string}`
      ? P extends `${Before}${infer Bracketed}`
        ? [Before, Bracketed]
        : never
      : [Head, Rest]
    : P extends `${infer Before}['${infer Rest}`
      ? [Before, `['${Rest}`]
      : P extends `${infer Before}["${infer Rest}`
        ? [Before, `["${Rest}`]
        : [P, ''];

/** What a path leads to in T. */
export type FieldOf<T, P> = P extends string
  ? Split<P> extends [infer K extends string, infer Rest]
    ? Rest extends ''
      ? Step<T, K>
      : FieldOf<NonNullable<Step<T, K>>, Rest>
    : unknown
  : unknown;

type Step<T, K extends string> = unknown extends T
  ? unknown
  : K extends keyof T
    ? T[K]
    : T extends readonly (infer E)[]
      ? K extends `${number}`
        ? E
        : unknown
      : unknown;

/** A secret as readers get it. */
export type ReadSecret<N, F = undefined> = DeepReadonly<F extends string ? FieldOf<SecretOf<N>, F> : SecretOf<N>>;
