import { foreignCause, SecretConfigurationError } from './errors/index.js';

/** Loads a package that few apps need, by a literal `import()` of it; rejects with a SecretConfigurationError that tells what to install. */
export async function loadedPackage<M>(name: string, sourceKind: string, load: () => Promise<M>): Promise<M> {
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
