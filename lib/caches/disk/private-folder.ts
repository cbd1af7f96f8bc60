import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { FewAtOnce } from './few-at-once.js';
import { locked } from './file-lock.js';
import { isLocal, Slices } from './local-disk.js';

/** Bytes: no secret is larger; what is, is none of ours. */
const LARGEST = 32 * 1024 * 1024;
/** Milliseconds after which a temporary file is one that a killed process has left. */
const ABANDONED = 60_000;
const TEMPORARY = '.tmp';
/** What is left of one is swept as a temporary file. */
const LOCK = `.lock${TEMPORARY}`;

/** Windows has neither links that these stop at, nor users by numbers. A pipe must not hold up a reader. */
const READING = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const WRITING = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Undefined where there is none. */
export type ReadFile = (name: string) => Promise<Buffer | undefined>;

/** Why a file is not read, though it is there. */
export class UntrustedFile extends Error {}

export interface FileAge {
  readonly name: string;
  /** Milliseconds since it was written. */
  readonly age: number;
}

/**
 * A folder that is only this user's, and the files in it: each is written whole or not at all, whoever is killed when, and read only where nobody else
 * can have made it. Few calls of the file system are under way at once: where one hangs, others of the process must not.
 */
export class PrivateFolder {
  readonly #calls = new FewAtOnce(2);
  readonly #slices = new Slices();
  readonly #replacing = new FewAtOnce(1);
  #isLocal: Promise<boolean> | undefined;

  constructor(readonly path: string) {}

  /** Makes it where it is not there. Throws SecretConfigurationError where it can't be trusted. */
  async check(): Promise<void> {
    await this.#calls.run(async () => {
      let found = await lstat(this.path).catch(unlessMissing);
      if (!found) {
        await makeFolder(this.path);
        found = await lstat(this.path);
      }
      const fault = found.isDirectory() ? faultOf(found) : found.isSymbolicLink() ? 'is a link' : 'is not a folder';
      if (fault === undefined) return;
      throw new SecretConfigurationError(`the folder ${fault}.`, {
        advice: 'Give it a folder that is made only for it, with mode 0700, below one that others can not write in.',
      });
    });
  }

  /**
   * Undefined where there is none. Throws UntrustedFile for what somebody else may have made, and what the file system throws. Many small files are read at
   * a start: on a disk of this machine's that takes a tenth of the time without a thread for each step.
   */
  async read(name: string): Promise<Buffer | undefined> {
    const path = join(this.path, name);
    this.#isLocal ??= isLocal(this.path);
    if (await this.#isLocal) return this.#slices.run(() => readNow(path));
    return this.#calls.run(() => readLater(path));
  }

  /** Puts a file in place of what is there: who reads sees the one or the other. On the disk when `flush` has resolved. */
  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#place(bytes, (temporary) => rename(temporary, join(this.path, name)));
  }

  /**
   * The same, where that is wanted yet when the new file lies ready: one process at a time says so, of all who write this one.
   * @param isWanted is given what reads a file at once, whatever else is under way.
   */
  async replace(name: string, bytes: Uint8Array, isWanted: (read: ReadFile) => Promise<boolean>): Promise<void> {
    const read: ReadFile = async (other) =>
      (await this.#isLocal) ? readNow(join(this.path, other)) : readLater(join(this.path, other));
    this.#isLocal ??= isLocal(this.path);
    const temporary = await this.#calls.run(() => this.#written(bytes));
    try {
      // Nobody waits within a lock, but for the disk.
      await this.#replacing.run(() =>
        locked(join(this.path, `${name}${LOCK}`), async () => {
          if (await isWanted(read)) await rename(temporary, join(this.path, name));
          else await unlink(temporary);
        }),
      );
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  /** As `write`, but where there is one already; gives whether it was written. */
  async create(name: string, bytes: Uint8Array): Promise<boolean> {
    const target = join(this.path, name);
    try {
      await this.#place(bytes, async (temporary) => {
        await link(temporary, target);
        await unlink(temporary);
      });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await this.#calls.run(() => unlink(join(this.path, name))).catch(unlessMissing);
  }

  /** What was written is on the disk, with its name. */
  async flush(): Promise<void> {
    await this.#calls.run(async () => {
      // Windows opens no folders, and some file systems can't do it: then the names come when they come.
      const folder = await open(this.path, constants.O_RDONLY).catch(() => undefined);
      await folder?.sync().catch(() => undefined);
      await folder?.close();
    });
  }

  /** Removes what killed processes have left; gives the other files. */
  async sweep(): Promise<FileAge[]> {
    const files: FileAge[] = [];
    for (const name of await this.#calls.run(() => readdir(this.path))) {
      const found = await this.#calls.run(() => lstat(join(this.path, name))).catch(unlessMissing);
      if (!found) continue;
      const age = Date.now() - found.mtimeMs;
      if (!name.endsWith(TEMPORARY)) files.push({ name, age });
      else if (age > ABANDONED) await this.remove(name);
    }
    return files;
  }

  async #place(bytes: Uint8Array, put: (temporary: string) => Promise<void>): Promise<void> {
    await this.#calls.run(async () => {
      const temporary = await this.#written(bytes);
      try {
        await put(temporary);
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        throw error;
      }
    });
  }

  /** A new file's path. */
  async #written(bytes: Uint8Array): Promise<string> {
    const temporary = join(this.path, `${randomBytes(12).toString('hex')}${TEMPORARY}`);
    const file = await open(temporary, WRITING, 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
      return temporary;
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  }
}

/** With those above it. Not `recursive` of Node's, which goes round for ever where what is above can't be made, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  const made = (): Promise<unknown> =>
    mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another process was faster
    });
  try {
    await made();
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    await makeFolder(above);
    await made();
  }
}

function readNow(path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, READING);
  } catch (error) {
    return notOpened(error as NodeJS.ErrnoException);
  }
  try {
    const bytes = bufferFor(fstatSync(file));
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more) {
      more = readSync(file, bytes, length, bytes.length - length, length);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

async function readLater(path: string): Promise<Buffer | undefined> {
  const file = await open(path, READING).catch(notOpened);
  if (!file) return undefined;
  try {
    const bytes = bufferFor(await file.stat());
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more) {
      more = (await file.read(bytes, length, bytes.length - length, length)).bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

function notOpened(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  if (error.code === 'ELOOP' || error.code === 'EMLINK') throw new UntrustedFile('is a link');
  // One of many: the others are read.
  if (error.code === 'EACCES' || error.code === 'ENXIO') throw new UntrustedFile('can not be opened');
  throw error;
}

/** As long as the file is: what grows while it is read is not ours. Throws UntrustedFile. */
function bufferFor(found: Stats): Buffer {
  const fault = !found.isFile() ? 'is not a file' : found.nlink > 1 ? 'has several names' : faultOf(found);
  if (fault !== undefined) throw new UntrustedFile(fault);
  if (found.size > LARGEST) throw new UntrustedFile('is too large');
  return Buffer.alloc(found.size);
}

/** Whose it is, and who else may use it; undefined where it is only this user's, or the system knows no users by numbers. */
function faultOf({ uid, mode }: Stats): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  if (uid !== user) return 'belongs to another user';
  return (mode & 0o077) === 0 ? undefined : 'is open to other users';
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
