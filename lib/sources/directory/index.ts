import type { DirectorySourceOptions } from './directory.options.js';
import { DirectorySource } from './directory.source.js';

export type { DirectorySourceOptions } from './directory.options.js';
export type { DirectorySource } from './directory.source.js';

/**
 * A folder with a file a secret, as Kubernetes, Docker (`/run/secrets`) and systemd (`$CREDENTIALS_DIRECTORY`) mount them; watched, read-only.
 * The swap of Kubernetes’ `..data` link is one rotation of all that changed, and no reading mixes old and new.
 *
 * Contents are kept as they are, with a newline at the end unless `trim` is set; what is not UTF-8 comes as bytes. A file in a sub-folder is named by
 * its way, as `db/password`. Dot files are left out, and a link that leads out of the folder is refused.
 *
 * @param dir relative to the working directory at the time of the call. Throws SecretConfigurationError for options that make no sense.
 */
export const directorySource = (dir: string, options?: DirectorySourceOptions): DirectorySource =>
  new DirectorySource(dir, options);
