import type { Duration } from '../duration.js';

/** What one option may be. A list of text or numbers: one of these. `any` is for what is not ours to look into. */
export type OptionKind =
  | 'any'
  | 'boolean'
  | 'duration'
  | 'duration or forever'
  | 'function'
  | 'number'
  | 'text'
  | 'texts'
  | readonly (string | number)[]
  | OptionGroup<never>
  | NeededOption<unknown>;

/** The options of a function by name. Held against their type: neither can have what the other lacks. */
export type OptionKinds<T> = {
  readonly [K in KeysOf<T>]: K extends NeededKeysOf<T> ? NeededOption<KindOf<ValueOf<T, K>>> : KindOf<ValueOf<T, K>>;
};

/** Options within an option. */
export class OptionGroup<T> {
  constructor(
    readonly kinds: OptionKinds<T>,
    /** Whether it may be true or false as well, as in `retry: false`. */
    readonly orBoolean: boolean,
  ) {}
}

/** An option that must be given. */
export class NeededOption<K> {
  constructor(readonly kind: K) {}
}

export const group = <T>(kinds: OptionKinds<T>): OptionGroup<T> => new OptionGroup(kinds, false);

export const groupOrBoolean = <T>(kinds: OptionKinds<T>): OptionGroup<T> => new OptionGroup(kinds, true);

export const needed = <const K>(kind: K): NeededOption<K> => new NeededOption(kind);

/** Of all members of a union. */
type KeysOf<T> = T extends unknown ? keyof T & string : never;

type ValueOf<T, K> = T extends unknown ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never;

/** Of those that every member of a union asks for. */
type NeededKeysOf<T, K extends keyof T = keyof T> = K extends keyof T
  ? Partial<Pick<T, K>> extends Pick<T, K>
    ? never
    : K
  : never;

type KindOf<V> = [V] extends [boolean]
  ? 'boolean'
  : [V] extends [string]
    ? OneOf<V, string, 'text'>
    : [V] extends [number]
      ? OneOf<V, number, 'number'>
      : [V] extends [Duration]
        ? 'any' | 'duration' | 'duration or forever'
        : [V] extends [(...parameters: never[]) => unknown]
          ? 'function'
          : [V] extends [readonly string[]]
            ? 'texts'
            : 'any' | OptionGroup<Extract<V, object>>;

type OneOf<V, Wide, Kind> = Wide extends V ? Kind : readonly V[];
