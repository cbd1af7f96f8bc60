// `npm run bench` here: what reading a secret of a real Vault costs through each client, in one run. Ends with 1 where ours passes its limit.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { makeClients } from './clients.mjs';
import { startVault } from './server.mjs';

const rounds = Number(process.env.ROUNDS ?? 15);
const [ONE_BY_ONE, AT_ONCE] = [300, 2000];
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Compiled apart from `dist`, which others may be using. */
function compile() {
  const args = ['tsc', '-p', 'tsconfig.build.json', '--outDir', '.cache/bench-vault', '--declaration', 'false'];
  const { status } = spawnSync('npx', args, { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] });
  if (status !== 0) throw new Error('The package does not compile.');
  return import('../../.cache/bench-vault/sources/vault/index.js');
}

/** Milliseconds of the work. */
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function inTurn(read, times) {
  for (let n = 0; n < times; n += 1) if ((await read()) !== 'the value') throw new Error('Another value.');
}

const atOnce = (read, times) => Promise.all(Array.from({ length: times }, read));
const shuffled = (list) =>
  list
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const { VaultClient } = await compile();
const server = await startVault();
const clients = await makeClients({ VaultClient, ...server });
console.log(`Node ${process.version}, ${process.arch}; median of ${rounds} rounds in which the clients take turns`);
let missed = 0;
try {
  for (const { read } of clients) {
    await inTurn(read, 300);
    await atOnce(read, AT_ONCE);
  }
  const groups = [
    {
      title: `One by one: microseconds for one read (${ONE_BY_ONE} a round)`,
      unit: 'µs',
      scale: 1000 / ONE_BY_ONE,
      work: (read) => inTurn(read, ONE_BY_ONE),
    },
    {
      title: `${AT_ONCE} at once: milliseconds until all are read`,
      unit: 'ms',
      scale: 1,
      work: (read) => atOnce(read, AT_ONCE),
    },
  ];
  for (const { title, unit, scale, work } of groups) {
    const times = new Map(clients.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      // In another order each time, so that none always follows the same neighbour's garbage.
      for (const { name, read } of shuffled(clients)) {
        times.get(name).push((await timed(() => work(read))) * scale);
      }
    }
    console.log(`\n${title}`);
    // The better of the two, whatever the number of connections does to it on this machine.
    const base = Math.min(...['undici', 'undici, 128 connections'].map((name) => median(times.get(name))));
    for (const { name, limit } of clients) {
      const time = median(times.get(name));
      const passed = limit !== undefined && time / base > limit;
      missed += passed ? 1 : 0;
      const verdict = limit === undefined ? '' : passed ? `  PAST ITS LIMIT of ${limit}` : `  (limit ${limit})`;
      console.log(
        `  ${name.padEnd(26)}${time.toFixed(0).padStart(6)} ${unit} ${(time / base).toFixed(2).padStart(7)} ×${verdict}`,
      );
    }
  }
} finally {
  for (const { close } of clients) await close?.();
  await server.stop();
}
if (clients.length < 7)
  console.log('\nClients that are not installed are left out: (cd bench/vault && npm install --no-package-lock)');
process.exitCode = missed > 0 ? 1 : 0;
