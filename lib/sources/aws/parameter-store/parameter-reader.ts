import type { Parameter } from '@aws-sdk/client-ssm';
import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { JsonValue } from '../../../core/secret/json.js';
import type { NameRules } from '../../../core/secret/secret-name.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { isDenied, isMissing } from '../shared/aws.errors.js';
import { inBatches } from '../shared/batches.js';
import { isArn } from '../shared/names.js';
import { BATCH, KIND, type ParameterStoreApi } from './parameter-store.client.js';
import { isReference, readingsOf, walk } from './secret-reference.js';

/** One version of a parameter as AWS gives it. */
export interface ParameterState {
  readonly value: string;
  readonly list: boolean;
  /** Undefined for a part of a secret that is referred to. */
  readonly version: string | undefined;
  readonly createdAt: Date | undefined;
}

type States = Map<string, ParameterState | SecretError>;

/** What AWS takes in a request; with anything else it refuses a batch as a whole. A colon would choose a version. */
export const NAMES: NameRules = {
  place: 'key',
  shape: {
    matches: (id) => {
      if (isArn(id)) return /^arn:[\w-]+:ssm:[\w-]+:\d{12}:parameter\/[\w./-]{1,1011}$/.test(id);
      // A secret of Secrets Manager, and keys within it, behind the name of Parameter Store's folder.
      if (isReference(id)) return /^[\w./+=@!-]{1,600}[^/]$/.test(id) && !id.includes('//');
      return /^[\w./-]{1,1011}$/.test(id) && !id.endsWith('/') && !id.includes('//');
    },
    words:
      'AWS allows letters, digits and . - _ / in the names of parameters, and no slash at their end, or an ARN of one',
  },
};

/** Reads parameters by their full names or ARNs, by tens. What is not found is absent. */
export class ParameterReader {
  /** Refused once: asked for by themselves, for one of them fails a whole batch. */
  readonly #refused = new Set<string>();
  /** References that led to a secret, not into one. */
  readonly #secrets = new Set<string>();

  constructor(
    private readonly api: ParameterStoreApi,
    private readonly decrypt: boolean,
  ) {}

  /** @param version a number or a label. */
  async read(ids: readonly string[], version: string | undefined, context: ReadContext): Promise<States> {
    const states: States = new Map();
    if (version !== undefined && !/^[\w.-]{1,100}$/.test(version)) return states;
    const [references, plain] = [ids.filter(isReference), ids.filter((id) => !isReference(id))];
    await Promise.all([
      this.#plain(plain, version, states, context),
      inBatches(references, 1, async ([id]) => {
        const state = await this.#reference(id!, version, context);
        if (state) states.set(id!, state);
      }),
    ]);
    return states;
  }

  async #plain(
    ids: readonly string[],
    version: string | undefined,
    states: States,
    context: ReadContext,
  ): Promise<void> {
    const chosen = new Map(ids.map((id) => [selected(id, version), id]));
    const take = (found: readonly Parameter[]): void => {
      for (const parameter of found) {
        const { Name = '', ARN = '', Version } = parameter;
        // Which spelling of name and version an answer has is the server's choice: it is looked up under all that we may have asked for.
        const suffix = version === undefined ? '' : `:${version}`;
        for (const spelling of [Name, ARN, Name + suffix, ARN + suffix, `${Name}:${Version}`]) {
          const id = chosen.get(spelling);
          if (id !== undefined) states.set(id, stateOf(parameter));
        }
      }
    };
    const alone = async (asked: string): Promise<void> => {
      const found = await this.#alone(asked, context);
      const id = chosen.get(asked)!;
      if (isSecretError(found)) states.set(id, found);
      else if (found) states.set(id, stateOf(found));
    };
    const together = [...chosen.keys()].filter((asked) => !this.#refused.has(asked));
    const apart = [...chosen.keys()].filter((asked) => this.#refused.has(asked));
    const batches = inBatches(together, BATCH, async (batch) => {
      try {
        take(await this.api.several(batch, this.decrypt, context));
      } catch (error) {
        // One that is denied, or whose key is, fails all ten.
        if (!isDenied(error)) throw error;
        await inBatches(batch, 1, ([asked]) => alone(asked!));
      }
    });
    await Promise.all([batches, inBatches(apart, 1, ([asked]) => alone(asked!))]);
  }

  async #alone(asked: string, context: ReadContext): Promise<Parameter | SecretError | undefined> {
    try {
      const found = await this.#oneOf(asked, this.decrypt, context);
      this.#refused.delete(asked);
      return found;
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (!isSecretError(error) || !isDenied(error)) throw error;
      this.#refused.add(asked);
      return error;
    }
  }

  /** `GetParameters` and `GetParameter` are two permissions: either will do. */
  async #oneOf(asked: string, decrypt: boolean, context: ReadContext): Promise<Parameter | undefined> {
    try {
      return (await this.api.several([asked], decrypt, context))[0];
    } catch (error) {
      if (!isDenied(error)) throw error;
      return this.api.one(asked, decrypt, context);
    }
  }

  /** A secret of Secrets Manager, or a part of its JSON. Where a name led to a secret before, that is asked first, and mostly alone. */
  async #reference(
    id: string,
    version: string | undefined,
    context: ReadContext,
  ): Promise<ParameterState | SecretError | undefined> {
    const readings = [...readingsOf(id)].sort(
      (a, b) => Number(this.#secrets.has(b.id)) - Number(this.#secrets.has(a.id)),
    );
    let denied: SecretError | undefined;
    for (const { id: name, path } of readings) {
      // Each by itself: one that is no secret fails a request as a whole.
      const found = await this.#oneOf(selected(name, version), true, context).catch((error: unknown) => {
        if (isSecretError(error) && isDenied(error)) denied ??= error;
        else if (!isMissing(error)) throw error;
        return undefined;
      });
      if (!found) {
        if (version === undefined) this.#secrets.delete(name);
        continue;
      }
      this.#secrets.add(name);
      if (path.length === 0) return stateOf(found);
      const part = walk(found.Value ?? '', path);
      if (part === undefined || part === null) continue;
      const value = typeof part === 'string' ? part : textOf(part);
      if (isSecretError(value)) return value;
      return { value, list: false, version: undefined, createdAt: found.LastModifiedDate };
    }
    return denied;
  }

  static {
    hideInOutput(ParameterReader.prototype, () => `[secrets ${KIND}]`);
  }
}

const selected = (id: string, version: string | undefined): string => (version === undefined ? id : `${id}:${version}`);

function textOf(part: JsonValue): string | SecretError {
  try {
    return JSON.stringify(part);
  } catch {
    return new SecretConfigurationError('the part of the secret is nested too deep.', { sourceKind: KIND });
  }
}

export function stateOf({ Value = '', Type, Version, LastModifiedDate, SourceResult }: Parameter): ParameterState {
  // A reference has the version 0; which one it is stands in what Secrets Manager said, of which nothing else is looked at.
  const version = Version ? String(Version) : /"versionId"\s*:\s*"([\w-]+)"/i.exec(SourceResult ?? '')?.[1];
  return { value: Value, list: Type === 'StringList', version, createdAt: LastModifiedDate };
}
