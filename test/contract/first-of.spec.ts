import { SecretSourceUnavailableError } from '../../lib/core/errors/index.js';
import { directorySource } from '../../lib/sources/directory/index.js';
import { firstOf } from '../../lib/sources/first-of/index.js';
import { memorySource } from '../../lib/sources/memory/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { KubernetesMount } from './support/kubernetes-mount.js';
import { ODD_NAMES } from './support/odd-names.js';
import { removeFolders } from './support/temporary-folder.js';

const down = new SecretSourceUnavailableError('down for the test.');

afterAll(removeFolders);

describeSecretSource(
  'first-of (two sources that share the secrets)',
  (values) => {
    const [first, second] = [memorySource(), memorySource()];
    const holders = new Map(Object.keys(values).map((name, index) => [name, index % 2 ? first : second]));
    for (const [name, value] of Object.entries(values)) holders.get(name)!.rotate(name, value);
    return {
      source: firstOf(first, second),
      rotate: (name, value) => holders.get(name)!.rotate(name, value),
      remove: (name) => holders.get(name)!.remove(name),
      fail: () => first.fail(down),
      recover: () => first.recover(),
    };
  },
  { values: ['text', 'object', 'bytes'], names: ODD_NAMES, without: ['canonicalName', 'watch'] },
);

describeSecretSource(
  'first-of (a mount before a source that writes)',
  (values) => {
    const entries = Object.entries(values) as [string, string][];
    const files = new Map(entries.slice(0, 1));
    const mount = new KubernetesMount(Object.fromEntries(files));
    const rest = memorySource(Object.fromEntries(entries.slice(1)));
    return {
      source: firstOf(directorySource(mount.path), rest),
      rotate: (name, value) => {
        if (!files.has(name)) return rest.rotate(name, value);
        mount.swap(Object.fromEntries(files.set(name, value as string)));
      },
      remove: (name) => {
        if (files.delete(name)) mount.swap(Object.fromEntries(files));
        else rest.remove(name);
      },
      fail: () => rest.fail(down),
      recover: () => rest.recover(),
    };
  },
  // Names in the mount can't be written: a write goes to the other source, and stays unseen behind it.
  { without: ['canonicalName', 'write', 'fail'] },
);
