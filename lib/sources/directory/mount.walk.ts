import type { Dirent } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretError } from '../../core/errors/index.js';
import { SecretAccessDeniedError, SecretConfigurationError } from '../../core/errors/index.js';
import { errorCode, fileFault, isBelow } from '../watch/index.js';

/** Kubernetes points this link to the folder of the current files, and swaps it to change them all at once. */
const GENERATION = '..data';
/** Sub-folders below one another, and in all: a folder that nobody meant (a home, a whole disk) is not walked through. */
const DEEPEST = 8;
const MOST_FOLDERS = 1_000;

/** A folder by its name within the mount, `''` for the mount itself, and where it really is. */
interface Folder {
  readonly name: string;
  readonly real: string;
}

/**
 * One look at what a mount holds. Names are looked up in the folders' listings and never made part of a path before they stood there: `..` and a
 * spelling that the file system would take for another's reach nothing.
 */
export class MountWalk {
  readonly #listings = new Map<string, Promise<readonly Dirent[]>>();
  readonly #generations = new Map<string, string | undefined>();

  /** @param root a real path. */
  constructor(private readonly root: string) {}

  /** The names of all that is not a folder, and of the folders. What may not be listed is left out, as the disk's own `lost+found`. */
  async all(): Promise<{ readonly names: readonly string[]; readonly folders: readonly string[] }> {
    const [names, folders]: [string[], string[]] = [[], []];
    let level: Folder[] = [{ name: '', real: this.root }];
    for (let depth = 0; level.length > 0 && depth <= DEEPEST; depth += 1) {
      const below: Folder[] = [];
      for (const folder of level) {
        folders.push(folder.name);
        if (folders.length > MOST_FOLDERS) throw tooManyFolders(this.root);
        for (const entry of await this.#entries(folder).catch(unlessRoot(folder))) {
          const name = folder.name === '' ? entry.name : `${folder.name}/${entry.name}`;
          const real = await this.#realFolder(name, entry, folder);
          if (real === undefined) names.push(name);
          else below.push({ name, real });
        }
      }
      level = below;
    }
    return { names, folders };
  }

  /** Those of the names that stand in the listings; an error for one whose folder leads out of the mount, or may not be listed. */
  async having(names: Iterable<string>): Promise<Map<string, SecretError | undefined>> {
    const found = new Map<string, SecretError | undefined>();
    for (const name of new Set(names)) {
      const outcome = await this.#find(name.split('/'));
      if (outcome !== 'absent') found.set(name, outcome);
    }
    return found;
  }

  /** False where files were swapped meanwhile, so that what was seen may be of old ones and new ones. */
  async isUndisturbed(): Promise<boolean> {
    for (const [folder, before] of this.#generations) if ((await generationOf(folder)) !== before) return false;
    return true;
  }

  /** All folders that were looked into, with the state that Kubernetes gives them. */
  get generations(): string {
    return JSON.stringify([...this.#generations]);
  }

  async #find(segments: readonly string[]): Promise<SecretError | undefined | 'absent'> {
    if (segments.length > DEEPEST + 1) return 'absent';
    let folder: Folder = { name: '', real: this.root };
    for (const [index, segment] of segments.entries()) {
      const path = join(this.root, folder.name);
      if (folder.real !== this.root && !isBelow(this.root, folder.real)) return leavesTheMount(path);
      try {
        const entries = await this.#entries(folder);
        if (!entries.some(({ name }) => name === segment)) return 'absent';
        if (index === segments.length - 1) return undefined;
        const name = segments.slice(0, index + 1).join('/');
        folder = { name, real: await realpath(join(this.root, name)) };
      } catch (error) {
        if (folder.name === '') throw error;
        return ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') ? 'absent' : fileFault(path, error);
      }
    }
    return 'absent';
  }

  /** Without dot files. */
  #entries({ name }: Folder): Promise<readonly Dirent[]> {
    const known = this.#listings.get(name);
    if (known) return known;
    const path = join(this.root, name);
    const listing = generationOf(path).then(async (generation) => {
      this.#generations.set(path, generation);
      return (await readdir(path, { withFileTypes: true })).filter((entry) => !entry.name.startsWith('.'));
    });
    this.#listings.set(name, listing);
    return listing;
  }

  /** Undefined for what is not a folder within the mount, and for one that it lies in itself. */
  async #realFolder(name: string, entry: Dirent, parent: Folder): Promise<string | undefined> {
    if (entry.isFile()) return undefined;
    try {
      const real = await realpath(join(this.root, name));
      const isWithin = isBelow(this.root, real) && real !== parent.real && !isBelow(real, parent.real);
      return isWithin && (await stat(real)).isDirectory() ? real : undefined;
    } catch {
      return undefined; // gone, or a link to nothing
    }
  }
}

const generationOf = (folder: string): Promise<string | undefined> =>
  // Docker, systemd, a folder of one's own: files change one by one there.
  readlink(join(folder, GENERATION)).catch(() => undefined);

const unlessRoot =
  ({ name }: Folder) =>
  (error: unknown): readonly Dirent[] => {
    if (name !== '' && ['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return [];
    throw error;
  };

export const leavesTheMount = (path: string): SecretError =>
  new SecretAccessDeniedError(`"${path}" is a link that leads out of its folder, and is not followed.`, {
    advice: 'Put the file itself into the folder, or give the folder that it is in.',
  });

const tooManyFolders = (path: string): SecretError =>
  new SecretConfigurationError(`"${path}" holds more than ${MOST_FOLDERS} folders.`, {
    advice: 'Give the folder that holds the secrets, and nothing else.',
  });
