/**
 * A SIGTERM to `npm start` goes to npm and to the shell between it and this process. That shell dies of it and passes nothing on, so this process
 * would hold the port for ever: it ends in order when its parent is gone.
 */
export function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}
