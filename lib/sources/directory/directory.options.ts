import type { WatchedFileOptions } from '../watch/index.js';

export interface DirectorySourceOptions extends WatchedFileOptions {
  /** Takes the line breaks off the end of text, as a shell’s `$(cat file)` does. @default false */
  readonly trim?: boolean | undefined;
}
