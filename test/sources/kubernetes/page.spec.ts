import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { KubernetesSecretsSource } from '../../../lib/sources/kubernetes/kubernetes.source.js';
import { describeWith } from '../../servers/available.js';
import { startedApp, until, withServer } from './support/cluster.js';
import { Namespace, podOf } from './support/namespace.js';

const page = readFileSync(new URL('../../../docs/sources/kubernetes.md', import.meta.url), 'utf8');

/** The manifests of the page, for a namespace of the test's own. */
function manifests(namespace: string): readonly { kind: string; rules?: { resourceNames: string[] }[] }[] {
  const [, text] = /```yaml\n([^]*?)```/.exec(page)!;
  const own = text!.replaceAll('namespace: shop', `namespace: ${namespace}`);
  return parseAllDocuments(own).map((document) => document.toJS() as never);
}

describeWith(['Kubernetes'], 'the page of kubernetesSecrets', () => {
  const cluster = withServer();

  test('given its manifests, when they are applied, then a pod reads the Secrets that they name, is told of changes, and reads nothing else', async () => {
    const { server } = cluster;
    const namespace = await Namespace.make(server);
    const token = await namespace.serviceAccount('shop');
    for (const body of manifests(namespace.name)) {
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace.name}/${body.kind.toLowerCase()}s`;
      expect((await server.call('POST', path, body)).status).toBe(201);
    }
    for (const name of ['db', 'mail', 'other']) await namespace.set(name, { n: '1' });
    const { podFolder, environment } = podOf(namespace, token);
    const source = new KubernetesSecretsSource({}, { podFolder, environment });
    const { client, channel, logger } = await startedApp({ source, required: ['db', 'mail'] });
    await until(() => channel() === 'live');
    await new Promise((resolve) => setTimeout(resolve, 500)); // each watch of its own begins
    await namespace.patch('mail', { n: '2' });
    await until(() => client.get<{ n: string }>('mail').n === '2');
    await expect(client.fetch('other')).rejects.toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    expect(logger.at('warn', 'error')).toEqual([]);
  }, 30_000);
});
