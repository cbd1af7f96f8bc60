import fc from 'fast-check';
import {
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
  SecretThrottledError,
} from '../../../lib/core/errors/index.js';

export type Method = 'read' | 'readAll' | 'list' | 'exists' | 'write' | 'renew' | 'revoke';

/** How a source fails: the whole call. */
const FAULTS = {
  unavailable: () => new SecretSourceUnavailableError('down.'),
  'effect possible': () => new SecretSourceUnavailableError('cut.', { effect: 'possible' }),
  throttled: () => new SecretThrottledError(),
  'throttled for 2 s': () => new SecretThrottledError(undefined, { retryAfter: 2_000 }),
  'throttled for NaN': () => new SecretThrottledError(undefined, { retryAfter: Number.NaN }),
  'throttled for ever': () => new SecretThrottledError(undefined, { retryAfter: Number.POSITIVE_INFINITY }),
  'throttled for 30 days': () => new SecretThrottledError(undefined, { retryAfter: 30 * 86_400_000 }),
  'throttled for -5 s': () => new SecretThrottledError(undefined, { retryAfter: -5_000 }),
  denied: () => new SecretAccessDeniedError(),
  unauthenticated: () => new SecretAuthenticationError(),
  'not found as a whole': () => new SecretNotFoundError(),
  'a foreign error': () => new TypeError('foreign'),
  'a text thrown': () => 'thrown',
} as const;

export type Fault = keyof typeof FAULTS;

export function errorOf(fault: Fault): unknown {
  return FAULTS[fault]();
}

/** True for what makes a renewal pointless: new credentials are due. */
export function endsRenewing(fault: Fault): boolean {
  return fault === 'denied' || fault === 'not found as a whole';
}

/** What stands in the Map for one name, where a value should. */
const ODD_ENTRIES = {
  number: 7,
  text: 'text',
  null: null,
  'an Error': new Error('odd'),
  '{}': {},
  'its own denial': new SecretAccessDeniedError(),
  'its own outage': new SecretSourceUnavailableError('this one is down.'),
} as const;

export type OddEntry = keyof typeof ODD_ENTRIES;

export function oddEntry(odd: OddEntry): unknown {
  return ODD_ENTRIES[odd];
}

/** What comes in place of a Map, a list, a lease. */
const ODD_ANSWERS = { undefined: undefined, null: null, number: 5, '{}': {}, '[1, null]': [1, null], text: 'odd' };

export type OddAnswer = keyof typeof ODD_ANSWERS;

export function oddAnswer(odd: OddAnswer): unknown {
  return ODD_ANSWERS[odd];
}

/** `heeds`: stops when it is told to; a deaf one answers all the same, when its time is over. */
export type Speed = 'at once' | { readonly after: number; readonly heeds: boolean } | 'hangs';

/** What is wrong with calls of a kind, until it is healed or has hit so many calls. */
export interface Trouble {
  readonly speed: Speed;
  readonly fault?: Fault | undefined;
  readonly oddEntry?: { readonly name: string; readonly odd: OddEntry } | undefined;
  readonly oddAnswer?: OddAnswer | undefined;
  /** A renewal grants this share. */
  readonly grant?: number | undefined;
  readonly times: number;
}

const speeds = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Speed>('at once') },
  { weight: 4, arbitrary: fc.record({ after: fc.constantFrom(20, 300, 1_500, 6_000), heeds: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ after: fc.constantFrom(15_000, 40_000), heeds: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant<Speed>('hangs') },
);

const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>): K[] => Object.keys(record) as K[];

const wrongs = (names: readonly string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ fault: fc.constantFrom(...keysOf(FAULTS)) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        oddEntry: fc.record({ name: fc.constantFrom(...names), odd: fc.constantFrom(...keysOf(ODD_ENTRIES)) }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ oddAnswer: fc.constantFrom(...keysOf(ODD_ANSWERS)) }) },
    { weight: 1, arbitrary: fc.record({ grant: fc.constantFrom(0.2, 0.95, 1.5) }) },
    { weight: 2, arbitrary: fc.constant({}) },
  );

export const troubles = (names: readonly string[]): fc.Arbitrary<Trouble> =>
  fc
    .tuple(speeds, wrongs(names), fc.constantFrom(1, 2, 5, 1_000))
    .map(([speed, wrong, times]) => ({ speed, ...wrong, times }));
