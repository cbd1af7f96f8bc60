import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConnectionSecretTypes, SecretTypes } from './secret-types.js';
import type { DeepReadonly } from './secret-value.js';
import type { UntypedName } from './untyped.js';

/** The connection whose secrets `SecretTypes` names. */
type Default = 'default';

/** What is declared of a connection; nothing for a name that is known only at run time. */
type TypesOf<C extends string> = C extends Default
  ? SecretTypes
  : C extends keyof ConnectionSecretTypes
    ? ConnectionSecretTypes[C]
    : unknown;

/** Names of a connection's secrets: those that are declared, and what `untyped` gives; any where none is declared. */
export type SecretName<C extends string = Default> = keyof TypesOf<C> extends never
  ? string
  : Extract<keyof TypesOf<C>, string> | UntypedName;

/** The type of a secret by its name. */
export type SecretOf<N, C extends string = Default> = N extends keyof TypesOf<C> ? TypesOf<C>[N] : unknown;

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
export type ReadSecret<N, F = undefined, C extends string = Default> = DeepReadonly<
  F extends string ? FieldOf<SecretOf<N, C>, F> : SecretOf<N, C>
>;

/**
 * What a read gives: `T`, where the call says it (`get<string>(…)`), the name is untyped, or no name is declared; else the declared type.
 * @typeParam N the name as it was inferred: `never` where the call says its type, as nothing is inferred then
 */
export type Reading<T, N, F, C extends string> = keyof TypesOf<C> extends never
  ? T
  : [N] extends [never]
    ? T
    : UntypedName extends N
      ? T
      : ReadSecret<N, F, C>;

/** The name of a read. A call that says its type may give those whose type fits, and untyped ones. */
export type NameOf<N, T, C extends string> = [N] extends [never]
  ? keyof TypesOf<C> extends never
    ? string
    : NamesThatFit<T, TypesOf<C>> | UntypedName
  : N;

type NamesThatFit<T, Types> = {
  [N in keyof Types & string]: Types[N] extends T ? N : DeepReadonly<Types[N]> extends T ? N : never;
}[keyof Types & string];

/** Any name, for a call that says its type; none, for one that does not. */
export type NameWithType<T, C extends string> = [T] extends [never] ? never : SecretName<C>;
