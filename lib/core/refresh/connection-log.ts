import type { CacheEntry } from '../cache/cache-entry.js';
import type { SecretError } from '../errors/index.js';

/** Where a connection writes what an operator should know. Nest’s Logger fits. Lines never hold a value. */
export interface SecretLogger {
  log(message: string): void;
  warn(message: string): void;
}

export const silentLogger: SecretLogger = { log: () => undefined, warn: () => undefined };

/** One line when secrets begin to fail and one when they are back, however many they are and however often they are tried. */
export class ConnectionLog {
  readonly #failing = new Map<string, string>();
  #news: SecretError[] = [];
  #back: string[] = [];

  constructor(
    private readonly connection: string,
    private readonly logger: SecretLogger,
  ) {}

  failed(entry: CacheEntry, error: SecretError): void {
    if (this.#failing.get(entry.key) === error.code) return;
    // A secret that was never there and that nobody requires is no news.
    if (!entry.loaded && !entry.pinned) return;
    if (!entry.loaded && error.code === 'SECRET_NOT_FOUND') return;
    this.#failing.set(entry.key, error.code);
    this.#news.push(error);
  }

  recovered(entry: CacheEntry): void {
    if (this.#failing.delete(entry.key)) this.#back.push(entry.name);
  }

  /** Ends one reading: writes what it brought. */
  settled(): void {
    const [first] = this.#news;
    if (first) {
      const more = this.#news.length > 1 ? ` (and ${this.#news.length - 1} more)` : '';
      this.logger.warn(`${first.message}${more} Values that are there stay in use.`);
    }
    if (this.#back.length > 0) this.logger.log(`Secrets of "${this.connection}" are back: ${this.#back.join(', ')}.`);
    this.#news = [];
    this.#back = [];
  }

  warn(message: string): void {
    this.logger.warn(message);
  }
}
