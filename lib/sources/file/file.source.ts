import { basename, resolve } from 'node:path';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { FilesSource } from '../watch/files.source.js';
import type { GivenWatchSettings } from '../watch/path-watcher.js';
import { WATCHED_FILE_OPTIONS, watchedFileSettings } from '../watch/watch.options.js';
import type { FileFormat, FileSettings, FileSourceOptions } from './file.options.js';
import { FILE } from './file.options.js';

/**
 * The secrets of one `.json` or `.env` file, read whole at each reading, and watched. It is never written. Readings reject with
 * SecretSourceUnavailableError while the file is missing (unless it is optional) or broken, with SecretAccessDeniedError where it may not be read.
 */
export class FileSource extends FilesSource {
  constructor(path: string, given?: FileSourceOptions, watching?: Partial<GivenWatchSettings>) {
    const format = formatOf(path);
    const options = ownOptions(given, WATCHED_FILE_OPTIONS, 'fileSource', { details: { sourceKind: FILE } });
    const settings: FileSettings = { ...watchedFileSettings(options, watching), path: resolve(path), format };
    const open = () => import('./file.secrets.js').then(({ FileSecrets }) => new FileSecrets(settings));
    super({ kind: FILE, optional: settings.optional, path: settings.path, open });
  }
}

function formatOf(path: unknown): FileFormat {
  const name = typeof path === 'string' ? basename(path) : '';
  if (name.endsWith('.json')) return 'json';
  if (name.endsWith('.env') || name.startsWith('.env.')) return 'env';
  throw new SecretConfigurationError(
    'fileSource takes the path of a `.json` or `.env` file (`.env.local` and the like too); for a folder with a file a secret there is `directorySource`.',
  );
}
