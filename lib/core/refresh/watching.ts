import type { SecretError } from '../errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../errors/index.js';
import type { AnnouncedChange, ChangeListener } from '../source/change-listener.js';
import type { SecretSource, Unsubscribe } from '../source/secret-source.js';
import type { Announcements } from './announcements.js';

export type ChannelStatus = 'live' | 'lost' | 'none';

export interface WatchingOptions {
  readonly source: Pick<SecretSource, 'kind' | 'watch'>;
  readonly announcements: Announcements;
  readonly connection: string;
  readonly onLost: (error: SecretError) => void;
  readonly onResumed: () => void;
  readonly warn: (message: string) => void;
}

/** Listens to a source that tells of changes. Whatever such a channel does, it stops nothing else. */
export class Watching {
  #status: ChannelStatus = 'none';
  #unsubscribe: Unsubscribe | undefined;
  #isEnded = false;

  constructor(private readonly options: WatchingOptions) {}

  get status(): ChannelStatus {
    return this.#status;
  }

  /** Begins to listen, before the first load, so that no change is missed. */
  begin(): void {
    const { source, announcements } = this.options;
    if (!source.watch || this.#status !== 'none' || this.#isEnded) return;
    this.#status = 'live';
    try {
      const watching = source.watch(this.#listener());
      if (typeof watching === 'function') {
        this.#unsubscribe = watching;
        return;
      }
      this.#status = 'none'; // not yet
      void Promise.resolve(watching).then(
        (unsubscribe) => {
          this.#unsubscribe = typeof unsubscribe === 'function' ? unsubscribe : undefined;
          if (this.#isEnded) return this.end();
          if (this.#status === 'none') this.#status = 'live';
          announcements.catchUp(); // it was deaf until now
        },
        (cause: unknown) => this.#lost(cause),
      );
    } catch (cause) {
      this.#lost(cause);
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#status = 'none';
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    try {
      const ended: unknown = unsubscribe?.();
      if (ended instanceof Promise) ended.catch(() => this.#warnOfEnd());
    } catch {
      this.#warnOfEnd();
    }
  }

  #listener(): ChangeListener {
    const { announcements } = this.options;
    const guarded = (work: () => void): void => {
      if (!this.#isEnded) work();
    };
    return Object.assign((changes?: readonly AnnouncedChange[]) => guarded(() => announcements.take(changes)), {
      lost: (cause: unknown) => guarded(() => this.#lost(cause)),
      resumed: () => guarded(() => this.#resumed()),
    });
  }

  #lost(cause: unknown): void {
    if (this.#isEnded || this.#status === 'lost') return;
    this.#status = 'lost';
    const { source, connection, onLost } = this.options;
    const error = isSecretError(cause)
      ? cause
      : new SecretSourceUnavailableError('watching for changes failed.', { cause });
    onLost(error.located({ connection, sourceKind: source.kind }));
  }

  #resumed(): void {
    if (this.#status !== 'lost') return;
    this.#status = 'live';
    this.options.onResumed();
    this.options.announcements.catchUp();
  }

  #warnOfEnd(): void {
    const { connection, source, warn } = this.options;
    warn(`Secrets of "${connection}": watching ${source.kind} could not be ended in order.`);
  }
}
