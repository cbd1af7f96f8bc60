// How soon an app hears of a rotation through a channel, and what that costs. Ends with 1 where a limit is passed or a rotation is lost.
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { administrator, region, startMoto, startProxy } from './moto.mjs';

const rotations = Number(process.env.ROTATIONS ?? 200);
const cut = Number(process.env.CUT ?? 60) * 1_000;
const root = fileURLToPath(new URL('../../', import.meta.url));
const names = Array.from({ length: 20 }, (_, index) => `KEY_${index}`);

/** Compiled apart from `dist`, which others may be using. */
async function compile() {
  const args = ['tsc', '-p', 'tsconfig.build.json', '--outDir', '.cache/bench-channel', '--declaration', 'false'];
  const { status } = spawnSync('npx', args, { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] });
  if (status !== 0) throw new Error('The package does not compile.');
  const [{ awsSecretsManager, sqsEvents }, { SecretRuntime }, { HcpVaultClient }] = await Promise.all([
    import('../../.cache/bench-channel/sources/aws/index.js'),
    import('../../.cache/bench-channel/core/client/secret-runtime.js'),
    import('../../.cache/bench-channel/core/client/hcp-vault-client.js'),
  ]);
  return { awsSecretsManager, sqsEvents, SecretRuntime, HcpVaultClient };
}

const { awsSecretsManager, sqsEvents, SecretRuntime, HcpVaultClient } = await compile();
const moto = await startMoto();
const proxy = await startProxy(moto.port);
const admin = administrator(moto.endpoint);
const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'made-up' };
for (const name of names) await admin.create(`bench/${name}`, `${name}-0`);
const queueUrl = await admin.queue('bench', 'bench', 'bench/');

const source = awsSecretsManager({ region, credentials, endpoint: moto.endpoint, prefix: 'bench/' });
let readings = 0;
const read = source.read.bind(source);
source.read = (asked, context) => ((readings += asked.length), read(asked, context));
const push = sqsEvents({ region, credentials, endpoint: proxy.endpoint, queueUrl });
const runtime = new SecretRuntime({ source, push });
const client = new HcpVaultClient(runtime);
const required = names.map((name) => ({ name, need: 'required' }));
await runtime.bootstrap(required, 'decorated');
runtime.start();
while (!runtime.options.policies.isEased) await pause(10);

const failures = [];
const changed = new Map();
client.rotations$.subscribe(({ current }) => changed.set(current, performance.now()));
const before = readings;
const delays = [];
for (let n = 1; n <= rotations; n += 1) {
  const name = names[n % names.length];
  const value = `${name}-${n}`;
  const from = performance.now();
  const { VersionId } = await admin.rotate(`bench/${name}`, value);
  await admin.announce(`bench/${name}`, VersionId);
  for (const end = performance.now() + 5_000; !changed.has(value) && performance.now() < end;) await pause(1);
  if (changed.has(value)) delays.push(changed.get(value) - from);
  else failures.push(`rotation ${n} was not seen within 5 s`);
  await pause(Math.max(0, 60 - (performance.now() - from))); // a secret comes again after more than a second
}
delays.sort((a, b) => a - b);
const at = (share) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN;
const perRotation = (readings - before) / rotations;
console.log(
  `${rotations} rotations, from the write to the app's listener: median ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, most ${at(1).toFixed(0)} ms (limit of p99: 1,000 ms)`,
);
console.log(`readings a rotation: ${perRotation.toFixed(2)} (limit: 1.2)`);
if (!(at(0.99) <= 1_000)) failures.push('p99 is above 1,000 ms');
if (!(perRotation <= 1.2)) failures.push('more than 1.2 readings a rotation');

if (cut > 0) {
  proxy.cut(true);
  const started = performance.now();
  const expected = new Map();
  for (let n = 0; performance.now() - started < cut; n += 1) {
    const name = names[n % names.length];
    const { VersionId } = await admin.rotate(`bench/${name}`, `${name}-cut-${n}`);
    if (n % 2) await admin.announce(`bench/${name}`, VersionId); // of the others nobody hears
    expected.set(name, `${name}-cut-${n}`);
    await pause(500);
  }
  const status = client.status()[0].channel;
  proxy.cut(false);
  const resumed = performance.now();
  const isSeen = () => [...expected].every(([name, value]) => client.get(name) === value);
  while (!isSeen() && performance.now() - resumed < 60_000) await pause(10);
  const lost = [...expected].filter(([name, value]) => client.get(name) !== value).length;
  console.log(
    `cut for ${cut / 1_000} s ("${status}" meanwhile): ${lost} of ${expected.size} secrets lost; all seen ${((performance.now() - resumed) / 1_000).toFixed(1)} s after`,
  );
  if (lost > 0) failures.push(`${lost} secrets were lost in the cut`);
  if (status !== 'lost') failures.push('the cut was not told');
}

const ending = performance.now();
await runtime.shutdown();
console.log(`closed within ${(performance.now() - ending).toFixed(0)} ms`);
proxy.stop();
moto.stop();
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
