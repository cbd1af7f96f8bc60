// What reading 100 secrets of AWS Secrets Manager costs at a distance, in one run. Ends with 1 where ours takes more round trips, or more time beside the SDK, than its limit, or where Node warns.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startServer } from './server.mjs';

const rounds = Number(process.env.ROUNDS ?? 15);
const LATENCY = 20;
/** Of the SDK's time, where nothing but single reads is permitted. */
const SHARE = 1.1;
const names = Array.from({ length: 100 }, (_, index) => `bench/SECRET_${index}`);
const root = fileURLToPath(new URL('../../', import.meta.url));
const access = { region: 'eu-central-1', credentials: { accessKeyId: 'AKIA', secretAccessKey: 'made-up' } };

/** Compiled apart from `dist`, which others may be using. */
function compile() {
  const args = ['tsc', '-p', 'tsconfig.build.json', '--outDir', '.cache/bench-aws', '--declaration', 'false'];
  const { status } = spawnSync('npx', args, { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] });
  if (status !== 0) throw new Error('The package does not compile.');
  return import('../../.cache/bench-aws/sources/aws/index.js');
}

const powertools = await import('@aws-lambda-powertools/parameters/secrets').catch(() => undefined);
const { awsSecretsManager } = await compile();
const server = await startServer({ names, latency: LATENCY });
const sdk = new SecretsManagerClient({ ...access, endpoint: server.endpoint });
const read = (name) => sdk.send(new GetSecretValueCommand({ SecretId: name })).then(({ SecretString }) => SecretString);
const each = async (one) => {
  for (const name of names) await one(name);
};
const context = () => ({ signal: new globalThis.AbortController().signal });
const ours = (options = {}) => awsSecretsManager({ ...access, endpoint: server.endpoint, ...options });
const [byName, byPrefix, single] = [ours(), ours({ prefix: 'bench/' }), ours()];

const cases = [
  ['ours, 100 names', () => byName.read(names, context()), 2],
  ['ours, all below a prefix', () => byPrefix.readAll(context()), 2],
  ['ours, without permission for batches', () => single.read(names, context())],
  ['SDK, all at once', () => Promise.all(names.map(read))],
  ['SDK, one by one', () => each(read)],
];
if (powertools) {
  const provider = new powertools.SecretsProvider({ awsSdkV3Client: sdk });
  const get = (name) => provider.get(name, { forceFetch: true });
  cases.push(['Powertools, all at once', () => Promise.all(names.map(get))]);
  cases.push(['Powertools, one by one', () => each(get)]);
} else console.log('Powertools is left out: (cd bench/aws && npm install --no-package-lock)');

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
let missed = 0;
/** The best times by title: on a busy machine these are nearest to the truth. */
const taken = {};
process.on('warning', ({ name, message }) => {
  if (message.startsWith('NodeVersionSupportWarning')) return; // of the SDK's, about Node
  missed += 1;
  console.log(`A warning, where there is to be none: ${name}: ${message}`);
});
console.log(
  `Node ${process.version}, ${process.arch}; 100 secrets, ${LATENCY} ms latency; median of up to ${rounds} rounds`,
);
for (const [title, work, limit] of cases) {
  server.state.deniesBatches = title.includes('without permission');
  await work(); // connections, credentials, and what is learnt about permissions
  const times = [];
  const slow = title.includes('one by one');
  let most = 0;
  for (let round = 0; round < (slow ? 1 : rounds); round += 1) {
    server.reset();
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
    most = Math.max(most, server.counts.roundTrips);
  }
  taken[title] = Math.min(...times);
  const { requests } = server.counts;
  const late = limit !== undefined && most > limit;
  missed += Number(late);
  const row = [title.padEnd(38), `${median(times).toFixed(0)} ms`.padStart(8), `${requests} requests`.padStart(13)];
  console.log(...row, `${most} round trips${late ? ` (more than ${limit})` : ''}`.padStart(17));
}
const share = taken['ours, without permission for batches'] / taken['SDK, all at once'];
console.log(`without permission for batches: ${share.toFixed(2)} × the SDK all at once (limit ${SHARE})`);
missed += Number(share > SHARE);
await Promise.all([byName, byPrefix, single].map((source) => source.close()));
sdk.destroy();
server.stop();
process.exitCode = missed > 0 ? 1 : 0;
