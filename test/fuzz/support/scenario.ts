import fc from 'fast-check';
import type { SourceTraits } from './fake-source.js';
import type { Fault, Method, Trouble } from './trouble.js';
import { troubles } from './trouble.js';
import { DYNAMIC, LOOSE, MISSING, STATIC } from './world.js';

export interface Setting {
  readonly traits: SourceTraits;
  readonly maxAge: number;
  readonly maxStale: number | 'forever';
  readonly jitter: number;
  readonly maxEntries: number;
  readonly refresh: boolean;
  readonly preload: 'decorated' | 'all';
  /** C is there from the start. */
  readonly hasC: boolean;
  /** K is asked for at the start, or on demand. */
  readonly requiresK: boolean;
  /** What the rotating resource is made from. */
  readonly resourceOf: 'A' | 'L';
  /** Readers look at everything after each step of time; else only when an operation says so. */
  readonly busy: boolean;
  readonly retryMax: number;
  /** Seed of the core's own chance. */
  readonly chance: number;
  readonly early: Trouble | undefined;
}

export type Waiter = 'fetch' | 'withSecret' | 'use' | 'get' | 'none';

export type Operation =
  | { readonly do: 'pass'; readonly ms: number }
  | {
      readonly do: 'freeze';
      readonly ms: number;
      readonly rotate?: string | undefined;
      readonly name: string;
      readonly waiter: Waiter;
      readonly first: 'waiter' | 'timers';
    }
  | { readonly do: 'rotate' | 'renumber' | 'remove' | 'remake'; readonly name: string }
  | {
      readonly do: 'trouble';
      readonly methods: readonly Method[];
      readonly trouble: Trouble;
      readonly renewing?: Fault | undefined;
    }
  | { readonly do: 'heal' | 'fetchSecrets' | 'refresh' | 'status' | 'look' | 'lost' | 'resumed' | 'shutdown' }
  | {
      readonly do: 'fetch';
      readonly name: string;
      readonly forced: boolean;
      readonly times: number;
      readonly field: boolean;
    }
  | { readonly do: 'withSecret'; readonly name: string; readonly ms: number; readonly refusals: number }
  | { readonly do: 'use'; readonly ms: number; readonly refusals: number }
  | { readonly do: 'refreshName' | 'exists' | 'update' | 'reportRejected'; readonly name: string }
  /** Several wishes for one name while its reading takes some time. */
  | {
      readonly do: 'crowd';
      readonly name: string;
      readonly ms: number;
      readonly second: 'forced' | 'refresh' | 'plain';
    }
  | { readonly do: 'list'; readonly prefix?: string | undefined }
  | { readonly do: 'announce'; readonly changes: Announcement; readonly name: string; readonly times: number };

export const ANNOUNCEMENTS = [
  'name',
  'version',
  'oldVersion',
  'unknown',
  'all',
  'nothing',
  'null',
  'number',
  'holes',
  'objects',
  'text',
] as const;
export type Announcement = (typeof ANNOUNCEMENTS)[number];

export interface Scenario {
  readonly setting: Setting;
  readonly operations: readonly Operation[];
}

const SECOND = 1_000;
const MINUTE = 60_000;
const ALL = [...STATIC, ...LOOSE, ...MISSING, ...DYNAMIC];
const RENEWABLE = [[], ['L'], ['L', 'K'], ['K']];

const traits: fc.Arbitrary<SourceTraits> = fc.record({
  readsAll: fc.boolean(),
  lists: fc.boolean(),
  asksExists: fc.boolean(),
  renews: often(true, false, 4),
  releases: fc.boolean(),
  looks: fc.constantFrom('at first', 'at last'),
  lag: fc.constantFrom(0, 0, 0, 400, 4_000),
  watch: fc.constantFrom('plain', 'plain', 'plain', 'none', 'async', 'throws', 'rejects', 'unwatch throws'),
  leaseDuration: fc.constantFrom(4 * SECOND, 30 * SECOND, 5 * MINUTE, 60 * MINUTE),
  renewable: fc.constantFrom(...RENEWABLE),
  numbers: often(true, false, 5),
  close: fc.constantFrom('plain', 'plain', 'none', 'throws', 'rejects'),
});

