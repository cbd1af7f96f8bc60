import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { ChildServer } from './child.server.js';
import { freePort, startChild } from './child.server.js';
import { kubernetesBinary } from './locations.mjs';

/** Tokens that the server knows from its start; `alice` has no rights. */
export const ADMIN = 'canary-kubernetes-admin-token';
export const ALICE = 'canary-kubernetes-alice-token';

export interface KubernetesServerOptions {
  /** Seconds, at random up to twice as many, after which the server ends watches that name no time. */
  readonly minRequestTimeout?: number;
  /** PEM of the CA whose client certificates are trusted. */
  readonly clientCa?: string;
}

/** A real kube-apiserver with its etcd, on loopback, with RBAC; no nodes, no controllers. */
export class KubernetesServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kubernetes-'));
  readonly #agent = new Agent({ connect: { rejectUnauthorized: false } }); // its certificate is made at its first start
  #etcd: ChildServer | undefined;
  #api: ChildServer | undefined;

  private constructor(
    readonly port: number,
    private readonly etcdPort: number,
    private readonly peerPort: number,
    private readonly options: KubernetesServerOptions,
  ) {}

  static async start(options: KubernetesServerOptions = {}): Promise<KubernetesServer> {
    const server = new KubernetesServer(await freePort(), await freePort(), await freePort(), options);
    try {
      await server.startEtcd();
      await server.startApi();
      return server;
    } catch (error) {
      await server.destroy();
      throw error;
    }
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  get caFile(): string {
    return join(this.#folder, 'certs', 'apiserver.crt');
  }

  /** PEM. */
  get ca(): string {
    return readFileSync(this.caFile, 'utf8');
  }

  get apiPid(): number {
    return this.#api!.pid;
  }

  async startEtcd(): Promise<void> {
    const [own, peer] = [`http://127.0.0.1:${this.etcdPort}`, `http://127.0.0.1:${this.peerPort}`];
    this.#etcd = await startChild({
      command: kubernetesBinary()!,
      args: [
        'etcd', '--data-dir', join(this.#folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'error',
        '--listen-client-urls', own, '--advertise-client-urls', own, '--listen-peer-urls', peer,
        '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`,
      ], // prettier-ignore
      within: 60_000,
      ready: async () => {
        const { statusCode, body } = await request(`${own}/readyz`);
        await body.dump();
        return statusCode === 200;
      },
    });
  }

  async startApi(): Promise<void> {
    const folder = this.#folder;
    const key = join(folder, 'sa.key');
    if (!existsSync(key)) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }));
      writeFileSync(join(folder, 'tokens.csv'), `${ADMIN},admin,1,"system:masters"\n${ALICE},alice,2\n`);
    }
    const { minRequestTimeout, clientCa } = this.options;
    if (clientCa !== undefined) writeFileSync(join(folder, 'client-ca.crt'), clientCa);
    this.#api = await startChild({
      command: kubernetesBinary()!,
      args: [
        'apiserver', `--etcd-servers=http://127.0.0.1:${this.etcdPort}`, '--bind-address=127.0.0.1',
        `--secure-port=${this.port}`, `--cert-dir=${join(folder, 'certs')}`,
        `--token-auth-file=${join(folder, 'tokens.csv')}`, '--authorization-mode=RBAC',
        '--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${key}`,
        `--service-account-signing-key-file=${key}`, '--service-cluster-ip-range=10.0.0.0/24',
        '--shutdown-watch-termination-grace-period=1s', '--endpoint-reconciler-type=none',
        ...(minRequestTimeout === undefined ? [] : [`--min-request-timeout=${minRequestTimeout}`]),
        ...(clientCa === undefined ? [] : [`--client-ca-file=${join(folder, 'client-ca.crt')}`]),
      ], // prettier-ignore
      within: 60_000,
      ready: async () => (await this.call('GET', '/readyz')).status === 200,
    });
  }

  /** @param signal SIGKILL cuts all that is under way. */
  async stopApi(signal?: NodeJS.Signals): Promise<void> {
    await this.#api?.stop(signal);
    this.#api = undefined;
  }

  async stopEtcd(): Promise<void> {
    await this.#etcd?.stop('SIGKILL');
    this.#etcd = undefined;
  }

  /** Has etcd forget all but its newest state. */
  async compact(): Promise<void> {
    const etcd = `http://127.0.0.1:${this.etcdPort}/v3/kv`;
    const range = await request(`${etcd}/range`, { method: 'POST', body: JSON.stringify({ key: 'AA==' }) });
    const { header } = (await range.body.json()) as { header: { revision: string } };
    const body = JSON.stringify({ revision: header.revision, physical: true });
    await (await request(`${etcd}/compaction`, { method: 'POST', body })).body.dump();
  }

  /** As the administrator, unless another token is given. @param type of the body. */
  async call(method: string, path: string, body?: unknown, type = 'application/json', token = ADMIN) {
    const answer = await request(this.url + path, {
      dispatcher: this.#agent,
      method: method as 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // readyz says "ok"
    }
    return { status: answer.statusCode, body: parsed as KubernetesObject };
  }

  async destroy(): Promise<void> {
    await this.stopApi('SIGKILL');
    await this.stopEtcd();
    await this.#agent.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** As far as tests look at one. */
export interface KubernetesObject {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly uid: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: { readonly token?: string };
}
