import type { OptionKinds } from '../../core/options/option-kinds.js';
import type { WatchedFileOptions, WatchedFileSettings } from '../watch/watch.options.js';
import { WATCHED_FILE_OPTIONS } from '../watch/watch.options.js';

export const DIRECTORY = 'directory';

export interface DirectorySourceOptions extends WatchedFileOptions {
  /** Takes the line breaks off the end of text, as a shell’s `$(cat file)` does. @default false */
  readonly trim?: boolean | undefined;
}

export const DIRECTORY_OPTIONS: OptionKinds<DirectorySourceOptions> = { ...WATCHED_FILE_OPTIONS, trim: 'boolean' };

export interface DirectorySettings extends WatchedFileSettings {
  readonly path: string;
  readonly trim: boolean;
}
