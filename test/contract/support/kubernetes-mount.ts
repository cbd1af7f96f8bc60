import { mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './temporary-folder.js';

type Files = Record<string, string | Uint8Array>;

/** A mount as the kubelet’s AtomicWriter makes it: `key → ..data/key`, `..data → ..2024_…`, swapped by a rename. */
export class KubernetesMount {
  readonly path = temporaryFolder();
  #generation = 0;

  constructor(files: Files) {
    this.swap(files);
  }

  /** Puts a new generation of all files in place, and removes the old one. */
  swap(files: Files): void {
    const folder = `..2024_01_01_00_00_0${(this.#generation += 1)}.123456789`;
    mkdirSync(join(this.path, folder));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, folder, name)), { recursive: true });
      writeFileSync(join(this.path, folder, name), content);
    }
    const before = readdirSync(this.path).includes('..data') ? readlinkSync(join(this.path, '..data')) : undefined;
    symlinkSync(folder, join(this.path, '..data_tmp'));
    renameSync(join(this.path, '..data_tmp'), join(this.path, '..data'));
    const shown = readdirSync(this.path).filter((name) => !name.startsWith('..'));
    const names = new Set(Object.keys(files).map((name) => name.split('/')[0]!)); // a link for each first segment
    for (const name of names) {
      if (!shown.includes(name)) symlinkSync(join('..data', name), join(this.path, name));
    }
    for (const name of shown) if (!names.has(name)) rmSync(join(this.path, name));
    if (before) rmSync(join(this.path, before), { recursive: true });
  }
}
