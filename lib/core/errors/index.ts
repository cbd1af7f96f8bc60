export { isSecretError, SecretError } from './secret.error.js';
export type { SecretErrorCode, SecretErrorDetails } from './secret.error.js';
export { foreignCause } from './foreign-cause.js';
export type { ForeignCause } from './foreign-cause.js';
export { printable, printableLines } from './printable.js';
export {
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretBootstrapError,
  SecretConfigurationError,
  SecretFieldError,
  SecretNotFoundError,
  SecretNotLoadedError,
  SecretSourceReadOnlyError,
  SecretSourceUnavailableError,
  SecretThrottledError,
  SecretValidationError,
} from './leaves.js';
export type {
  SecretBootstrapErrorDetails,
  SecretFieldErrorDetails,
  SecretSourceUnavailableErrorDetails,
  SecretThrottledErrorDetails,
  SecretValidationErrorDetails,
  SecretValidationIssue,
} from './leaves.js';
