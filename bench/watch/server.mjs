// A real kube-apiserver with its etcd on loopback, as `npm run servers` built it.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { kubernetesBinary } from '../../test/servers/locations.mjs';

export const TOKEN = 'bench-admin';

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export async function startServer() {
  const binary = kubernetesBinary();
  if (!binary) throw new Error('There is no kube-apiserver: npm run servers');
  const folder = mkdtempSync(join(tmpdir(), 'bench-watch-'));
  const [port, etcd, peer] = [await freePort(), await freePort(), await freePort()];
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' });
  writeFileSync(join(folder, 'sa.key'), key);
  writeFileSync(join(folder, 'tokens.csv'), `${TOKEN},admin,1,"system:masters"\n`);
  const [own, peers] = [`http://127.0.0.1:${etcd}`, `http://127.0.0.1:${peer}`];
  const children = [
    ['etcd', '--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'error', '--listen-client-urls', own, '--advertise-client-urls', own, '--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`],
    ['apiserver', `--etcd-servers=${own}`, '--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${join(folder, 'certs')}`, `--token-auth-file=${join(folder, 'tokens.csv')}`, '--authorization-mode=RBAC', '--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${join(folder, 'sa.key')}`, `--service-account-signing-key-file=${join(folder, 'sa.key')}`, '--service-cluster-ip-range=10.0.0.0/24', '--endpoint-reconciler-type=none'],
  ].map((args) => spawn(binary, args, { stdio: 'ignore' })); // prettier-ignore
  const url = `https://127.0.0.1:${port}`;
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (;;) {
    const status = await request(`${url}/readyz`, { dispatcher, headers }).then(
      async ({ statusCode, body }) => (await body.dump(), statusCode),
      () => 0,
    );
    if (status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const caFile = join(folder, 'certs', 'apiserver.crt');
  const kubeconfig = join(folder, 'config');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'own',
      contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
      clusters: [{ name: 'own', cluster: { server: url, 'certificate-authority': caFile } }],
      users: [{ name: 'own', user: { token: TOKEN } }],
    }),
  );
  return {
    url,
    kubeconfig,
    ca: readFileSync(caFile, 'utf8'),
    async stop() {
      await dispatcher.destroy();
      for (const child of children.reverse()) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
