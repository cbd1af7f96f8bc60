import { randomBytes } from 'node:crypto';
import { lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds. Nobody who lives holds a lock for so long: it is held for one comparison and one renaming. */
const ABANDONED = 2_000;
/** Milliseconds between two tries, and until the last. */
const BETWEEN = 5;
const PATIENCE = 5_000;

/** One process at a time, of all who name the same lock: a file that is there while somebody works. Rejects where it can't be had. */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE;
  while (!(await isTaken(path))) {
    if (await isAbandoned(path)) continue;
    if (performance.now() > until) throw Object.assign(new Error('another process writes for long'), { code: 'EBUSY' });
    await pause(BETWEEN * (0.5 + Math.random()));
  }
  try {
    return await work();
  } finally {
    await unlink(path).catch(() => undefined); // taken for abandoned, by then
  }
}

async function isTaken(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A killed process has left it: it is gone now. */
async function isAbandoned(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return true;
  if (Math.abs(Date.now() - found.mtimeMs) < ABANDONED) return false;
  // Others find the same at this moment: one of them moves it away. Should that be a new one already, it is put back.
  const aside = join(dirname(path), `${randomBytes(12).toString('hex')}.tmp`);
  const isMoved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  const moved = isMoved ? await lstat(aside).catch(() => undefined) : undefined;
  const isSame = moved?.ino === found.ino && moved.mtimeMs === found.mtimeMs;
  if (isMoved) await (isSame ? unlink(aside) : rename(aside, path)).catch(() => undefined);
  return true;
}
