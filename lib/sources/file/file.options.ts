import type { OptionKinds } from '../../core/options/option-kinds.js';
import type { WatchedFileOptions, WatchedFileSettings } from '../watch/watch.options.js';
import { WATCHED_FILE_OPTIONS } from '../watch/watch.options.js';

export const FILE = 'file';

const FORMATS = ['env', 'json', 'yaml'] as const;

/** How a file is written. */
export type FileFormat = (typeof FORMATS)[number];

export interface FileSourceOptions extends WatchedFileOptions {
  /** How the files are written, whatever their names say; for `yaml` the package `yaml` has to be installed. @default as the ending of each name tells */
  readonly format?: FileFormat | undefined;
}

export const FILE_OPTIONS: OptionKinds<FileSourceOptions> = { ...WATCHED_FILE_OPTIONS, format: FORMATS };

export interface SecretFile {
  readonly path: string;
  readonly format: FileFormat;
}

export interface FileSettings extends WatchedFileSettings {
  /** The first that has a name counts. */
  readonly files: readonly SecretFile[];
}
