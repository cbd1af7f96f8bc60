import type { OptionKinds } from '../../core/options/option-kinds.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { SecretSource } from '../../core/source/secret-source.js';

export type SeedValues = Readonly<Record<string, SecretValue>>;

/** Awaited, where it is a promise. */
type Done = unknown;

/** A source, and what the suite may do behind its back. All but the source may be left out; what needs it is then skipped. */
export interface SourceUnderTest {
  readonly source: SecretSource;
  /** Puts the values into the backend, where `make` hasn't. Without it the source’s own `write` serves. */
  seed?(values: SeedValues): Done;
  /** Gives a secret a new value at the backend, not through the source. */
  rotate?(name: string, value: SecretValue): Done;
  /** Takes a secret away at the backend. */
  remove?(name: string): Done;
  /**
   * Gives a secret a value at the backend that no source can take, e.g. a JSON object with the number `1e999`, or one
   * nested a thousand levels deep: then
   * that is its error, and the others come. Left out where the backend can hold no such thing.
   */
  spoil?(name: string): Done;
  /** Lets the backend fail, until `recover`. */
  fail?(): Done;
  recover?(): Done;
  /** How many requests the backend has got so far, throttled and failed ones too. */
  requests?(): number | Promise<number>;
  /** Gives the backend a quota (a token bucket) in requests, until `recover`: what is over it is refused as the backend refuses it. */
  throttle?(quota: Quota): Done;
  /** How often credentials of a dynamic secret were issued so far: needed with the option `dynamic`. */
  opened?(name: string): number | Promise<number>;
  /** What the source proves itself with: never to be seen in anything that it prints or throws. */
  readonly credentials?: readonly string[] | undefined;
  /** Called when a test is over, after the source was closed. */
  dispose?(): Done;
}

/** So many requests a second, of which `burst` may come at once. */
export interface Quota {
  readonly perSecond: number;
  readonly burst: number;
}

/** Makes a new source for one test, whose backend holds these values. */
export type MakeSource = (
  values: SeedValues,
) => SecretSource | SourceUnderTest | Promise<SecretSource | SourceUnderTest>;

/** What a source, or its backend in the hands of the suite, can do beside reading. */
export type SourcePart =
  | 'canonicalName'
  | 'close'
  | 'exists'
  | 'fail'
  | 'list'
  | 'readAll'
  | 'release'
  | 'remove'
  | 'renew'
  | 'requests'
  | 'revoke'
  | 'rotate'
  | 'throttle'
  | 'watch'
  | 'write';

export type ValueKind = 'text' | 'object' | 'bytes';

export interface SourceContractOptions {
  /** Those of the test runner, where they are not globals (`node:test`, vitest without `globals`). */
  readonly describe?: ((name: string, body: () => void) => unknown) | undefined;
  readonly it?: TestFunction | undefined;
  /** The kinds of values that the backend can hold. @default ['text'] */
  readonly values?: readonly ValueKind[] | undefined;
  /** Names beside plain ones that the backend can hold, e.g. `['with space', 'ключ', '100%']`. @default [] */
  readonly names?: readonly string[] | undefined;
  /** The name of a dynamic secret that `make` sets up beside the values; `opened` tells how often it was opened. @default none: the clauses of leases are left out */
  readonly dynamic?: string | undefined;
  /**
   * Parts that the source lacks on purpose: their tests are reported as skipped. Where a part is not named here and not there either, its
   * tests are skipped at run time, which node:test and vitest report; jest can't, and counts them as passed.
   */
  readonly without?: readonly SourcePart[] | undefined;
}

export const CONTRACT_OPTIONS: OptionKinds<SourceContractOptions> = {
  describe: 'function',
  it: 'function',
  values: 'texts',
  names: 'texts',
  dynamic: 'text',
  without: 'texts',
};

/** `it` of jest, vitest and node:test. They overload it, each in its own way, so no parameters are asked for: it is called with a name and a body. */
export interface TestFunction {
  (...parameters: never[]): unknown;
  readonly skip?: ((...parameters: never[]) => unknown) | undefined;
}
