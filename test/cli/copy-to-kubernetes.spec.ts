import { describeWith } from '../servers/available.js';
import { ADMIN, KubernetesServer } from '../servers/kubernetes.server.js';
import { kubeconfigOf } from '../sources/kubernetes/support/namespace.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolders, temporaryFolder } from '../contract/support/temporary-folder.js';
import { called } from './called.js';

describeWith(['Kubernetes'], 'copy to a Secret of a real kube-apiserver', () => {
  let server: KubernetesServer;
  beforeAll(async () => void (server = await KubernetesServer.start()), 60_000);
  afterAll(async () => {
    removeFolders();
    await server?.destroy();
  });

  test('given a Secret that is not there yet, when copied to, then it is made, and a second time all is the same; a namespace that is not there is an error', async () => {
    const kubeconfig = kubeconfigOf({ server }, { token: ADMIN, namespace: 'default' });
    const file = join(temporaryFolder(), 'prod.env');
    writeFileSync(file, 'TOKEN=canary-1\nOTHER=canary-2\n');
    const copy = (target: string) =>
      called(['copy', `file:${file}`, `k8s:${target}?kubeconfig=${kubeconfig}`, '--apply']);
    expect(await copy('default/web')).toMatchObject({ code: 0, err: '2 created\n' });
    expect(await copy('default/web')).toMatchObject({ code: 0, err: '2 same\n' });
    expect((await copy('defualt/web')).code).not.toBe(0);
    expect(await copy('default/none?optional=false')).toMatchObject({ code: 2 });
  });
});
