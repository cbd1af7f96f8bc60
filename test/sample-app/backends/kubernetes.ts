import { kubernetesSecrets } from 'nestjs-hcp-vault/kubernetes';
import { removeFolders } from '../../contract/support/temporary-folder.js';
import { KubernetesServer } from '../../servers/kubernetes.server.js';
import { kubeconfigOf, Namespace } from '../../sources/kubernetes/support/namespace.js';
import type { BackendKind } from './backend.js';
import { asText, SECRETS } from './backend.js';
import { Front } from './front.js';

const DOCUMENT = 'sample-app';

export const kubernetes: BackendKind = {
  title: 'Kubernetes',
  needs: ['Kubernetes'],
  async start() {
    const server = await KubernetesServer.start();
    const namespace = await Namespace.make(server);
    const texts = Object.entries(SECRETS).map(([name, value]) => [name, asText(value)] as const);
    await namespace.set(DOCUMENT, Object.fromEntries(texts));
    const front = await Front.before(server.url);
    const kubeconfig = kubeconfigOf(namespace, { server: front.url });
    return {
      source: kubernetesSecrets({ kubeconfig, namespace: namespace.name, document: DOCUMENT, json: true }),
      isIssuing: false,
      isReadOnly: false,
      rotate: (name, value) => namespace.patch(DOCUMENT, { [name]: asText(value) }),
      async stored(name) {
        const { data } = (await namespace.get(DOCUMENT)) as { readonly data?: Readonly<Record<string, string>> };
        return data?.[name] === undefined ? undefined : Buffer.from(data[name], 'base64').toString();
      },
      cut: () => front.cut(),
      restore: () => front.restore(),
      open: () => front.open,
      async stop() {
        await front.stop();
        await server.destroy();
        removeFolders();
      },
    };
  },
};
