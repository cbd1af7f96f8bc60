import { setImmediate } from 'node:timers/promises';
import { statfs } from 'node:fs/promises';
import { FewAtOnce } from './few-at-once.js';

/** Kinds of file systems of this machine's own disks and memory, as Linux numbers them: ext, XFS, Btrfs, tmpfs, overlayfs, F2FS, ZFS. */
const LOCAL: readonly number[] = [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1];
/** Milliseconds that reading may hold the event loop in one go. */
const SLICE = 2;

/** True where a folder lies on this machine: what is on another one may not answer, and must not hold the event loop. */
export async function isLocal(path: string): Promise<boolean> {
  try {
    return process.platform === 'linux' && LOCAL.includes((await statfs(path)).type >>> 0);
  } catch {
    return false;
  }
}

/** Works that are done at once, one after the other, with the event loop let go in between. */
export class Slices {
  readonly #turns = new FewAtOnce(1);
  #until = 0;

  run<T>(work: () => T): Promise<T> {
    return this.#turns.run(async () => {
      if (performance.now() >= this.#until) {
        await setImmediate();
        this.#until = performance.now() + SLICE;
      }
      return work();
    });
  }
}
