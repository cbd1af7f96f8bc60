import { readFileSync } from 'node:fs';

/** Milliseconds between two looks. */
const LOOK = 300;

/**
 * Calls back once when who started us has gone, where npm or npx did: of a signal to npx nobody tells us, and we would stay behind. By itself a process
 * may outlive its parent, so nothing is looked at where npm has no part. Gives what ends the looking.
 */
export function onParentGone(environment: NodeJS.ProcessEnv, listener: () => void): () => void {
  if (!environment['npm_command'] && !environment['npm_lifecycle_event']) return () => undefined;
  const parent = process.ppid;
  const grandparent = parentOf(parent);
  const timer = setInterval(() => {
    const isGone =
      process.ppid !== parent || !isAlive(parent) || (grandparent !== undefined && parentOf(parent) !== grandparent);
    if (!isGone) return;
    clearInterval(timer);
    listener();
  }, LOOK);
  timer.unref();
  return () => clearInterval(timer);
}

/** Windows keeps the number of a parent that has gone. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Of npx that was killed there is a shell left, which is our parent still: its own has changed. On Linux only. */
function parentOf(pid: number): number | undefined {
  try {
    const [, rest = ''] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    return Number(rest.split(' ')[1]);
  } catch {
    return undefined;
  }
}
