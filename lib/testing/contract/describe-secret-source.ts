import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { Harness } from './harness.js';
import { changingClauses } from './changing.clauses.js';
import type { Clause } from './clause.js';
import { enumeratingClauses } from './enumerating.clauses.js';
import { leasingClauses } from './leasing.clauses.js';
import { cancellationClauses } from './cancellation.clauses.js';
import { loadClauses } from './load.clauses.js';
import { namesClauses, oddNamesClause } from './names.clauses.js';
import { readingClauses } from './reading.clauses.js';
import type { MakeSource, SourceContractOptions } from './source-under-test.js';
import { CONTRACT_OPTIONS } from './source-under-test.js';

/**
 * The contract that every source holds, as tests: for a source of one’s own, in jest, vitest (with `globals`, or handed its `describe` and `it`)
 * and node:test (handed them).
 *
 * ```ts
 * describeSecretSource('my source', async (values) => {
 *   const server = await MyServer.start(values);
 *   return {
 *     source: mySource({ url: server.url }),
 *     rotate: (name, value) => server.set(name, value),
 *     dispose: () => server.stop(),
 *   };
 * });
 * ```
 * What the source, or the object that `make` gives, has no part for is skipped: `read` and `kind` suffice.
 *
 * @param make is called again for each test, with the values that the backend has to hold; gives the source, or a {@link SourceUnderTest}.
 * Throws SecretConfigurationError where there is no test runner.
 */
export function describeSecretSource(name: string, make: MakeSource, given?: SourceContractOptions): void {
  const options = ownOptions(given, CONTRACT_OPTIONS, 'describeSecretSource');
  const { describe, it } = runner(options);
  const { values: kinds = ['text'], without = [], names = [], dynamic } = options;
  const clauses = [
    ...readingClauses,
    ...changingClauses,
    ...enumeratingClauses,
    ...namesClauses,
    ...cancellationClauses,
    ...loadClauses,
  ];
  if (names.length > 0) clauses.push(oddNamesClause(names));
  if (dynamic !== undefined) clauses.push(...leasingClauses(dynamic));
  describe(`${name}: the contract of sources`, () => {
    for (const clause of clauses) {
      const { title, kind = 'text', needs = [] } = clause;
      const absent = needs.filter((part) => without.includes(part));
      if (!kinds.includes(kind)) leaveOut(it, title, `no values of kind ${kind}`);
      else if (absent.length > 0) leaveOut(it, title, `without ${absent.join(' and ')}`);
      else it(needs.length > 0 ? `${title} [${needs.join(', ')}]` : title, body(clause, make));
    }
  });
}

/** Rest arguments, as runners take a parameter for a wish for a callback (jest) or for fixtures (vitest). */
function body(clause: Clause, make: MakeSource): (...args: never[]) => Promise<void> {
  return async (...args) => {
    const harness = await Harness.of(make, clause.values);
    const lacking = (clause.needs ?? []).filter((part) => harness.lacks(part));
    try {
      if (lacking.length === 0) await clause.hold(harness);
    } finally {
      await harness.dispose();
    }
    if (lacking.length > 0) skipNow(args[0], `without ${lacking.join(' and ')}`);
  };
}

function leaveOut(it: CalledTest, title: string, reason: string): void {
  it.skip?.(`${title} (${reason})`, () => Promise.resolve());
}

/** node:test and vitest hand each test a context that can skip it; jest has no such thing. */
function skipNow(context: unknown, reason: string): void {
  const { skip } = (context ?? {}) as { skip?: unknown }; // that of vitest is a function
  if (typeof skip === 'function') skip.call(context, reason);
}

function runner(options: SourceContractOptions): Required<Runner> {
  const globals = globalThis as Runner;
  const describe = options.describe ?? globals.describe;
  const it = (options.it as CalledTest | undefined) ?? globals.it;
  if (describe && it) return { describe, it };
  throw new SecretConfigurationError(
    'describeSecretSource finds no global `describe` and `it`: hand it those of your test runner, as in `{ describe, it }`.',
  );
}

interface Runner {
  describe?: NonNullable<SourceContractOptions['describe']>;
  it?: CalledTest;
}

/** How this suite calls a runner's `it`. */
interface CalledTest {
  (name: string, body: TestBody): unknown;
  readonly skip?: (name: string, body: TestBody) => unknown;
}
type TestBody = (...args: never[]) => Promise<void>;
