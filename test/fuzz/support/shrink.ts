import type { Outcome } from './run.js';
import { play } from './run.js';
import type { Operation, Scenario } from './scenario.js';

/** How often a scenario is played again to make it small. */
const TRIES = 250;

/**
 * The same break with fewer operations: takes away halves, quarters, … single ones, as long as a break of this kind stays (delta debugging). Operations
 * are independent of each other here, so that this does better than shrinking each of them.
 */
export async function shrink(scenario: Scenario, kind: string): Promise<{ scenario: Scenario; outcome: Outcome }> {
  let best = scenario;
  let outcome = await play(scenario);
  let left = TRIES;
  const breaks = async (operations: readonly Operation[]): Promise<boolean> => {
    left -= 1;
    const tried = { ...best, operations };
    const played = await play(tried);
    if (!played.violations.some((violation) => violation.kind === kind)) return false;
    best = tried;
    outcome = played;
    return true;
  };
  for (
    let size = Math.ceil(best.operations.length / 2);
    size >= 1 && left > 0;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < best.operations.length && left > 0;) {
      const { operations } = best;
      if (!(await breaks([...operations.slice(0, from), ...operations.slice(from + size)]))) from += size;
    }
  }
  return { scenario: best, outcome };
}
