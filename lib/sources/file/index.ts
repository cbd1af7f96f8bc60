import type { FileSourceOptions } from './file.options.js';
import { FileSource } from './file.source.js';

export type { FileSource } from './file.source.js';
export type { FileSourceOptions } from './file.options.js';

/**
 * The secrets of a file, watched: atomic saves, links that are swapped, deletion and re-creation are survived, and a broken file keeps the last
 * good values. Read-only.
 *
 * - `.json` holds an object whose members are the secrets: strings, objects and arrays. A number or boolean becomes its text; null is not a secret.
 * - `.env` (also `.env.local` and the like) is read as `dotenv` does: quotes, values of several lines, comments, `export`; no expansion of `$NAME`.
 *   A line that is none of these makes the file a broken one.
 *
 * @param path relative to the working directory at the time of the call.
 * Throws SecretConfigurationError for a path with another extension, and for options that make no sense.
 */
export const fileSource = (path: string, options?: FileSourceOptions): FileSource => new FileSource(path, options);
