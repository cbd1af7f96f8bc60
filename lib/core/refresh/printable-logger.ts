import { printableLine } from '../errors/printable.js';
import type { SecretLogger } from './connection-log.js';

/** The one way of lines to a logger: names, kinds and versions in them come from outside. */
export const printableLogger = (logger: SecretLogger): SecretLogger => ({
  error: (message) => logger.error(printableLine(message)),
  warn: (message) => logger.warn(printableLine(message)),
  log: (message) => logger.log(printableLine(message)),
  debug: (message) => logger.debug(printableLine(message)),
});
