import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectorySource } from '../../../lib/sources/directory/directory.source.js';
import { directorySource } from '../../../lib/sources/directory/index.js';
import { listenToFolder } from '../../../lib/sources/watch/folder.listeners.js';
import { changesOf } from '../../contract/support/changes.js';
import { KubernetesMount } from '../../contract/support/kubernetes-mount.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { FakeClock } from '../../support/fake-clock.js';
import { context, valuesOf } from '../support/hcp.js';

const ends: (() => void)[] = [];

/** Events alone: the next look at an interval is an hour away. Resolves when listening has begun. */
async function watched(path: string) {
  let heard = (): void => undefined;
  const listening = new Promise<void>((resolve) => (heard = resolve));
  const listen: typeof listenToFolder = (folder, ...of) => {
    const end = listenToFolder(folder, ...of);
    if (folder === path) heard();
    return end;
  };
  const source = new DirectorySource(path, { lookEvery: '1h' }, { listen });
  await source.readAll(context());
  const changes = changesOf(source);
  ends.push(changes.end);
  await listening;
  return { source, changes };
}

afterEach(() => {
  for (const end of ends.splice(0)) end();
  removeFolders();
});

describe('a mount of Kubernetes', () => {
  test('given the layout of the kubelet, when read, then its own links and folders don’t show', async () => {
    const mount = new KubernetesMount({ USER: 'u1', PASSWORD: 'p1' });
    const source = directorySource(mount.path);
    expect(valuesOf(await source.readAll(context()))).toEqual({ USER: 'u1', PASSWORD: 'p1' });
    expect([...(await source.list(undefined, context()))].sort()).toEqual(['PASSWORD', 'USER']);
  });

  test('given a swap, when several files changed, then it is told once, with all that changed, came and went', async () => {
    const mount = new KubernetesMount({ USER: 'u1', PASSWORD: 'p1', SAME: 's', OLD: 'o' });
    const { source, changes } = await watched(mount.path);

    mount.swap({ USER: 'u2', PASSWORD: 'p2', SAME: 's', NEW: 'n' });
    expect(await changes.next()).toEqual(['NEW', 'OLD', 'PASSWORD', 'USER']);
    expect(valuesOf(await source.readAll(context()))).toEqual({ USER: 'u2', PASSWORD: 'p2', SAME: 's', NEW: 'n' });

    mount.swap({ USER: 'u2', PASSWORD: 'p3', SAME: 's', NEW: 'n' });
    expect(await changes.next()).toEqual(['PASSWORD']);
    expect(changes.told).toHaveLength(2);
  });

  test('given swaps without a pause, when read, then no reading mixes generations', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `KEY_${index}`);
    const generation = (value: number) => Object.fromEntries(names.map((name) => [name, String(value)]));
    const mount = new KubernetesMount(generation(0));
    const source = directorySource(mount.path);

    let swaps = 0;
    let readings = 0;
    for (; swaps < 60 && readings < 60; swaps += 1) {
      const reading = source.readAll(context()).catch((error: { code: string }) => error.code);
      // Turns of the event loop that differ from swap to swap, so that they fall between different files.
      for (let turn = 0; turn < swaps; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      mount.swap(generation(swaps + 1));
      const answer = await reading;
      if (typeof answer === 'string') continue; // swapped more often than it begins anew
      readings += 1;
      expect(answer.size).toBe(names.length);
      expect(new Set(Object.values(valuesOf(answer))).size).toBe(1);
    }
    expect(readings).toBeGreaterThan(50);
  });

  test('given no events, when the interval is over, then a swap is one rotation too', async () => {
    const mount = new KubernetesMount({ A: '1', B: '1' });
    const clock = new FakeClock();
    const source = new DirectorySource(mount.path, { lookEvery: '10s' }, { clock, listen: () => () => undefined });
    await source.readAll(context());
    const changes = changesOf(source);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));

    mount.swap({ A: '2', B: '2' });
    await clock.advance(10_000);
    expect(await changes.next()).toEqual(['A', 'B']);
    changes.end();
    expect(clock.pending).toBe(0);
  });
});

describe('a mount of Docker or systemd', () => {
  test('given plain files, when one is written, removed or added, then it is told', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'A'), '1');
    writeFileSync(join(folder, 'B'), '1');
    const { changes } = await watched(folder);

    writeFileSync(join(folder, 'A'), '2');
    expect(await changes.next()).toEqual(['A']);
    rmSync(join(folder, 'B'));
    expect(await changes.next()).toEqual(['B']);
    writeFileSync(join(folder, 'C'), '1');
    expect(await changes.next()).toEqual(['C']);
  });
});
