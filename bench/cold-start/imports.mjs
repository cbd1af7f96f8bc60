// What importing the package costs on top of Nest itself, beside `@nestjs/config`. Alone: `node bench/cold-start/imports.mjs`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROCESSES = Number(process.env.ROUNDS ?? 15);
const LIMITS = { import: 1, require: 1.5 };
const script = fileURLToPath(new URL('import.mjs', import.meta.url));
const commonjs = fileURLToPath(new URL('../../dist/cjs/index.js', import.meta.url));
const BESIDE = '@nestjs/config';

function once(way, target) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, way, target], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${target} could not be loaded\n${stderr}`);
  return Number(stdout);
}

/** Of as many processes each, which take turns: the median, as the least of many is chance on a machine that does other things. */
function medians(loads) {
  const took = loads.map(() => []);
  for (let i = 0; i < PROCESSES; i += 1) loads.forEach(([way, target], at) => took[at].push(once(way, target)));
  return took.map((times) => times.sort((a, b) => a - b)[times.length >> 1]);
}

/** Prints the table; gives how many limits are passed. */
export function measureImports() {
  console.log(`\nloading, over Nest itself; CPU time, median of ${PROCESSES} processes`);
  let missed = 0;
  for (const [way, targets] of [
    [
      'import',
      [
        'nestjs-hcp-vault',
        'nestjs-hcp-vault/vault',
        'nestjs-hcp-vault/aws',
        'nestjs-hcp-vault/gcp',
        'nestjs-hcp-vault/azure',
        'nestjs-hcp-vault/redis',
        'nestjs-hcp-vault/opentelemetry',
        'nestjs-hcp-vault/kubernetes',
        'nestjs-hcp-vault/guard',
        'nestjs-hcp-vault/terminus',
        'nestjs-hcp-vault/testing',
      ],
    ],
    ['require', ['nestjs-hcp-vault', commonjs]],
  ]) {
    const [config, ...ours] = medians([BESIDE, ...targets].map((target) => [way, target]));
    console.log(`  ${`${way} ${BESIDE}`.padEnd(44)}${`${config.toFixed(1)} ms`.padStart(11)}`);
    ours.forEach((took, at) => {
      const isMain = at === 0 || targets[at] === commonjs;
      const passed = isMain && took / config > LIMITS[way];
      if (passed) missed += 1;
      const verdict = !isMain ? '' : passed ? `  PAST ITS LIMIT of ${LIMITS[way]}` : `  (limit ${LIMITS[way]})`;
      const name = targets[at] === commonjs ? 'dist/cjs, as Jest takes it' : targets[at];
      const ratio = `${(took / config).toFixed(2)} ×`;
      console.log(
        `  ${`${way} ${name}`.padEnd(44)}${`${took.toFixed(1)} ms`.padStart(11)}${ratio.padStart(21)}${verdict}`,
      );
    });
  }
  return missed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = measureImports() > 0 ? 1 : 0;
