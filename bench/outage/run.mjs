// What becomes of an app, and of its backend, in an outage: requests counted. Ends with 1 where something is not as it has to be.
//   node bench/outage/run.mjs [backend…] [--only=<part of a title>]
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cases, LATENCY } from './cases.mjs';
import { Faults } from './faults.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length) ?? '';

/** Compiled apart from `dist`, which others may be using. */
const args = ['tsc', '-p', 'tsconfig.build.json', '--outDir', '.cache/bench-outage', '--declaration', 'false'];
if (spawnSync('npx', args, { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] }).status !== 0)
  throw new Error('The package does not compile.');
const load = (path) => import(`../../.cache/bench-outage/${path}`);
const { SecretRuntime } = await load('core/client/secret-runtime.js');
const { HcpVaultClient } = await load('core/client/hcp-vault-client.js');

const files = (await readdir(new URL('backends/', import.meta.url))).filter((file) => !file.endsWith('-server.mjs'));
let missed = 0;
const warnings = [];
process.on(
  'warning',
  ({ name, message }) => name !== 'NodeDeprecationWarning' && warnings.push(`${name}: ${message.split('\n')[0]}`),
);
console.log(`Node ${process.version}, ${process.arch}; ${LATENCY} ms latency`);
for (const file of files) {
  const backend = await import(`./backends/${file}`);
  if (wanted.length > 0 && !wanted.some((word) => file.includes(word))) continue;
  console.log(`\n${backend.title}`);
  for (const { title, run } of cases) {
    if (!title.includes(only)) continue;
    const faults = new Faults(LATENCY);
    const values = new Map();
    const opened = [];
    let rows;
    /** Starts the stub; `connect` starts an app’s connection to it, which loads the names. */
    const start = async () => {
      const stub = await backend.start({ faults, values, load });
      opened.push(() => stub.stop());
      const connect = async (names, options = {}) => {
        const runtime = new SecretRuntime({ source: stub.source(), ...options });
        opened.unshift(() => runtime.shutdown());
        await runtime.bootstrap(names.map((name) => ({ name, need: 'required' })), 'decorated');
        runtime.start();
        return { runtime, client: new HcpVaultClient(runtime) };
      };
      return { ...stub, connect };
    }; // prettier-ignore
    try {
      rows = await run({ backend, start, faults, values });
    } catch (error) {
      rows = [['failed', error.code ?? error.message, () => false, String(error).slice(0, 200)]];
    }
    for (const end of opened) await end();
    console.log(`  ${title}`);
    for (const [what, count, isAsItHasToBe, remark] of rows) {
      const isMissed = !isAsItHasToBe(count);
      missed += Number(isMissed);
      console.log(
        `    ${what.padEnd(32)}${String(count).padStart(8)}${isMissed ? '  MISSED' : ''}${remark ? `  (${remark})` : ''}`,
      );
    }
  }
}
const told = [...new Set(warnings)].filter((warning) => !warning.includes('NodeVersionSupport'));
for (const warning of told) console.log(`warned: ${warning}`);
process.exitCode = missed > 0 || told.length > 0 ? 1 : 0;
