import { SecretSourceUnavailableError } from '../errors/index.js';

/** What comes of work that outlives the app, or that the app's closing found under way. @param what was asked. */
export function closedError(what: string): SecretSourceUnavailableError {
  return new SecretSourceUnavailableError(`"${what}" was stopped, as the app closes.`, {
    advice: 'Work that outlives the app gets no secrets any more.',
  });
}
