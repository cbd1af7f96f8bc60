import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubernetesSecretsSource } from '../../../../lib/sources/kubernetes/kubernetes.source.js';
import type { KubernetesSecretsOptions } from '../../../../lib/sources/kubernetes/index.js';
import type { WatchTimes } from '../../../../lib/sources/kubernetes/watch/watch-times.js';
import { temporaryFolder } from '../../../contract/support/temporary-folder.js';
import type { KubernetesServer } from '../../../servers/kubernetes.server.js';
import { ADMIN } from '../../../servers/kubernetes.server.js';

type Data = Readonly<Record<string, string | Uint8Array>>;

const base64 = (data: Data): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));

let count = 0;

/** A namespace of a test's own, and what its administrator does there. */
export class Namespace {
  private constructor(
    readonly server: KubernetesServer,
    readonly name: string,
  ) {}

  static async make(server: KubernetesServer): Promise<Namespace> {
    const name = `test-${(count += 1)}-${Date.now() % 100_000}`;
    const made = await server.call('POST', '/api/v1/namespaces', { metadata: { name } });
    if (made.status !== 201) throw new Error(`no namespace: ${made.status}`);
    return new Namespace(server, name);
  }

  get path(): string {
    return `/api/v1/namespaces/${this.name}/secrets`;
  }

  async set(name: string, data: Data, more: object = {}): Promise<string> {
    const body = { metadata: { name }, data: base64(data), ...more };
    const made = await this.server.call('POST', this.path, body);
    if (made.status === 201) return made.body.metadata.resourceVersion;
    if (made.status !== 409) throw new Error(`not created: ${made.status} ${JSON.stringify(made.body)}`);
    const replaced = await this.server.call('PUT', `${this.path}/${name}`, body);
    if (replaced.status !== 200) throw new Error(`not replaced: ${replaced.status}`);
    return replaced.body.metadata.resourceVersion;
  }

  /** null takes a key away. */
  async patch(name: string, data: Readonly<Record<string, string | null>>): Promise<string> {
    const coded = Object.entries(data).map(([key, value]) => [key, value === null ? null : Buffer.from(value).toString('base64')]); // prettier-ignore
    return this.merge(name, { data: Object.fromEntries(coded) as object });
  }

  async merge(name: string, body: object): Promise<string> {
    const patched = await this.server.call('PATCH', `${this.path}/${name}`, body, 'application/merge-patch+json');
    if (patched.status !== 200) throw new Error(`not patched: ${patched.status} ${JSON.stringify(patched.body)}`);
    return patched.body.metadata.resourceVersion;
  }

  async get(name: string) {
    return (await this.server.call('GET', `${this.path}/${name}`)).body;
  }

  async remove(name: string): Promise<void> {
    await this.server.call('DELETE', `${this.path}/${name}`);
  }

  /** Gives a subject these rights; replaces those that it had here. */
  async grant(subject: string | { serviceAccount: string }, rules: readonly object[]): Promise<void> {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${this.name}`;
    const who = typeof subject === 'string' ? subject : subject.serviceAccount;
    const kind = typeof subject === 'string' ? { kind: 'User', apiGroup: 'rbac.authorization.k8s.io' } : { kind: 'ServiceAccount', namespace: this.name }; // prettier-ignore
    await this.revoke(subject);
    await this.server.call('POST', `${rbac}/roles`, { metadata: { name: who }, rules });
    await this.server.call('POST', `${rbac}/rolebindings`, {
      metadata: { name: who },
      subjects: [{ ...kind, name: who }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: who },
    });
  }

  async revoke(subject: string | { serviceAccount: string }): Promise<void> {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${this.name}`;
    const who = typeof subject === 'string' ? subject : subject.serviceAccount;
    await this.server.call('DELETE', `${rbac}/rolebindings/${who}`);
    await this.server.call('DELETE', `${rbac}/roles/${who}`);
  }

  /** A service account, and a token of it. */
  async serviceAccount(name: string): Promise<string> {
    const accounts = `/api/v1/namespaces/${this.name}/serviceaccounts`;
    await this.server.call('POST', accounts, { metadata: { name } });
    return this.tokenOf(name);
  }

  async tokenOf(name: string): Promise<string> {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } };
    const path = `/api/v1/namespaces/${this.name}/serviceaccounts/${name}/token`;
    const { status, body: answer } = await this.server.call('POST', path, body);
    if (status !== 201) throw new Error(`no token: ${status}`);
    return answer.status!.token!;
  }

  async removeServiceAccount(name: string): Promise<void> {
    await this.server.call('DELETE', `/api/v1/namespaces/${this.name}/serviceaccounts/${name}`);
  }
}

export const secretsRule = (verbs: readonly string[], resourceNames?: readonly string[]): object => ({
  apiGroups: [''],
  resources: ['secrets'],
  verbs,
  ...(resourceNames && { resourceNames }),
});

export interface Access {
  readonly token?: string;
  readonly server?: string;
  readonly namespace?: string;
  readonly user?: object;
  readonly cluster?: object;
}

/** The path of a kubeconfig in JSON, as somebody. */
export function kubeconfigOf({ server }: Pick<Namespace, 'server'>, access: Access = {}): string {
  const path = join(temporaryFolder(), 'config');
  const { token = ADMIN, namespace, user = { token }, cluster } = access;
  const url = access.server ?? server.url;
  const trust = url.startsWith('https:') && { 'certificate-authority': server.caFile };
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'own', user: 'me', namespace } }],
      clusters: [{ name: 'own', cluster: { server: url, ...trust, ...cluster } }],
      users: [{ name: 'me', user }],
    }),
  );
  return path;
}

/** As a pod sees it: a folder with its three files, and the two variables. */
export function podOf({ server, name }: Namespace, token: string) {
  const podFolder = join(temporaryFolder(), 'serviceaccount');
  mkdirSync(podFolder);
  writeFileSync(join(podFolder, 'token'), `${token}\n`);
  writeFileSync(join(podFolder, 'ca.crt'), server.ca);
  writeFileSync(join(podFolder, 'namespace'), name);
  const environment = { HOME: '/nonexistent', KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) }; // prettier-ignore
  return { podFolder, environment, rewrite: (text: string) => writeFileSync(join(podFolder, 'token'), text) };
}

/** A source of a namespace, as the administrator unless a token says otherwise. */
export function sourceOf(
  namespace: Namespace,
  options: KubernetesSecretsOptions = {},
  access: Access = {},
  times: Partial<WatchTimes> = {},
): KubernetesSecretsSource {
  const kubeconfig = kubeconfigOf(namespace, access);
  return new KubernetesSecretsSource({ namespace: namespace.name, kubeconfig, ...options }, { environment: {}, times });
}
