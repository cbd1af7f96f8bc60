import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { directorySource } from '../../lib/sources/directory/index.js';
import type { SeedValues } from '../../lib/testing/contract/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { KubernetesMount } from './support/kubernetes-mount.js';
import { ODD_FILE_NAMES } from './support/odd-names.js';
import { removeFolders, saveAtomically, temporaryFolder } from './support/temporary-folder.js';

type Content = string | Uint8Array;

/** The folder is away while it fails. */
const absence = (path: string) => ({
  fail: () => renameSync(path, `${path}.away`),
  recover: () => renameSync(`${path}.away`, path),
});

function plain(values: SeedValues) {
  const path = join(temporaryFolder(), 'secrets');
  renameSync(temporaryFolder(), path);
  const put = (name: string, value: unknown) => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    saveAtomically(join(path, name), value as Content);
  };
  for (const [name, value] of Object.entries(values)) put(name, value);
  return {
    source: directorySource(path),
    rotate: put,
    remove: (name: string) => rmSync(join(path, name)),
    ...absence(path),
  };
}

function kubernetes(values: SeedValues) {
  const files = new Map(Object.entries(values) as [string, Content][]);
  const mount = new KubernetesMount(Object.fromEntries(files));
  const swap = () => mount.swap(Object.fromEntries(files));
  return {
    source: directorySource(mount.path),
    rotate: (name: string, value: unknown) => {
      files.set(name, value as Content);
      swap();
    },
    remove: (name: string) => {
      files.delete(name);
      swap();
    },
    ...absence(mount.path),
  };
}

afterAll(removeFolders);

const options = {
  values: ['text', 'bytes'],
  names: [...ODD_FILE_NAMES, 'in/folder', 'in/folders/of/folders'],
  without: ['canonicalName', 'write'],
} as const;
describeSecretSource('directory (plain files)', plain, options);
describeSecretSource('directory (Kubernetes)', kubernetes, options);
