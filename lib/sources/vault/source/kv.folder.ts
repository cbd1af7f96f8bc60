import { isSecretError, SecretConfigurationError } from '../../../core/errors/index.js';
import type { JsonObject } from '../../../core/secret/json.js';
import { parseJsonDocument } from '../../../core/secret/json.js';
import type { NameRules } from '../../../core/secret/secret-name.js';
import { checkName, mayExist, nameFault, usableNames } from '../../../core/secret/secret-name.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { isBytes } from '../../../core/secret/secret-value.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import type { ReadContext, WriteContext } from '../../../core/source/secret-source.js';
import { inParallel } from '../../../core/source/in-parallel.js';
import type { KvEngine, KvReading } from './kv.engine.js';
import { withHint } from './kv.hint.js';
import type { KvNames, Results } from './kv.names.js';
import { casOf, pathsBelow } from './kv.names.js';
import { checkListed, eachName, PARALLEL, valueOrError } from './name.results.js';
import type { VaultAccess } from './vault.access.js';
import { KIND } from '../errors/vault.source.errors.js';

const PATHS: NameRules = { place: 'path' };

/** Names are paths below a prefix, or within the whole mount; a secret is the object at its path. */
export class KvFolder implements KvNames {
  readonly isBounded: boolean;
  readonly #before: string;

  constructor(
    private readonly access: VaultAccess,
    private readonly engine: KvEngine,
    prefix = '',
    /** Told once of a sub-folder that can't be listed. */
    private readonly notice: (reason: string) => void = () => undefined,
  ) {
    const trimmed = prefix.replace(/^\/+|\/+$/g, '');
    this.isBounded = trimmed !== '';
    this.#before = trimmed === '' ? '' : `${trimmed}/`;
  }

  placeOf(name: string): string {
    return this.engine.at(this.#before + name);
  }

  askedFor(name: string): readonly string[] {
    return [this.engine.requestAt(this.#before + name)];
  }

  namesAt(path: string): readonly string[] {
    const inside = pathsBelow(this.engine.mount, path).filter((one) => one.startsWith(this.#before));
    return inside.map((one) => one.slice(this.#before.length)).filter((name) => name !== '');
  }

  async readInto(results: Results, names: readonly string[], context: ReadContext): Promise<void> {
    const usable = usableNames(names, PATHS, results, { sourceKind: KIND }, (name) => this.#before + name);
    await eachName(usable, results, context, async (name) => {
      const reading = await this.#read(name, context);
      return reading && valueOrError(name, () => versionOf(reading));
    });
  }

  async readAll(context: ReadContext): Promise<Results> {
    return this.#readListed(await this.list('', context), context);
  }

  readonly readPath = async (path: string, context: ReadContext): Promise<Results> => {
    const folder = path.replace(/^\/+|\/+$/g, '');
    return this.#readListed(await this.#below(folder === '' ? '' : `${folder}/`, context), context);
  };

  /** Vault lists those too whose latest version was deleted. */
  async list(prefix: string, context: ReadContext): Promise<readonly string[]> {
    const names = await this.#below(prefix.slice(0, prefix.lastIndexOf('/') + 1), context);
    return names.filter((name) => name.startsWith(prefix));
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    if (!mayExist(name, PATHS, { sourceKind: KIND }, this.#before + name)) return false;
    try {
      return (await this.#read(name, context)) !== undefined;
    } catch (error) {
      if (isSecretError(error) && error.code === 'SECRET_NOT_FOUND') return false;
      throw error;
    }
  }

  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    const path = this.#before + name;
    checkName(name, PATHS, { sourceKind: KIND }, path);
    const data = asObject(name, value);
    const cas = casOf(context);
    await this.access.run(context, { operation: `writing ${this.engine.at(path)}` }, (calls) =>
      this.engine.overwrite(calls, path, data, cas),
    );
  }

  #read(name: string, context: ReadContext): Promise<KvReading | undefined> {
    const path = this.#before + name;
    const attempt = { operation: `reading ${this.engine.at(path)}` };
    const reading = this.access.run(context, attempt, (calls) => this.engine.read(calls, path, context.version));
    return reading.catch((error: unknown) => {
      throw withHint(error, this.engine, path);
    });
  }

  async #readListed(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    await this.readInto(results, names, context);
    return checkListed(results);
  }

  /** All names below a folder, which is '' or ends with a slash; level by level. */
  async #below(folder: string, context: ReadContext): Promise<string[]> {
    const names: string[] = [];
    const fault = folder === '' ? undefined : nameFault(folder.slice(0, -1), PATHS);
    if (fault) throw new SecretConfigurationError(`the path "${folder}" ${fault.text}.`, { sourceKind: KIND });
    for (let level = [folder]; level.length > 0;) {
      const deeper: string[] = [];
      await inParallel(level, PARALLEL, async (place) => {
        for (const key of await this.#keysOf(place, place === folder, context)) {
          (key.endsWith('/') ? deeper : names).push(place + key);
        }
      });
      level = deeper;
    }
    return names;
  }

  /** A sub-folder whose listing a policy denies takes nothing else away, as a secret does not. */
  async #keysOf(place: string, isTop: boolean, context: ReadContext): Promise<readonly string[]> {
    const path = (this.#before + place).replace(/\/$/, '');
    const attempt = { operation: `listing ${this.engine.at(path)}` };
    try {
      return await this.access.run(context, attempt, (calls) => this.engine.list(calls, path));
    } catch (error) {
      if (isTop || !isSecretError(error) || error.code !== 'SECRET_ACCESS_DENIED') throw error;
      this.notice(`${error.reason} What is below it is read only by name.`);
      return [];
    }
  }
}

function versionOf({ data, version, createdAt }: KvReading): SecretVersion {
  return SecretVersion.of(data, { version, createdAt });
}

/** Vault's KV holds only objects. */
function asObject(secretName: string, value: SecretValue): JsonObject {
  const given = typeof value === 'string' ? parseJsonDocument(value) : value;
  if (given !== undefined && !isBytes(given) && !Array.isArray(given)) return given;
  throw new SecretConfigurationError('a KV secret is an object.', {
    secretName,
    sourceKind: KIND,
    advice: 'Write one, e.g. { value: … }; with `kv.document` a secret is a field, and may be text.',
  });
}
