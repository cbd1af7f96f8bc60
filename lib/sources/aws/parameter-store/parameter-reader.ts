import type { Parameter } from '@aws-sdk/client-ssm';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { isDenied } from '../shared/aws.errors.js';
import { Apart, batchesOf, PARALLEL, singly } from '../shared/batches.js';
import type { Identities } from '../shared/identities.js';
import { isArn } from '../shared/names.js';
import type { Stored, Take } from '../shared/store.js';
import { BATCH, KIND, type ParameterStoreApi } from './parameter-store.client.js';
import { selectorRefusal, stateOf } from './parameter.js';
import { ReferenceReader } from './reference-reader.js';
import { isReference } from './secret-reference.js';

/** What AWS takes in a batch: with anything else it refuses all of it. */
function isUsual(id: string): boolean {
  if (isArn(id)) return /^arn:[\w-]+:ssm:[\w-]+:\d{12}:parameter\/[\w./-]{1,1011}(?::[\w.-]+)?$/.test(id);
  return /^[\w./-]{1,1011}(?<!\/)(?::[\w.-]+)?$/.test(id) && !id.includes('//');
}

/** Reads parameters by their full names or ARNs, by tens. What is not found is not handed on. */
export class ParameterReader {
  readonly #apart = new Apart();
  readonly #references: ReferenceReader;

  constructor(
    private readonly api: ParameterStoreApi,
    private readonly decrypt: boolean,
    private readonly identities: Identities,
  ) {
    this.#references = new ReferenceReader((id, context) => this.#oneOf(id, true, context));
  }

  /** The version of the context is a number or a label. */
  async read(ids: readonly string[], context: ReadContext, take: Take): Promise<void> {
    const { version } = context;
    if (version !== undefined && !/^[\w.-]{1,100}$/.test(version)) return;
    const references: string[] = [];
    /** Ids by what AWS is asked for. */
    const chosen = new Map<string, string>();
    for (const id of ids) {
      const refusal = selectorRefusal(id);
      if (refusal) take(id, refusal);
      else if (isReference(id)) references.push(id);
      else chosen.set(version === undefined ? id : `${id}:${version}`, id);
    }
    const handOn: Take = (asked, found) => take(chosen.get(asked) ?? asked, found);
    const together = [...chosen.keys()].filter((asked) => isUsual(asked) && !this.#apart.has(asked));
    const inBatch = new Set(together);
    const alone = [...chosen.keys()].filter((asked) => !inBatch.has(asked));
    // Another account's parameter may have the name of one of ours, so an answer to an ARN is told apart only by its ARN.
    const batches = [together.filter(isArn), together.filter((asked) => !isArn(asked))].flatMap((kind) =>
      batchesOf(kind, BATCH),
    );
    const common = { limit: PARALLEL, context, isUsual };
    const options = { ...common, take: handOn, work: (asked: string) => this.#alone(asked, context, handOn) };
    const refer = async (id: string): Promise<void> => {
      const found = await this.#references.read(id, context);
      if (found) take(id, found);
    };
    await Promise.all([
      // One that is denied, or whose key is, fails all ten.
      this.#apart.read(batches, options, (batch) => this.#inOne(batch, context, handOn)),
      singly(alone, options),
      singly(references, { ...common, isUsual: () => false, take, work: refer }),
    ]);
  }

  /** Gives those of which the answer says nothing. */
  async #inOne(batch: readonly string[], context: ReadContext, take: Take): Promise<readonly string[]> {
    const { version } = context;
    const { Parameters = [], InvalidParameters = [] } = await this.api.several(batch, this.decrypt, context);
    const open = new Set(batch);
    for (const asked of InvalidParameters) open.delete(asked);
    for (const parameter of Parameters) {
      const { Name = '', ARN = '', Selector = '', Version } = parameter;
      const name = isArn(batch[0]!) && !isArn(Name) ? ARN : Name;
      // Which spelling of name and version an answer has is the server's choice: it is looked up under all that may have been asked for.
      const chosen = version === undefined ? '' : `:${version}`;
      const spellings = [name + Selector, name + chosen, name, `${name}:${Version}`];
      const asked = spellings.find((spelling) => open.has(spelling));
      if (asked === undefined) continue;
      open.delete(asked);
      take(asked, this.#stateOf(asked, parameter));
    }
    return [...open];
  }

  async #alone(asked: string, context: ReadContext, take: Take): Promise<void> {
    try {
      const found = await this.#oneOf(asked, this.decrypt, context);
      this.#apart.heal(asked);
      if (found) take(asked, this.#stateOf(asked, found));
    } catch (error) {
      if (isDenied(error)) this.#apart.add(asked);
      throw error;
    }
  }

  /** `GetParameters` and `GetParameter` are two permissions: either will do. */
  async #oneOf(asked: string, decrypt: boolean, context: ReadContext): Promise<Parameter | undefined> {
    try {
      return (await this.api.several([asked], decrypt, context)).Parameters?.[0];
    } catch (error) {
      if (!isDenied(error)) throw error;
      return this.api.one(asked, decrypt, context);
    }
  }

  #stateOf(asked: string, parameter: Parameter): Stored {
    const { Name, ARN } = parameter;
    if (Name === asked) this.identities.learn(asked, ARN);
    return stateOf(parameter);
  }

  static {
    hideInOutput(ParameterReader.prototype, () => `[secrets ${KIND}]`);
  }
}
