import type { SecretVersion } from '../secret/secret-version.js';
import type { ReadContext } from './secret-source.js';

/** For a source that holds one state of each secret, and no versions: true where no version is asked for, or the one that this state shows. */
export function isAskedFor(name: string, given: SecretVersion, { version, versionOf }: ReadContext): boolean {
  return version === undefined || version === (versionOf ? versionOf(name, given) : given.version);
}
