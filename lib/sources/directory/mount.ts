import type { FileHandle } from 'node:fs/promises';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../../core/errors/index.js';
import { errorCode, fileFault, isBelow, liesIn, readWholeFile, stateOf } from '../watch/index.js';
import { leavesTheMount, MountWalk } from './mount.walk.js';

const ATTEMPTS = 5;

export interface MountReading {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** A folder, and those below it, with a file a secret. All files of one reading are of one generation. */
export class Mount {
  constructor(readonly path: string) {}

  /** The files of these names, or all; an error concerns its own file. Files that aren’t there are left out. */
  files(names: readonly string[] | undefined, reading: MountReading): Promise<Map<string, Uint8Array | SecretError>> {
    return this.#inOneGeneration(async (root, walk) => {
      const found = new Map<string, Uint8Array | SecretError>();
      const wanted = names ? await walk.having(names) : await allOf(walk);
      for (const [name, refusal] of wanted) {
        reading.signal?.throwIfAborted();
        const content = refusal ?? (await this.#file(root, name, reading));
        // Unasked, what the names leave out is left out here too.
        if (!names && isSecretError(content) && typeof (await this.#locate(root, name)) !== 'string') continue;
        if (content !== undefined) found.set(name, content);
      }
      return found;
    });
  }

  /** The names of the files that can be secrets. */
  names(): Promise<readonly string[]> {
    return this.#inOneGeneration(async (root, walk) => {
      const names: string[] = [];
      for (const name of (await walk.all()).names) {
        if (typeof (await this.#locate(root, name)) === 'string') names.push(name);
      }
      return names;
    });
  }

  /** The mount and the folders below it, as the paths that lead there. */
  async folders(): Promise<readonly string[]> {
    const { folders } = await new MountWalk(await realpath(this.path)).all();
    return folders.map((name) => join(this.path, name));
  }

  /** Different after every change of any of the files. */
  async state(): Promise<string> {
    const walk = new MountWalk(await realpath(this.path));
    const { names } = await walk.all();
    const states = [walk.generations];
    for (const name of names) {
      const file = await stat(join(this.path, name), { bigint: true }).catch(() => undefined);
      states.push(`${name}/${file ? stateOf(file) : 'missing'}`);
    }
    return states.join('\n');
  }

  async #file(root: string, name: string, reading: MountReading): Promise<Uint8Array | SecretError | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      let isOutside = false;
      try {
        const path = await this.#locate(root, name);
        if (typeof path !== 'string') return path;
        const check = async (file: FileHandle): Promise<void> => {
          isOutside = !(await liesIn(root, file, path));
          if (isOutside) throw leavesTheMount(join(root, name));
        };
        return await readWholeFile(path, { ...reading, noLinks: true, check });
      } catch (error) {
        reading.signal?.throwIfAborted();
        if (isOutside && attempt < ATTEMPTS) continue; // somebody swaps what is on the way
        if (isSecretError(error)) return error;
        return errorCode(error) === 'ENOENT' ? undefined : fileFault(join(this.path, name), error);
      }
    }
  }

  /** The real path of a file; an error where it lies outside the mount, undefined where there is no file. */
  async #locate(root: string, name: string): Promise<string | SecretError | undefined> {
    const path = join(root, name);
    try {
      const real = await realpath(path);
      if (!isBelow(root, real)) return leavesTheMount(path);
      return (await stat(real)).isFile() ? real : undefined;
    } catch (error) {
      return errorCode(error) === 'ENOENT' ? undefined : fileFault(path, error);
    }
  }

  /** Begins again where the link was swapped in the midst, so that old and new never mix. */
  async #inOneGeneration<T>(work: (root: string, walk: MountWalk) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const root = await realpath(this.path);
      const walk = new MountWalk(root);
      const result = await work(root, walk);
      if (await walk.isUndisturbed()) return result;
    }
    throw new SecretSourceUnavailableError(`the folder "${this.path}" changes faster than it can be read.`);
  }
}

const allOf = async (walk: MountWalk): Promise<Map<string, undefined>> =>
  new Map((await walk.all()).names.map((name) => [name, undefined]));
