import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { directorySource } from '../../../lib/sources/directory/index.js';
import { changesOf } from '../../contract/support/changes.js';
import { KubernetesMount } from '../../contract/support/kubernetes-mount.js';
import { removeFolders, saveAtomically, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';

const canary = 'canary-sub-folder-40d8';

function folderOf(files: Record<string, string>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

afterEach(removeFolders);

describe('sub-folders of a directorySource', () => {
  test('given a projected volume of Kubernetes with paths, when read and listed, then a secret is named by its way', async () => {
    const files = { 'db/password': 'p', 'db/user': 'u', 'tls/server/tls.key': 'k', API_KEY: 'a' };
    const mount = new KubernetesMount(files);
    const source = directorySource(mount.path);

    expect(valuesOf(await source.readAll(context()))).toEqual(files);
    expect(
      valuesOf(await source.read(['db/password', 'tls/server/tls.key', 'db', 'db/none', 'db/password/x'], context())),
    ).toEqual({
      'db/password': 'p',
      'tls/server/tls.key': 'k',
    });
    expect([...(await source.list('db/', context()))].sort()).toEqual(['db/password', 'db/user']);
    expect(await source.exists('db/user', context())).toBe(true);
    expect(await source.exists('db', context())).toBe(false);
  });

  test('given a swap of it, when watched without looks at intervals, then all that changed is told at once, and read of one generation', async () => {
    const mount = new KubernetesMount({ 'db/password': 'p1', 'db/user': 'u1', SAME: 's' });
    const source = directorySource(mount.path, { lookEvery: '1h' });
    await source.readAll(context());
    const changes = changesOf(source);
    try {
      mount.swap({ 'db/password': 'p2', 'db/user': 'u2', SAME: 's', 'new/key': 'n' });
      expect(await changes.next()).toEqual(['db/password', 'db/user', 'new/key']);
      expect(valuesOf(await source.readAll(context()))).toMatchObject({ 'db/password': 'p2', 'db/user': 'u2' });
    } finally {
      changes.end();
    }
  });

  test('given two volumes mounted within one folder, when one of them is swapped during a reading, then none mixes its generations', async () => {
    const parent = temporaryFolder();
    const names = Array.from({ length: 10 }, (_, index) => `K${index}`);
    const generation = (value: number) => Object.fromEntries(names.map((name) => [name, String(value)]));
    const mount = new KubernetesMount(generation(0));
    renameSync(mount.path, join(parent, 'app'));
    (mount as { path: string }).path = join(parent, 'app');
    const source = directorySource(parent);
    let readings = 0;
    for (let swaps = 0; swaps < 40; swaps += 1) {
      const reading = source.readAll(context()).catch((error: { code: string }) => error.code);
      for (let turn = 0; turn < swaps; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      mount.swap(generation(swaps + 1));
      const answer = await reading;
      if (typeof answer === 'string') continue; // swapped more often than it begins again
      readings += 1;
      expect(answer.size).toBe(names.length);
      expect(new Set(Object.values(valuesOf(answer))).size).toBe(1);
    }
    expect(readings).toBeGreaterThan(30);
  });

  test('given plain folders, when files in them change, and folders come and go, then events alone tell of it', async () => {
    const folder = folderOf({ 'db/password': '1' });
    const source = directorySource(folder, { lookEvery: '1h' });
    await source.readAll(context());
    const changes = changesOf(source);
    try {
      await new Promise((resolve) => setTimeout(resolve, 100)); // until it listens
      saveAtomically(join(folder, 'db', 'password'), '2');
      expect(await changes.next()).toEqual(['db/password']);
      mkdirSync(join(folder, 'new'));
      writeFileSync(join(folder, 'new', 'key'), 'n');
      expect(await changes.next()).toEqual(['new/key']);
      rmSync(join(folder, 'db'), { recursive: true });
      expect(await changes.next()).toEqual(['db/password']);
    } finally {
      changes.end();
    }
  });

  test('given folders that are links, when they stay inside they are followed, and else refused by name without a word of what is there', async () => {
    const outside = folderOf({ SECRET: canary });
    const folder = folderOf({ 'real/KEY': 'a' });
    symlinkSync('real', join(folder, 'inside'));
    symlinkSync(outside, join(folder, 'outside'));
    symlinkSync('.', join(folder, 'itself'));
    symlinkSync('..', join(folder, 'real', 'parent'));
    symlinkSync('.', join(folder, 'real', 'here'));
    const source = directorySource(folder);

    expect(valuesOf(await source.readAll(context()))).toEqual({ 'real/KEY': 'a', 'inside/KEY': 'a' });
    const names = ['outside/SECRET', 'outside/NONE', 'inside/KEY', 'itself/real/KEY', 'inside/NONE'];
    const found = await source.read(names, context());
    expect(valuesOf(found)).toEqual({
      'outside/SECRET': 'SECRET_ACCESS_DENIED',
      'outside/NONE': 'SECRET_ACCESS_DENIED',
      'inside/KEY': 'a',
      'itself/real/KEY': 'a',
    });
    expect(printed(found.get('outside/SECRET'))).not.toContain(canary);
    expect(await source.exists('outside/SECRET', context())).toBe(false);
  });

  test('given folders below folders, when deeper than eight, then they are left out, alike by name and in lists', async () => {
    const way = (depth: number) => `${Array.from({ length: depth }, (_, index) => `d${index}`).join('/')}/KEY`;
    const source = directorySource(folderOf({ [way(8)]: 'eight', [way(9)]: 'nine' }));
    expect(valuesOf(await source.readAll(context()))).toEqual({ [way(8)]: 'eight' });
    expect(valuesOf(await source.read([way(8), way(9)], context()))).toEqual({ [way(8)]: 'eight' });
  });

  test('given more than 1,000 folders, when listed, then it is refused by name; by name secrets are read all the same', async () => {
    const folder = folderOf({ 'db/password': 'p' });
    for (let index = 0; index < 1_000; index += 1) mkdirSync(join(folder, `d${index}`));
    const source = directorySource(folder);
    const error = await failureOf(source.list(undefined, context()));
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(folder) });
    expect(valuesOf(await source.read(['db/password'], context()))).toEqual({ 'db/password': 'p' });
  });
});
