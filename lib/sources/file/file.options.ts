import type { WatchedFileOptions, WatchedFileSettings } from '../watch/watch.options.js';

/** Options of `fileSource`. */
export type FileSourceOptions = WatchedFileOptions;

export const FILE = 'file';

/** How a file is written, as its name tells. */
export type FileFormat = 'json' | 'env';

export interface FileSettings extends WatchedFileSettings {
  readonly path: string;
  readonly format: FileFormat;
}
