import type { ChangeListener } from './change-listener.js';

/** What goes with the opening of a channel. */
export interface OpenContext {
  /** Aborted when the app closes: an opening that is under way need not go on. */
  readonly signal: AbortSignal;
}

/** Ends the listening. The app's end waits for what it gives, within a bound. */
export type CloseChannel = () => void | Promise<void>;

/**
 * Who announces changes of secrets, whatever source they are read from; for the option `push`. It tells the listener what has changed, and that it is
 * deaf (`lost`) and hears again (`resumed`); trying again is its own affair. It speaks for all secrets of the connection that have no lease.
 * Whatever it does, it stops nothing else. May hold credentials: hide them from inspection.
 */
export interface PushChannel {
  /** Readable and stable, e.g. `sqs-events`: stands in errors, in the log and in events. */
  readonly kind: string;
  /** Begins to listen, until the function that comes back is called. It counts as live from when this is settled; a Promise may take its time, and holds up nothing. */
  open(listener: ChangeListener, context: OpenContext): CloseChannel | Promise<CloseChannel>;
}
