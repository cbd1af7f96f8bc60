import { readFileSync } from 'node:fs';
import { chmod, mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InitError } from './init-error.js';
import type { FileChange } from './plan.js';
import type { ProjectFiles } from './project-files.js';

/** A project on disk. Its errors tell a path and the system's code, never what a file holds. */
export class ProjectFolder implements ProjectFiles {
  constructor(private readonly folder: string) {}

  read(path: string): string | undefined {
    try {
      return readFileSync(join(this.folder, path), 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw new InitError(`${path} can not be read (${codeOf(error)}). Nothing was changed.`);
    }
  }

  /**
   * All of them, or none where one can't be prepared: each is written whole beside its place before the first takes its place.
   * @throws InitError
   */
  async write(changes: readonly FileChange[]): Promise<void> {
    const prepared: PreparedFile[] = [];
    try {
      for (const change of changes) prepared.push(await this.#prepare(change));
      for (const { path, beside, file } of prepared) await rename(beside, file).catch(toInitError(path, ''));
    } finally {
      for (const { beside } of prepared) await rm(beside, { force: true });
    }
  }

  async #prepare({ path, text }: FileChange): Promise<PreparedFile> {
    const fail = toInitError(path, ' Nothing was changed.');
    await mkdir(dirname(join(this.folder, path)), { recursive: true }).catch(fail);
    // What is behind a link is written, and keeps its mode.
    const file = await realpath(join(this.folder, path)).catch(() => join(this.folder, path));
    const before = await stat(file).catch(() => undefined);
    const beside = `${file}.${process.pid}.tmp`;
    await writeFile(beside, text, { flag: 'wx' }).catch(fail);
    if (before) await chmod(beside, before.mode);
    return { path, beside, file };
  }
}

interface PreparedFile {
  readonly path: string;
  readonly beside: string;
  readonly file: string;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';

function toInitError(path: string, state: string): (error: unknown) => never {
  return (error) => {
    throw new InitError(`${path} can not be written (${codeOf(error)}).${state}`);
  };
}
