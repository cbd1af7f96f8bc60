import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import type { SecretSource } from '../../lib/core/source/secret-source.js';
import { directorySource } from '../../lib/sources/directory/index.js';
import { envSource } from '../../lib/sources/env/index.js';
import { fileSource } from '../../lib/sources/file/index.js';
import { firstOf } from '../../lib/sources/first-of/index.js';
import { KubernetesMount } from './support/kubernetes-mount.js';
import { removeFolders, saveAtomically, temporaryFolder } from './support/temporary-folder.js';

const runtimes: SecretRuntime[] = [];

/** A client whose secrets were read at start and are watched, as the module does it. */
async function connect(source: SecretSource, ...required: string[]) {
  const runtime = new SecretRuntime({ source });
  runtimes.push(runtime);
  await runtime.bootstrap(
    required.map((name) => ({ name, need: 'required' as const })),
    'decorated',
  );
  runtime.start();
  return new HcpVaultClient(runtime);
}

/** Resolves with the names of rotations, once there are so many. */
const rotations = (client: HcpVaultClient, count: number): Promise<string[]> =>
  new Promise((resolve) => {
    const names: string[] = [];
    const subscription = client.rotations$.subscribe(({ name }) => {
      if (names.push(name) < count) return;
      subscription.unsubscribe();
      resolve(names.sort());
    });
  });

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.shutdown()));
  removeFolders();
});

describe('watched sources behind a client', () => {
  test('given a file that breaks and is mended, when read, then the last good value stays, and then the new one is there', async () => {
    const path = join(temporaryFolder(), 'secrets.json');
    writeFileSync(path, '{"KEY":"one"}');
    const client = await connect(fileSource(path), 'KEY');

    writeFileSync(path, '{"KEY":');
    const { failed } = await client.refresh();
    expect(failed).toMatchObject([{ name: 'KEY', error: { code: 'SECRET_SOURCE_UNAVAILABLE' } }]);
    expect(client.get('KEY')).toBe('one');

    const rotated = rotations(client, 1);
    saveAtomically(path, '{"KEY":"two"}');
    expect(await rotated).toEqual(['KEY']);
    expect(client.get('KEY')).toBe('two');
  });

  test('given a mount that is swapped, when the first of its secrets is told, then all of them are new', async () => {
    const mount = new KubernetesMount({ USER: 'u1', PASSWORD: 'p1' });
    const client = await connect(
      firstOf(envSource({ prefix: 'NO_SUCH_' }), directorySource(mount.path)),
      'USER',
      'PASSWORD',
    );
    const seen: string[] = [];
    client.rotations$.subscribe(() => seen.push(`${client.get<string>('USER')} ${client.get<string>('PASSWORD')}`));

    const rotated = rotations(client, 2);
    mount.swap({ USER: 'u2', PASSWORD: 'p2' });

    expect(await rotated).toEqual(['PASSWORD', 'USER']);
    expect(seen).toEqual(['u2 p2', 'u2 p2']);
  });
});
