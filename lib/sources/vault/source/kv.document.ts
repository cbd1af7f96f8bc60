import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError, SecretNotFoundError } from '../../../core/errors/index.js';
import type { JsonObject, JsonValue } from '../../../core/secret/json.js';
import { anyRules, checkName, mayExist, usableNames } from '../../../core/secret/secret-name.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { isBytes } from '../../../core/secret/secret-value.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import type { VaultCalls } from '../client/index.js';
import type { KvEngine, KvReading } from './kv.engine.js';
import type { KvNames, Results } from './kv.names.js';
import { valueOrError } from './name.results.js';
import type { VaultAccess } from './vault.access.js';
import { KIND } from '../errors/vault.source.errors.js';

const TOO_LARGE = 'the field holds a number that is beyond all that can be held. Store it as text.';

/**
 * Each field of one document is a secret of its own name. Numbers, booleans and null come as text. A field shows the document's version, so that all
 * replicas show the same for one state of it; that a neighbour's change makes a new one is no rotation, for values decide.
 */
export class KvDocument implements KvNames {
  readonly isBounded = true;
  readonly readPath = undefined;
  readonly #path: string;

  constructor(
    private readonly access: VaultAccess,
    private readonly engine: KvEngine,
    path: string,
  ) {
    this.#path = path.replace(/^\/+|\/+$/g, '');
  }

  placeOf(name: string): string {
    return `${this.engine.at(this.#path)}, field "${name}"`;
  }

  async readInto(results: Results, names: readonly string[], context: ReadContext): Promise<void> {
    const usable = usableNames(names, anyRules, results, { sourceKind: KIND });
    if (usable.length === 0) return;
    const { data, ...state } = await this.#document(context);
    for (const name of usable) if (Object.hasOwn(data, name)) results.set(name, fieldOf(name, data[name], state));
  }

  async readAll(context: ReadContext): Promise<Results> {
    const { data, ...state } = await this.#document(context);
    return new Map(Object.entries(data).map(([name, value]) => [name, fieldOf(name, value, state)]));
  }

  async list(prefix: string, context: ReadContext): Promise<readonly string[]> {
    return Object.keys((await this.#document(context)).data).filter((name) => name.startsWith(prefix));
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    if (!mayExist(name, anyRules, { sourceKind: KIND })) return false;
    return Object.hasOwn((await this.#document(context)).data, name);
  }

  async write(name: string, value: SecretValue, context: ReadContext): Promise<void> {
    checkName(name, anyRules, { sourceKind: KIND });
    if (isBytes(value)) {
      const advice = 'Store them as text, e.g. in Base64.';
      throw new SecretConfigurationError('KV holds text and JSON, no bytes.', {
        secretName: name,
        sourceKind: KIND,
        advice,
      });
    }
    const attempt = { operation: `writing ${this.engine.at(this.#path)}` };
    await this.access.run(context, attempt, async (calls) => {
      // A patch leaves the other fields as Vault holds them; but it would mix an object with the one that is there.
      const patched = typeof value === 'string' && (await this.engine.patch(calls, this.#path, name, value));
      if (!patched) await this.engine.rewrite(calls, this.#path, (before) => withField(before, name, value));
    });
  }

  /** A document that is not there is a failure of the whole reading, and no proof that a name is none; a version of it may well be missing. */
  async #document(context: ReadContext): Promise<KvReading> {
    const attempt = { operation: `reading ${this.engine.at(this.#path)}` };
    try {
      const read = (calls: VaultCalls): Promise<KvReading | undefined> =>
        this.engine.read(calls, this.#path, context.version);
      return (await this.access.run(context, attempt, read)) ?? { data: {} };
    } catch (error) {
      if (!isSecretError(error) || error.code !== 'SECRET_NOT_FOUND') throw error;
      if (context.version !== undefined) return { data: {} };
      const advice = 'Check `kv.document` and `kv.mount`.';
      throw new SecretNotFoundError(error.reason, { sourceKind: KIND, cause: error.cause, advice });
    }
  }
}

function fieldOf(
  name: string,
  value: JsonValue | undefined,
  state: Omit<KvReading, 'data'>,
): SecretVersion | SecretError {
  return valueOrError(name, () => {
    if (typeof value === 'string') return SecretVersion.of(value, state);
    // JSON would make "null" of a number that no double holds, such as 1e999.
    if (typeof value === 'number' && !Number.isFinite(value)) throw new SecretConfigurationError(TOO_LARGE);
    return SecretVersion.of(typeof value === 'object' && value !== null ? value : JSON.stringify(value), state);
  });
}

function withField(before: JsonObject, name: string, value: JsonValue): JsonObject {
  const data = { ...before };
  // defineProperty, for a field "__proto__" is data here.
  Object.defineProperty(data, name, { value, enumerable: true, configurable: true, writable: true });
  return data;
}
