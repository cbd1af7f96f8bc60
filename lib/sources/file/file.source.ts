import { basename, resolve } from 'node:path';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { FilesSource } from '../watch/files.source.js';
import type { GivenWatchSettings } from '../watch/path-watcher.js';
import { watchedFileSettings } from '../watch/watch.options.js';
import type { FileFormat, FileSettings, FileSourceOptions, SecretFile } from './file.options.js';
import { FILE, FILE_OPTIONS } from './file.options.js';

/**
 * The secrets of one file, or of several, read whole at each reading, and watched. They are never written. Readings reject with
 * SecretSourceUnavailableError while a file is missing (unless they are optional) or broken, with SecretAccessDeniedError where one may not be read.
 */
export class FileSource extends FilesSource {
  constructor(
    given: string | readonly string[],
    givenOptions?: FileSourceOptions,
    watching?: Partial<GivenWatchSettings>,
  ) {
    const options = ownOptions(givenOptions, FILE_OPTIONS, 'fileSource', { details: { sourceKind: FILE } });
    const paths: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (paths.length === 0) throw new SecretConfigurationError('fileSource takes the path of a file, or of several.');
    const files = paths.map((path) => fileAt(path, options.format));
    const settings: FileSettings = { ...watchedFileSettings(options, watching), files };
    const open = () => import('./file.secrets.js').then(({ FileSecrets }) => new FileSecrets(settings));
    super({ kind: FILE, optional: settings.optional, path: files.map(({ path }) => path).join(', '), open });
  }
}

function fileAt(path: unknown, given: FileFormat | undefined): SecretFile {
  const name = typeof path === 'string' ? basename(path) : '';
  const format = (name !== '' && given) || formatOf(name);
  if (format) return { path: resolve(path as string), format };
  throw new SecretConfigurationError(
    'fileSource takes the path of a `.json`, `.jsonc`, `.yaml`, `.yml` or `.env` file (`.env.local` and the like too). ' +
      'For a file with another ending there is the option `format`; for a folder with a file a secret there is `directorySource`.',
    { sourceKind: FILE },
  );
}

function formatOf(name: string): FileFormat | undefined {
  if (name.endsWith('.env') || name.startsWith('.env.')) return 'env';
  if (/\.jsonc?$/.test(name)) return 'json';
  return /\.ya?ml$/.test(name) ? 'yaml' : undefined;
}
