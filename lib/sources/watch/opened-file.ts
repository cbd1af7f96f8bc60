import { lstatSync, realpathSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** How often the way to a file is looked at where the system can't tell: each look is undisturbed only if nothing is swapped within it. */
const LOOKS = 8;
/** What Linux appends to the path of a file that was removed while it is open. */
const DELETED = ' (deleted)';

/**
 * True where an open file lies in a folder (a real path). A path that was resolved and found inside may lead elsewhere by the time at which it is
 * opened, where somebody swaps a folder on the way for a link: so the question is where that file lies which is open, and not where its path leads.
 */
export async function liesIn(
  folder: string,
  file: FileHandle,
  path: string,
  { askSystem = true } = {},
): Promise<boolean> {
  const opened = askSystem ? await pathOf(file) : undefined;
  return opened === undefined ? isOnItsWay(folder, file, path) : isBelow(folder, opened);
}

export const isBelow = (folder: string, path: string): boolean =>
  path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** Where the file that is open lies now, of which Linux keeps account; undefined where nobody tells. */
async function pathOf(file: FileHandle): Promise<string | undefined> {
  const path = await readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined);
  if (path === undefined || !path.startsWith(sep)) return undefined;
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
}

/**
 * macOS and Windows: the file at the path is the one that is open, by its number, and no folder on the way is a link. Look by look in one piece, as
 * short as can be.
 */
async function isOnItsWay(folder: string, file: FileHandle, path: string): Promise<boolean> {
  const { dev, ino } = await file.stat({ bigint: true });
  const between = relative(folder, dirname(path)).split(sep).filter(Boolean);
  const folders = between.map((_, index) => join(folder, ...between.slice(0, index + 1)));
  try {
    if (realpathSync(folder) !== folder) return false;
    for (let look = 0; look < LOOKS; look += 1) {
      if (!folders.every((way) => lstatSync(way).isDirectory())) return false;
      const found = lstatSync(path, { bigint: true });
      if (found.dev !== dev || found.ino !== ino) return false;
    }
    return true;
  } catch {
    return false; // gone, or not to be looked at: it is read again
  }
}
