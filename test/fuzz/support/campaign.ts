import type { Outcome } from './run.js';
import { play } from './run.js';
import type { Operation, Scenario } from './scenario.js';
import { scenarioOf } from './scenario.js';
import { shrink } from './shrink.js';
import type { Violation } from './violations.js';

export interface Campaign {
  readonly runs: number;
  readonly operations: number;
  readonly seed: number;
  /** Kinds of breaks that are made small for the report. */
  readonly shrinks: number;
}

export interface Found {
  readonly seed: number;
  readonly violation: Violation;
}

/** Numbers from the environment; without it the fixed ones, so that nothing is left to chance where nobody asked for it. */
export function campaignFrom(environment: Readonly<Record<string, string | undefined>>, given: Campaign): Campaign {
  const number = (name: string, otherwise: number): number => Number(environment[name] ?? otherwise);
  return {
    runs: number('FUZZ_RUNS', given.runs),
    operations: number('FUZZ_OPS', given.operations),
    seed: number('FUZZ_SEED', given.seed),
    shrinks: number('FUZZ_SHRINKS', given.shrinks),
  };
}

/** Plays scenarios of consecutive seeds; tells how many were broken, by kind, with the shortest row of operations that breaks each. */
export async function run(campaign: Campaign): Promise<{ broken: number; calls: number; report: string }> {
  const byKind = new Map<string, Found[]>();
  let broken = 0;
  let calls = 0;
  for (let seed = campaign.seed; seed < campaign.seed + campaign.runs; seed += 1) {
    const outcome = await play(scenarioOf(seed, campaign.operations));
    calls += outcome.calls;
    if (outcome.violations.length > 0) broken += 1;
    const kinds = new Set<string>();
    for (const violation of outcome.violations) {
      if (kinds.has(violation.kind)) continue;
      kinds.add(violation.kind);
      byKind.set(violation.kind, [...(byKind.get(violation.kind) ?? []), { seed, violation }]);
    }
  }
  return { broken, calls, report: await describe(byKind, campaign) };
}

async function describe(
  byKind: ReadonlyMap<string, readonly Found[]>,
  { operations, shrinks }: Campaign,
): Promise<string> {
  const parts: string[] = [];
  const kinds = [...byKind].sort(([, a], [, b]) => b.length - a.length);
  for (const [index, [kind, found]] of kinds.entries()) {
    const [{ seed, violation }] = found as [Found, ...Found[]];
    const others = found.slice(1, 4).map((one) => one.seed);
    parts.push(
      `${kind}: ${found.length} scenarios; seed ${seed}${others.length > 0 ? `, also ${others.join(', ')}` : ''}`,
    );
    parts.push(`  ${violation.at} ms: ${violation.text}`);
    if (index >= shrinks) continue;
    const { scenario, outcome } = await shrink(scenarioOf(seed, operations), kind);
    parts.push(traceOf(scenario, outcome, kind));
  }
  return parts.join('\n');
}

/** One line for the setting, one for each operation. */
function traceOf({ setting }: Scenario, { trace, violations }: Outcome, kind: string): string {
  const { traits, ...rest } = setting;
  const broken = violations.find((violation) => violation.kind === kind);
  return [
    `    source ${JSON.stringify(traits)}`,
    `    app ${JSON.stringify(rest)}`,
    ...trace.map(({ at, operation }) => `    ${String(at).padStart(9)} ms  ${textOf(operation)}`),
    `    ${String(broken?.at).padStart(9)} ms  ✗ ${broken?.text}`,
  ].join('\n');
}

function textOf({ do: what, ...rest }: Operation): string {
  const parts = Object.values(rest).map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
  return [what, ...parts].join(' ');
}
