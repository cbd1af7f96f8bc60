import type { FileSourceOptions } from './file.options.js';
import { FileSource } from './file.source.js';

export type { FileSource } from './file.source.js';
export type { FileSourceOptions } from './file.options.js';

/**
 * The secrets of a file, watched: atomic saves, links that are swapped, deletion and re-creation are survived, and a broken file keeps the last
 * good values. Read-only.
 *
 * - `.json`, `.jsonc` hold an object whose members are the secrets: strings, objects and arrays. A number or boolean becomes its text; null is no
 *   secret. Comments are passed over.
 * - `.yaml`, `.yml` hold a map, read in the same way; the package `yaml` has to be installed.
 * - `.env` (also `.env.local` and the like) is read as `dotenv` does: quotes, values of several lines, comments, `export`; no expansion of `$NAME`.
 *   A line that is none of these makes the file a broken one.
 *
 * Of several files, e.g. `['.env.local', '.env']`, the first that has a name counts. All have to be there, and whole; with `optional` each may be absent.
 *
 * @param path relative to the working directory at the time of the call.
 * Throws SecretConfigurationError for a path with another ending where there is no `format`, and for options that make no sense.
 */
export const fileSource = (path: string | readonly string[], options?: FileSourceOptions): FileSource =>
  new FileSource(path, options);
