import type { EnvSourceOptions } from './env.options.js';
import { EnvSource } from './env.source.js';

export type { EnvSourceOptions } from './env.options.js';
export type { EnvSource } from './env.source.js';

/**
 * Environment variables, looked up at each reading. Read-only: nothing is ever written to `process.env`. Where `NAME_FILE` is set in place of
 * `NAME`, the value is what that file holds, without the line breaks at its end (`files: false` switches that off).
 * Listing, and reading all, is there only with a `prefix`. Throws SecretConfigurationError for a prefix that no variable can have.
 */
export const envSource = (options?: EnvSourceOptions): EnvSource => new EnvSource(options);
