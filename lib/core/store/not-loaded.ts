import { SecretNotLoadedError } from '../errors/index.js';

/** Throws why a secret has no value before its first reading. @param version the version or stage asked for; undefined is the current one. */
export const notLoaded = (secretName: string, connection: string, version: string | undefined) => (): never => {
  if (version === undefined) throw new SecretNotLoadedError(undefined, { secretName, connection });
  const quoted = JSON.stringify(version);
  const advice = `\`await client.fetch(${JSON.stringify(secretName)}, { version: ${quoted} })\` first.`;
  throw new SecretNotLoadedError(`version ${quoted} of it is not loaded.`, { secretName, connection, advice });
};
