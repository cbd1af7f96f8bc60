import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type HcpVaultClient, HcpVaultModule, InjectSecret, getClientToken, type SecretSource } from 'nestjs-hcp-vault';
import { KubernetesSecretsSource } from '../../lib/sources/kubernetes/kubernetes.source.js';
import { kubernetes, vault } from '../../lib/sources/vault/index.js';
import { describeWith } from '../servers/available.js';
import { ADMIN, KubernetesServer } from '../servers/kubernetes.server.js';
import { kubectlBinary, vaultBinary } from '../servers/locations.mjs';
import { startDevVault, type VaultServer } from '../servers/vault.server.js';
import { CapturedLogger } from '../support/captured-logger.js';
import { runShell, shellOf } from './shell.js';

@Injectable()
class Shop {
  @InjectSecret('STRIPE_KEY') readonly key!: string;
}

async function inApp(source: SecretSource, work: (shop: Shop, client: HcpVaultClient) => Promise<void>): Promise<void> {
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source, refresh: { jitter: 0 } })],
    providers: [Shop],
  })
    .setLogger(new CapturedLogger())
    .compile();
  try {
    await module.init();
    await work(module.get(Shop), module.get<HcpVaultClient>(getClientToken()));
  } finally {
    await module.close();
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describeWith(['vault', 'Kubernetes', 'kubectl'], 'the pages on Kubernetes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'setup-kubernetes-'));
  const [bin, kubeconfig] = [join(folder, 'bin'), join(folder, 'kubeconfig')];
  let cluster: KubernetesServer;
  let server: VaultServer;

  const configFor = (token: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'own', user: 'me', namespace: 'shop' } }],
      clusters: [{ name: 'own', cluster: { server: cluster.url, 'certificate-authority': cluster.caFile } }],
      users: [{ name: 'me', user: { token } }],
    });
  const run = (script: string) =>
    runShell(script, folder, { PATH: [bin, process.env['PATH']].join(delimiter), KUBECONFIG: kubeconfig, VAULT_ADDR: server.address, VAULT_TOKEN: server.token }); // prettier-ignore

  beforeAll(async () => {
    [server, cluster] = await Promise.all([startDevVault(), KubernetesServer.start()]);
    await runShell(`mkdir bin && ln -s ${kubectlBinary()} bin/kubectl && ln -s ${vaultBinary()} bin/vault`, folder, {});
    writeFileSync(kubeconfig, configFor(ADMIN));
  }, 120_000);
  afterAll(async () => {
    await Promise.all([server?.stop(), cluster?.destroy()]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('given docs/setup/kubernetes.md, when its shell blocks are typed, then an app reads its Secret only, and has a new value at once', async () => {
    const page = 'docs/setup/kubernetes.md';
    const printed = await run(shellOf(page, 'The Secret', 'The rights'));
    expect(printed.trim().split('\n').at(-1)).toBe('yes');
    const token = await run('kubectl create secret generic other --namespace shop >/dev/null && kubectl create token shop --namespace shop'); // prettier-ignore
    const own = join(folder, 'own');
    writeFileSync(own, configFor(token.trim()));
    const made = (document: string) => new KubernetesSecretsSource({ document, kubeconfig: own }, { environment: {} });
    await inApp(made('shop'), async (shop, client) => {
      expect(shop.key).toBe('made-up-key');
      await until(() => client.status().every(({ channel }) => channel === 'live'));
      await run(shellOf(page, 'Rotating a value'));
      await until(() => shop.key === 'next-key');
    });
    await expect(inApp(made('other'), () => Promise.resolve())).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
  }, 60_000);

  test('given docs/how-to/kubernetes.md, when its shell blocks are typed, then the server takes its manifests', async () => {
    const printed = await run(shellOf('docs/how-to/kubernetes.md', 'By the API', 'By a mounted Secret'));
    expect(printed).toBe('deployment.apps/shop created\ndeployment.apps/shop-mounted created\n');
  }, 60_000);

  test("given docs/setup/vault.md, when its shell blocks are typed, then Vault lets in a pod's service account, and no other", async () => {
    const page = 'docs/setup/vault.md';
    // The servers of the tests are issued otherwise; the namespace is there.
    const script = shellOf(page, 'KV secrets', 'The policy', 'Kubernetes')
      .replace('https://kubernetes.default.svc.cluster.local', 'https://kubernetes.default.svc')
      .replaceAll(/^kubectl create (?:namespace|serviceaccount) .*$/gm, ':');
    await run(`${script}
kubectl create token shop --namespace shop > jwt
kubectl create serviceaccount other --namespace shop
kubectl create token other --namespace shop > other-jwt`);
    const made = (file: string) =>
      vault({
        address: server.address,
        auth: kubernetes({ role: 'shop', tokenFile: join(folder, file) }),
        kv: { document: 'prod/shop' },
      });
    await inApp(made('jwt'), ({ key }) => Promise.resolve(expect(key).toBe('made-up-key')));
    await expect(inApp(made('other-jwt'), () => Promise.resolve())).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
  }, 60_000);
});
