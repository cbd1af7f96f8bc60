import type { FileHandle } from 'node:fs/promises';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretAccessDeniedError, SecretSourceUnavailableError } from '../../core/errors/index.js';
import { errorCode, fileFault, isBelow, liesIn, readWholeFile, stateOf } from '../watch/index.js';

/** Kubernetes points this link to the folder of the current files, and swaps it to change them all at once. */
const GENERATION = '..data';
const ATTEMPTS = 5;

export interface MountReading {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** A folder with a file a secret. All files of one reading are of one generation. */
export class Mount {
  constructor(readonly path: string) {}

  /** The files of these names, or all; an error concerns its own file. Files that aren’t there are left out. */
  files(names: readonly string[] | undefined, reading: MountReading): Promise<Map<string, Uint8Array | SecretError>> {
    return this.#inOneGeneration(async (root) => {
      const found = new Map<string, Uint8Array | SecretError>();
      for (const name of await this.#select(names)) {
        reading.signal?.throwIfAborted();
        const content = await this.#file(root, name, reading);
        // Unasked, what the names leave out is left out here too.
        if (!names && isSecretError(content) && typeof (await this.#locate(root, name)) !== 'string') continue;
        if (content !== undefined) found.set(name, content);
      }
      return found;
    });
  }

  /** The names of the files that can be secrets. */
  names(): Promise<readonly string[]> {
    return this.#inOneGeneration(async (root) => {
      const names: string[] = [];
      for (const name of await this.#select(undefined)) {
        if (typeof (await this.#locate(root, name)) === 'string') names.push(name);
      }
      return names;
    });
  }

  /** Different after every change of any of the files. */
  async state(): Promise<string> {
    const states = [String(await this.#generation())];
    for (const name of await this.#select(undefined)) {
      const file = await stat(join(this.path, name), { bigint: true }).catch(() => undefined);
      states.push(`${name}/${file ? stateOf(file) : 'missing'}`);
    }
    return states.join('\n');
  }

  /**
   * Names are looked up in the folder’s listing and never made part of a path before they stood there: `..`, separators and a spelling
   * that the file system would take for another’s reach nothing.
   */
  async #select(wanted: readonly string[] | undefined): Promise<readonly string[]> {
    const visible = (await readdir(this.path)).filter((name) => !name.startsWith('.'));
    if (!wanted) return visible;
    const names = new Set(wanted);
    return visible.filter((name) => names.has(name));
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
  async #inOneGeneration<T>(work: (root: string) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const before = await this.#generation();
      const result = await work(await realpath(this.path));
      if ((await this.#generation()) === before) return result;
    }
    throw new SecretSourceUnavailableError(`the folder "${this.path}" changes faster than it can be read.`);
  }

  async #generation(): Promise<string | undefined> {
    try {
      return await readlink(join(this.path, GENERATION));
    } catch {
      return undefined; // Docker, systemd, a folder of one's own: files change one by one
    }
  }
}

const leavesTheMount = (path: string): SecretError =>
  new SecretAccessDeniedError(`"${path}" is a link that leads out of its folder, and is not followed.`, {
    advice: 'Put the file itself into the folder, or give `directorySource` the folder that it lies in.',
  });
