import { foreignCause, SecretConfigurationError } from '../../../core/errors/index.js';

/** Loads an optional peer; rejects with a SecretConfigurationError that tells what to install. */
export async function optionalPackage<M>(name: string, sourceKind: string, load: () => Promise<M>): Promise<M> {
  try {
    return await load();
  } catch (cause) {
    const code = String(foreignCause(cause)?.code);
    const reason = code.endsWith('MODULE_NOT_FOUND') ? 'is not installed' : 'could not be loaded';
    throw new SecretConfigurationError(`the package ${name}, which this source needs, ${reason}.`, {
      sourceKind,
      cause,
      advice: `npm install ${name}`,
    });
  }
}
