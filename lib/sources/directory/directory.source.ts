import { resolve } from 'node:path';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { FilesSource } from '../watch/files.source.js';
import type { GivenWatchSettings } from '../watch/path-watcher.js';
import { watchedFileSettings } from '../watch/watch.options.js';
import type { DirectorySettings, DirectorySourceOptions } from './directory.options.js';
import { DIRECTORY, DIRECTORY_OPTIONS } from './directory.options.js';

/** The files of one folder, each a secret, read again at each reading, and watched. Nothing is ever written. */
export class DirectorySource extends FilesSource {
  constructor(dir: string, given?: DirectorySourceOptions, watching?: Partial<GivenWatchSettings>) {
    if (typeof dir !== 'string' || dir === '') {
      throw new SecretConfigurationError('directorySource takes the path of a folder.');
    }
    const options = ownOptions(given, DIRECTORY_OPTIONS, 'directorySource', { details: { sourceKind: DIRECTORY } });
    const files = watchedFileSettings(options, watching);
    const settings: DirectorySettings = { ...files, path: resolve(dir), trim: options.trim ?? false };
    const open = () => import('./directory.secrets.js').then(({ DirectorySecrets }) => new DirectorySecrets(settings));
    super({ kind: DIRECTORY, optional: settings.optional, path: settings.path, open });
  }
}
