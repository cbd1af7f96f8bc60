/** A change at the source: a name, or a name with the version that is there now. */
export type AnnouncedChange = string | { readonly name: string; readonly version?: string | undefined };

/** What a source, or a push channel, calls when something changes. Never throws. */
export interface ChangeListener {
  /** What has changed; without `changes`, anything may have. An empty list is nothing. */
  (changes?: readonly AnnouncedChange[]): void;
  /** The channel is deaf from now on, and tries to hear again. */
  lost(cause: unknown): void;
  /** It hears again: what was announced meanwhile was missed. */
  resumed(): void;
}
