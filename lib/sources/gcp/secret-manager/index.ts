import type { GoogleSecretManagerOptions } from './google-secret-manager.options.js';
import { GoogleSecretManagerSource } from './google-secret-manager.source.js';

export type { GoogleSecretManagerOptions } from './google-secret-manager.options.js';
export type { GoogleSecretManagerSource } from './google-secret-manager.source.js';

/**
 * The secrets of a project in Google Secret Manager, by Google's Application Default Credentials or a given `auth`; needs no SDK.
 * Throws SecretConfigurationError for options that can't be meant. See {@link GoogleSecretManagerSource} for the shapes of values.
 */
export const googleSecretManager = (options?: GoogleSecretManagerOptions): GoogleSecretManagerSource =>
  new GoogleSecretManagerSource(options);
