// What reading secrets and parameters of AWS costs at a distance, in one run. Ends with 1 where ours takes more round trips, or more time beside another way, than its limit, or where Node warns.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startServer } from './server.mjs';

const rounds = Number(process.env.ROUNDS ?? 15);
const LATENCY = 20;
const names = Array.from({ length: 100 }, (_, index) => `bench/SECRET_${index}`);
const parameters = Array.from({ length: 5_000 }, (_, index) => `/bench/KEY_${index}`);
/** What AWS lets an account ask of Parameter Store within a second, where nobody has raised it. */
const QUOTA = 40;
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
const { awsParameterStore, awsSecretsManager } = await compile();
const server = await startServer({ names, parameters, latency: LATENCY });
const fewer = parameters.slice(0, 2_000);
const limited = await startServer({ parameters: fewer, latency: LATENCY, quota: QUOTA });
const sdk = new SecretsManagerClient({ ...access, endpoint: server.endpoint });
const read = (name) => sdk.send(new GetSecretValueCommand({ SecretId: name })).then(({ SecretString }) => SecretString);
const each = async (one) => {
  for (const name of names) await one(name);
};
const context = () => ({ signal: new globalThis.AbortController().signal });
const opened = [];
const ours = (make, options = {}) => {
  const source = make({ ...access, endpoint: server.endpoint, ...options });
  opened.push(source);
  return source;
};
const byName = ours(awsSecretsManager);
const byPrefix = ours(awsSecretsManager, { prefix: 'bench/' });
const single = ours(awsSecretsManager);
const parametersByName = ours(awsParameterStore);
const byPath = ours(awsParameterStore, { prefix: '/bench/' });
const limitedByName = ours(awsParameterStore, { endpoint: limited.endpoint });
const limitedByPath = ours(awsParameterStore, { endpoint: limited.endpoint, prefix: '/bench/' });
const ONCE = { rounds: 1 };
/** What is learnt of the quota counts: nobody reads all of it before a start. */
const UNDER_QUOTA = { rounds: 1, isCold: true, at: limited };
const FEW = { rounds: Math.min(rounds, 5) };

/** Groups are measured in turns, so that what else the machine does meets all of a group. */
const groups = [
  [
    ['ours, 100 names', () => byName.read(names, context()), { roundTrips: 1 }],
    ['ours, all below a prefix', () => byPrefix.readAll(context()), { roundTrips: 2 }],
    ['ours, without permission for batches', () => single.read(names, context()), { deniesBatches: true }],
    ['SDK, all at once', () => Promise.all(names.map(read))],
  ],
  [['SDK, one by one', () => each(read), ONCE]],
  [
    ['ours, 5,000 parameters by names', () => parametersByName.read(parameters, context()), FEW],
    ['ours, their list alone', () => byPath.list('', context()), FEW],
    ['ours, 5,000 parameters below a path', () => byPath.readAll(context()), FEW],
  ],
  [
    ['under the quota, 2,000 by names', () => limitedByName.read(fewer, context()), UNDER_QUOTA],
    ['under the quota, 2,000 below a path', () => limitedByPath.readAll(context()), UNDER_QUOTA],
  ],
];
if (powertools) {
  const provider = new powertools.SecretsProvider({ awsSdkV3Client: sdk });
  const get = (name) => provider.get(name, { forceFetch: true });
  groups[0].push(['Powertools, all at once', () => Promise.all(names.map(get))]);
  groups[1].push(['Powertools, one by one', () => each(get), ONCE]);
} else console.log('Powertools is left out: (cd bench/aws && npm install --no-package-lock)');

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
let missed = 0;
/** The best times by title: on a busy machine these are nearest to the truth. */
const best = {};
process.on('warning', ({ name, message }) => {
  if (message.startsWith('NodeVersionSupportWarning')) return; // of the SDK's, about Node
  missed += 1;
  console.log(`A warning, where there is to be none: ${name}: ${message}`);
});
console.log(
  `Node ${process.version}, ${process.arch}; 100 secrets, ${LATENCY} ms latency; median and best of up to ${rounds} rounds`,
);
for (const group of groups) {
  const measured = group.map(([title, work, options = {}]) => ({ title, work, options, times: [], most: 0 }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of measured) {
      const { at = server, isCold = false, deniesBatches = false } = one.options;
      if (round > (one.options.rounds ?? rounds)) continue;
      if (round === 0 && isCold) continue;
      at.state.deniesBatches = deniesBatches;
      at.reset();
      const start = performance.now();
      await one.work();
      if (round === 0) continue; // connections, credentials, and what is learnt about permissions
      one.times.push(performance.now() - start);
      one.most = Math.max(one.most, at.counts.roundTrips);
      one.requests = at.counts.requests;
      one.throttled = at.counts.throttled;
    }
  }
  for (const { title, times, most, requests, throttled, options } of measured) {
    best[title] = Math.min(...times);
    const late = most > (options.roundTrips ?? Infinity);
    missed += Number(late);
    const row = [
      title.padEnd(38),
      `${median(times).toFixed(0)} ms`.padStart(8),
      `${best[title].toFixed(0)} ms`.padStart(8),
    ];
    console.log(
      ...row,
      `${requests} requests`.padStart(13),
      `${most} round trips${late ? ` (more than ${options.roundTrips})` : ''}`.padStart(17),
      ...(throttled > 0 ? [`${throttled} throttled`] : []),
    );
  }
}

function hold(title, than, limit) {
  const share = best[title] / best[than];
  console.log(`${title}: ${share.toFixed(2)} × ${than}${limit === undefined ? '' : ` (limit ${limit})`}`);
  missed += Number(share > (limit ?? Infinity));
}
hold('ours, without permission for batches', 'SDK, all at once', 1.1);
hold('ours, 5,000 parameters below a path', 'ours, 5,000 parameters by names', 1.5); // passed, see README: no list of AWS's is faster
hold('ours, 5,000 parameters below a path', 'ours, their list alone', 1.2);
hold('under the quota, 2,000 below a path', 'under the quota, 2,000 by names', 1.5);
await Promise.all(opened.map((source) => source.close()));
sdk.destroy();
server.stop();
limited.stop();
process.exitCode = missed > 0 ? 1 : 0;
