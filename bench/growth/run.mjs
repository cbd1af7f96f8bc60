// `npm run bench`: what the number of secrets costs. Ends with 1 where a limit is passed.
import { measureMemory } from './memory.mjs';
import { measureMisses } from './misses.mjs';
import { measureTurns } from './turns.mjs';

const FULL = 50_000;
const SECRETS = 10_000;
const LIMITS = { miss: 2, bytes: 1.2 * 1024, unchanged: 5, rotated: 15 };

let missed = 0;
function tell(what, value, limit) {
  const passed = limit !== undefined && value.number > limit.number;
  missed += passed ? 1 : 0;
  const verdict = limit === undefined ? '' : passed ? `  PAST ITS LIMIT of ${limit.text}` : `  (limit ${limit.text})`;
  console.log(`  ${what.padEnd(58)}${value.text.padStart(11)}${verdict}`);
}
const microseconds = (number) => ({ number, text: `${number.toFixed(1)} µs` });
const milliseconds = (number) => ({ number, text: `${number.toFixed(1)} ms` });
const times = (number) => ({ number, text: `${number.toFixed(2)} ×` });
const bytes = (number) => ({ number, text: `${Math.round(number)} bytes` });

console.log(`Node ${process.version}, ${process.arch}\n\na miss, in a full cache`);
const [few, many] = await measureMisses([100, FULL]);
tell('of 100 secrets', microseconds(few));
tell(`of ${FULL} secrets`, microseconds(many));
tell('the one beside the other', times(many / few), times(LIMITS.miss));

console.log('\nheap of a secret, over its name and value');
tell(
  `between ${SECRETS} and ${3 * SECRETS} secrets`,
  bytes(await measureMemory(SECRETS, 3 * SECRETS)),
  bytes(LIMITS.bytes),
);

for (const bulk of [false, true]) {
  console.log(`\nlongest turn of the event loop, ${SECRETS} secrets read ${bulk ? 'in bulk' : 'by name'}`);
  const turns = await measureTurns(SECRETS, bulk);
  tell('client.refresh(), nothing changed', milliseconds(turns.unchanged), milliseconds(LIMITS.unchanged));
  tell('client.refresh(), all rotated', milliseconds(turns.rotated), milliseconds(LIMITS.rotated));
  tell('the job, nothing changed', milliseconds(turns.jobUnchanged), milliseconds(LIMITS.unchanged));
  tell('the job, all rotated', milliseconds(turns.jobRotated), milliseconds(LIMITS.rotated));
}
process.exitCode = missed > 0 ? 1 : 0;
