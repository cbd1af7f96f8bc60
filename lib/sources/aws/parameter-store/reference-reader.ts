import type { Parameter } from '@aws-sdk/client-ssm';
import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../../core/errors/index.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { isDenied, isMissing, isWrong } from '../shared/aws.errors.js';
import type { Stored } from '../shared/store.js';
import { KIND } from './parameter-store.client.js';
import { stateOf } from './parameter.js';
import { readingsOf, walk } from './secret-reference.js';

/** How many are remembered. */
const MOST = 10_000;

/** Reads secrets of Secrets Manager behind the names of Parameter Store's folder, and parts of their JSON. */
export class ReferenceReader {
  /** References that led to a secret, not into one. */
  readonly #secrets = new Set<string>();

  constructor(private readonly get: (id: string, context: ReadContext) => Promise<Parameter | undefined>) {}

  /** Where a name led to a secret before, that is asked first, and mostly nothing else. Undefined where there is nothing. */
  async read(id: string, context: ReadContext): Promise<Stored | SecretError | undefined> {
    const { version } = context;
    const readings = [...readingsOf(id)].sort(
      (a, b) => Number(this.#secrets.has(b.id)) - Number(this.#secrets.has(a.id)),
    );
    let denied: SecretError | undefined;
    for (const { id: name, path } of readings) {
      // Each by itself: one that is not a secret fails a request as a whole.
      const asked = version === undefined ? name : `${name}:${version}`;
      const found = await this.get(asked, context).catch((error: unknown) => {
        if (isDenied(error)) denied ??= error as SecretError;
        else if (!isMissing(error) && !isWrong(error)) throw error;
        return undefined;
      });
      if (!found) {
        if (version === undefined) this.#secrets.delete(name);
        continue;
      }
      if (this.#secrets.size >= MOST) this.#secrets.clear();
      this.#secrets.add(name);
      if (path.length === 0) return stateOf(found);
      const value = partOf(found.Value ?? '', path);
      if (value === undefined) continue;
      return isSecretError(value) ? value : { value, version: undefined, createdAt: found.LastModifiedDate };
    }
    return denied;
  }
}

/** Who nests its parts too deep for a walk gives an error that quotes nothing. */
function partOf(text: string, path: readonly string[]): string | SecretError | undefined {
  try {
    return walk(text, path);
  } catch {
    return new SecretConfigurationError('the part of the secret is nested too deep.', { sourceKind: KIND });
  }
}