const setting: fc.Arbitrary<Setting> = fc.record({
  traits,
  maxAge: fc.constantFrom(5 * SECOND, 30 * SECOND, 10 * MINUTE),
  maxStale: fc.constantFrom<number | 'forever'>('forever', 12 * SECOND, 2 * MINUTE),
  jitter: fc.constantFrom(0, 0.5),
  maxEntries: fc.constantFrom(1, 3, 1_024),
  refresh: often(true, false, 6),
  preload: fc.constantFrom('decorated', 'all'),
  hasC: fc.boolean(),
  requiresK: fc.boolean(),
  resourceOf: fc.constantFrom('A', 'L'),
  busy: fc.boolean(),
  retryMax: fc.constantFrom(10 * SECOND, MINUTE),
  chance: fc.nat(),
  early: fc.option(troubles(ALL), { freq: 8, nil: undefined }),
});

const names = fc.constantFrom(...ALL);
const statics = fc.constantFrom(...STATIC, ...STATIC, ...LOOSE);
const pinned = fc.constantFrom(...STATIC, ...DYNAMIC, ...DYNAMIC);
const spans = fc.constantFrom(
  1,
  10,
  60,
  200,
  700,
  SECOND,
  2 * SECOND,
  3 * SECOND,
  8 * SECOND,
  20 * SECOND,
  MINUTE,
  5 * MINUTE,
);
const works = fc.constantFrom(0, 0, 30, 900, 5 * SECOND, MINUTE);
const refusals = fc.constantFrom(0, 0, 0, 1, 3);
const METHODS: Method[][] = [
  ['read'],
  ['read'],
  ['read', 'readAll'],
  ['readAll'],
  ['renew'],
  ['renew', 'read'],
  ['list'],
  ['exists'],
  ['write'],
  ['revoke'],
  ['read', 'readAll', 'renew', 'list', 'exists', 'write'],
];

const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 26, arbitrary: fc.record({ do: fc.constant('pass'), ms: spans }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('freeze'),
      ms: fc.constantFrom(900, 3 * SECOND, 20 * SECOND, 70 * SECOND, 30 * MINUTE, 180 * MINUTE),
      rotate: fc.option(fc.constantFrom(...STATIC), { nil: undefined }),
      name: pinned,
      waiter: fc.constantFrom<Waiter>('fetch', 'fetch', 'withSecret', 'use', 'get', 'none'),
      first: fc.constantFrom('waiter', 'timers'),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom('rotate', 'rotate', 'rotate', 'renumber', 'remove', 'remake'),
      name: statics,
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('trouble'),
      methods: fc.constantFrom(...METHODS),
      trouble: troubles(ALL),
      renewing: fc.constantFrom<Fault | undefined>(undefined, undefined, 'denied', 'unavailable'),
    }),
  },
  { weight: 8, arbitrary: fc.constant<Operation>({ do: 'heal' }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('fetch'),
      name: names,
      forced: often(false, true, 3),
      times: fc.constantFrom(1, 1, 1, 20),
      field: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('withSecret'), name: pinned, ms: works, refusals }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('use'), ms: works, refusals }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constantFrom('refreshName', 'exists', 'update', 'reportRejected'), name: names }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('crowd'),
      name: fc.constantFrom(...MISSING, ...LOOSE, ...DYNAMIC),
      ms: fc.constantFrom(10, 310, 350, 620),
      second: fc.constantFrom('forced', 'refresh', 'plain'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('list'), prefix: fc.constantFrom(undefined, 'X', 'none') }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('announce'),
      changes: fc.constantFrom(...ANNOUNCEMENTS),
      name: statics,
      times: fc.constantFrom(1, 1, 1, 50),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('fetchSecrets', 'refresh', 'refresh', 'status', 'look', 'lost', 'resumed'),
    }),
  },
  { weight: 1, arbitrary: often<Operation>({ do: 'look' }, { do: 'shutdown' }, 1) },
);

/** One of two, the first `times` times as often. */
function often<T>(one: T, other: T, times: number): fc.Arbitrary<T> {
  return fc.oneof({ weight: times, arbitrary: fc.constant(one) }, { weight: 1, arbitrary: fc.constant(other) });
}

export function scenarioOf(seed: number, length: number): Scenario {
  const scenario = fc.record({
    setting,
    operations: fc.array(operations, { minLength: length, maxLength: length, size: 'max' }),
  });
  return fc.sample(scenario, { seed, numRuns: 1 })[0]!;
}
