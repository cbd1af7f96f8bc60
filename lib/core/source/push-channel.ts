import type { ChangeListener } from './change-listener.js';
import type { Unsubscribe } from './secret-source.js';

/**
 * Who announces changes of secrets, whatever source they are read from; for the option `push`. It tells the listener what has changed, and that it is
 * deaf (`lost`) and hears again (`resumed`); trying again is its own affair. It speaks for all secrets of the connection that have no lease.
 * Whatever it does, it stops nothing else. May hold credentials: hide them from inspection.
 */
export interface PushChannel {
  /** Readable and stable, e.g. `sqs-events`: stands in errors, in the log and in events. */
  readonly kind: string;
  /** Begins to listen, until the function that comes back is called. It counts as live from when this is settled; a Promise may take its time, and holds up nothing. */
  open(listener: ChangeListener): Unsubscribe | Promise<Unsubscribe>;
}
