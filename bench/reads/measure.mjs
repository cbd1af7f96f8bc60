// A loop of its own for each case, so that no case spoils another's inline caches; rounds of all cases by turns, so that a busy moment of the
// machine hits all of them; the median of the rounds.
import { performance } from 'node:perf_hooks';

let loops = 0;
/** V8 keeps one feedback for all functions made from the same text, so each loop has a text of its own. */
const own = (body) => `${body} // ${loops++}`;

/** Which subject a turn of the loop reads is looked up under a mask that V8 can't know, so that no read is moved out of the loop; what is read goes into a sum. */
export function syncLoop(expression) {
  const body = `let sum = 0; for (let i = 0; i < n; i++) { const subject = subjects[i & mask]; sum += ${expression}; } return sum;`;
  return new Function('subjects', 'mask', 'n', own(body));
}

/** The same for what gives a promise. */
export function asyncLoop(expression) {
  const body = `return (async () => { let sum = 0; for (let i = 0; i < n; i++) { const subject = subjects[i & mask]; sum += (await ${expression}).length; } return sum; })();`;
  return new Function('subjects', 'mask', 'n', own(body));
}

const ROUND = 15; // milliseconds

/**
 * Nanoseconds of one turn of each case's loop.
 * @param cases { name, loop, subjects } each; `subjects` has 2^n members.
 */
export async function measure(cases, rounds) {
  const prepared = [];
  for (const { name, loop, subjects } of cases) {
    const run = async (n) => {
      const start = performance.now();
      const sum = loop(subjects, subjects.length - 1, n);
      sunk += typeof sum === 'number' ? sum : await sum;
      return performance.now() - start;
    };
    let n = 1000;
    for (let i = 0; i < 5; i++) await run(n); // through the compilers' tiers
    while ((await run(n)) < ROUND) n *= 2;
    prepared.push({ name, run, n, samples: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { run, n, samples } of prepared) samples.push(((await run(n)) / n) * 1e6);
  }
  return new Map(prepared.map(({ name, samples }) => [name, median(samples)]));
}

/** Read at the end, so that nothing counts as unused. */
export let sunk = 0;

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
