// How soon a Secret of Kubernetes is in use after it was written: 1,000 updates of 100 Secrets, a second apart each, while the app serves requests.
//   node bench/watch/run.mjs
import { Buffer } from 'node:buffer';
import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { startServer, TOKEN } from './server.mjs';

const SECRETS = 100;
const ROUNDS = 10;
const READERS = 20;
const LIMIT = 250;

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Compiled apart from `dist`, which others may be using. */
const args = ['tsc', '-p', 'tsconfig.build.json', '--outDir', '.cache/bench-watch', '--declaration', 'false'];
if (spawnSync('npx', args, { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] }).status !== 0)
  throw new Error('The package does not compile.');
const load = (path) => import(`../../.cache/bench-watch/${path}`);
const { SecretRuntime } = await load('core/client/secret-runtime.js');
const { HcpVaultClient } = await load('core/client/hcp-vault-client.js');
const { kubernetesSecrets } = await load('sources/kubernetes/index.js');

const now = () => performance.timeOrigin + performance.now();
const server = await startServer();
const dispatcher = new Agent({ connect: { ca: server.ca } });
const names = Array.from({ length: SECRETS }, (_, index) => `s-${index}`);
for (const name of names) {
  const { body } = await request(`${server.url}/api/v1/namespaces/default/secrets`, {
    dispatcher,
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name }, stringData: { written: '{}' } }),
  });
  await body.dump();
}
const source = kubernetesSecrets({ kubeconfig: server.kubeconfig });
const runtime = new SecretRuntime({ source, refresh: { jitter: 0 } });
await runtime.bootstrap(names.map((name) => ({ name, need: 'required' })), 'decorated'); // prettier-ignore
runtime.start();
const client = new HcpVaultClient(runtime);
while (client.status().some(({ channel }) => channel !== 'live'))
  await new Promise((resolve) => setTimeout(resolve, 20));

/** By secret and round: when its last reader saw it. */
const seen = new Map();
for (const name of names) {
  for (let reader = 0; reader < READERS; reader += 1) {
    client.ref(name).changes$.subscribe(({ written }) => {
      const { round, at } = JSON.parse(written);
      if (round !== undefined) seen.set(`${name}/${round}`, now() - at);
    });
  }
}
const app = createServer((_, response) => {
  let read = 0;
  for (const name of names) read += client.get(name).written.length;
  response.end(String(read));
}).listen(0, '127.0.0.1');
await new Promise((resolve) => app.once('listening', resolve));
const { port } = app.address();
const writing = [fileURLToPath(new URL('writer.mjs', import.meta.url)), server.url, Buffer.from(server.ca).toString('base64'), port, SECRETS, ROUNDS]; // prettier-ignore
const { stdout } = await promisify(execFile)(process.execPath, writing.map(String));
const delays = [...seen.values()].sort((a, b) => a - b);
const at = (share) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN;
const isWhole = delays.length === SECRETS * ROUNDS;
const isSoon = at(0.99) <= LIMIT;
console.log(
  `Node ${process.version}, ${process.arch}; ${READERS} readers a Secret; ${JSON.parse(stdout).asked} requests served meanwhile`,
);
console.log(`  seen: ${delays.length} of ${SECRETS * ROUNDS}${isWhole ? '' : '  MISSED'}`);
console.log(`  from the write to the last reader: median ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms (limit ${LIMIT}), most ${at(1).toFixed(1)} ms${isSoon ? '' : '  MISSED'}`); // prettier-ignore
app.closeAllConnections();
app.close();
await runtime.shutdown();
await dispatcher.destroy();
await server.stop();
process.exitCode = isWhole && isSoon ? 0 : 1;
