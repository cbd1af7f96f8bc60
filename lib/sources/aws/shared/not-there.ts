import { SecretNotFoundError } from '../../../core/errors/index.js';

/** Why a write went nowhere. */
export const notThere = (cause: unknown, sourceKind: string): SecretNotFoundError =>
  new SecretNotFoundError('there is no such secret to write.', {
    sourceKind,
    cause,
    advice: 'Create it, or set `createIfMissing: true` of the source.',
  });
