// `npm run bench`: the questions that need nothing but this package, one process each. Ends with 1 where a limit is passed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

let missed = 0;
for (const question of ['reads', 'growth', 'cold-start']) {
  const script = fileURLToPath(new URL(`./${question}/run.mjs`, import.meta.url));
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) missed += 1;
  console.log();
}
process.exitCode = missed > 0 ? 1 : 0;
