import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

/** Listens for events in one folder; the function that comes back ends it. Throws where the file system can't. */
export type Listen = (folder: string, onEvent: (entry: string | null) => void, onEnd: () => void) => () => void;

/** Node's `fs.watch`, which doesn't keep the process alive. */
export const listenToFolder: Listen = (folder, onEvent, onEnd) => {
  const watcher: FSWatcher = watch(folder, { persistent: false }, (_, entry) => onEvent(entry));
  watcher.on('error', onEnd); // the folder is gone, or the system is out of watches: looking at intervals goes on
  return () => watcher.close();
};

/** Folders, and in each the entries that matter; `undefined` stands for every entry. */
export type WatchedEntries = ReadonlyMap<string, ReadonlySet<string> | undefined>;

interface Subscription {
  readonly identity: string;
  readonly end: () => void;
  entries: ReadonlySet<string> | undefined;
}

/**
 * Listens at a set of folders that changes over time. What can't be listened at is left out: whoever needs certainty
 * looks at intervals as well.
 */
export class FolderListeners {
  readonly #subscriptions = new Map<string, Subscription>();
  #closed = false;

  constructor(
    private readonly listen: Listen,
    private readonly onChange: () => void,
  ) {}

  /** From now on these folders. One that was replaced by another of its name is listened at again. */
  async watch(folders: WatchedEntries): Promise<void> {
    const identities = new Map<string, string>();
    for (const folder of folders.keys()) {
      const identity = await identify(folder);
      if (identity !== undefined) identities.set(folder, identity);
    }
    if (this.#closed) return;
    for (const [folder, { identity }] of this.#subscriptions) {
      if (identities.get(folder) !== identity) this.#end(folder);
    }
    for (const [folder, identity] of identities) {
      const subscription = this.#subscriptions.get(folder);
      if (subscription) subscription.entries = folders.get(folder);
      else this.#begin(folder, identity, folders.get(folder));
    }
  }

  close(): void {
    this.#closed = true;
    for (const folder of [...this.#subscriptions.keys()]) this.#end(folder);
  }

  #begin(folder: string, identity: string, entries: ReadonlySet<string> | undefined): void {
    try {
      const end = this.listen(
        folder,
        (entry) => this.#onEvent(folder, entry),
        () => this.#end(folder),
      );
      this.#subscriptions.set(folder, { identity, end, entries });
    } catch {
      // No events here (a network file system, no watches left): it is tried again at the next look.
    }
  }

  #onEvent(folder: string, entry: string | null): void {
    const subscription = this.#subscriptions.get(folder);
    if (!subscription) return;
    // With the folder's own name it tells that the folder was moved or removed: its successor may bear the same name,
    // and the same inode.
    const ended = entry === basename(folder);
    if (ended) this.#end(folder);
    if (ended || entry === null || !subscription.entries || subscription.entries.has(entry)) this.onChange();
  }

  #end(folder: string): void {
    const subscription = this.#subscriptions.get(folder);
    this.#subscriptions.delete(folder);
    subscription?.end();
  }
}

async function identify(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
