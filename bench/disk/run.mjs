// `node bench/disk/run.mjs`: what a start from the disk costs. Ends with 1 where a limit is passed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT = 50; // milliseconds
const ROUNDS = Number(process.env.ROUNDS ?? 9);
const script = fileURLToPath(new URL('./start.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bench-disk-'));

function start(way) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, way, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

try {
  start('write');
  start('write-passphrase');
  const ways = ['memory', 'disk'];
  const took = { memory: [], disk: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ways) {
      const { ready, reads, from } = start(way);
      if (way === 'disk' && (reads > 0 || from !== 200)) throw new Error(`${reads} readings, ${from} from the disk`);
      took[way].push(ready);
    }
  }
  const [memory, disk] = ways.map((way) => ({ best: Math.min(...took[way]), middle: median(took[way]) }));
  const added = disk.best - memory.best;
  const text = ({ best, middle }) => `${best.toFixed(1)} ms  (median ${middle.toFixed(1)})`;
  const verdict = added > LIMIT ? 'PAST ITS LIMIT of' : 'limit';
  console.log(`Node ${process.version}, ${process.arch}: 200 secrets at a start, best of ${ROUNDS}`);
  console.log(`  from memory      ${text(memory)}`);
  console.log(`  from the disk    ${text(disk)}`);
  console.log(`  the disk adds    ${added.toFixed(1)} ms  (${verdict} ${LIMIT} ms)`);
  console.log(`  with a passphrase ${start('passphrase').ready.toFixed(1)} ms`);
  process.exitCode = added > LIMIT ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
