import { isSecretError, SecretNotFoundError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { checkName, mayExist, usableNames } from '../../core/secret/secret-name.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { isBytes } from '../../core/secret/secret-value.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import type { AnnouncedChange } from '../../core/source/change-listener.js';
import { entryOrError } from '../../core/source/each-entry.js';
import type { Results } from '../../core/source/each-name.js';
import { isAskedFor } from '../../core/source/is-asked-for.js';
import type { ReadContext, WriteContext } from '../../core/source/secret-source.js';
import type { StoredSecret } from './kubernetes.answers.js';
import type { KubernetesClient } from './kubernetes.client.js';
import { isConflict, isInvalid, KIND } from './kubernetes.errors.js';
import { inNamespace, isKey, KEY_RULES } from './kubernetes.names.js';
import type { KubernetesSettings } from './kubernetes.settings.js';
import type { SecretNames } from './secret.names.js';
import type { HeldChange } from './watch/held-secrets.js';
import type { WatchedSecrets } from './watch/watched-secrets.js';
import { immutable, missing, outrun } from './whole-secrets.js';

const WHERE = { sourceKind: KIND };

/** Each name is a key of one Secret. A key shows the Secret's version: that a neighbour's change makes a new one is not a rotation, for values decide. */
export class DocumentKeys implements SecretNames {
  readonly rules = KEY_RULES;
  /** That were there last. */
  #last: readonly string[] = [];

  constructor(
    private readonly document: string,
    private readonly client: KubernetesClient,
    private readonly settings: Pick<KubernetesSettings, 'json' | 'createsMissing' | 'isOptional'>,
    private readonly watched: () => WatchedSecrets,
  ) {}

  placeOf(name: string): string {
    return `${this.document}, key "${name}"`;
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const usable = usableNames(names, KEY_RULES, results, WHERE);
    if (usable.length === 0) return results;
    const secret = await this.#secret(context);
    for (const key of usable) if (secret?.has(key)) this.#enter(results, secret, key, context);
    return results;
  }

  async readAll(context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const secret = await this.#secret(context);
    for (const key of secret?.keys ?? []) this.#enter(results, secret!, key, context);
    return results;
  }

  async list(prefix: string, context: ReadContext): Promise<readonly string[]> {
    const secret = await this.#secret(context);
    return (secret?.keys ?? []).filter((key) => key.startsWith(prefix));
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return mayExist(name, KEY_RULES, WHERE) && ((await this.#secret(context))?.has(name) ?? false);
  }

  /** One key, whatever others write beside it. */
  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    checkName(name, KEY_RULES, WHERE);
    const text = typeof value === 'string' || isBytes(value) ? value : JSON.stringify(value);
    const data = { [name]: Buffer.from(text).toString('base64') };
    try {
      this.watched().noticed(this.document, await this.#write(data, context));
    } catch (error) {
      if (isConflict(error) && context.cas !== undefined) throw outrun(context.cas);
      if (isInvalid(error) && (await this.client.get(this.document, context))?.isImmutable) throw immutable();
      throw error;
    }
  }

  /** A key is its own name; the Secret stands for all of its keys. */
  namesOf(announced: string): readonly string[] {
    const keys = inNamespace(announced, this.client.namespace) === this.document ? this.#last : [];
    return isKey(announced) ? [...new Set([...keys, announced])] : keys;
  }

  announced({ version, before, after }: HeldChange): readonly AnnouncedChange[] {
    const keys = new Set([...(before?.keys ?? []), ...(after?.keys ?? [])]);
    const changed = [...keys].filter((key) => before?.stored(key) !== after?.stored(key));
    return changed.map((name) => (version !== undefined && after?.has(name) ? { name, version } : name));
  }

  async #write(data: Readonly<Record<string, string>>, context: WriteContext): Promise<StoredSecret> {
    const { cas, create = this.settings.createsMissing } = context;
    if (cas !== '0') {
      const of = cas === undefined ? undefined : { version: cas };
      const written = await this.client.patch(this.document, { data, of }, context);
      if (written) return written;
      if (cas !== undefined) throw outrun(cas);
      if (!create) throw missing();
    }
    try {
      return await this.client.create(this.document, data, context);
    } catch (error) {
      // Whoever writes another key at the same time may have made it since.
      const made =
        cas === undefined && isConflict(error) && (await this.client.patch(this.document, { data }, context));
      if (made) return made;
      throw error;
    }
  }

  /** One that is not there is a failure of the whole reading, and no proof that a name is none; unless it may be absent. */
  async #secret(context: ReadContext): Promise<StoredSecret | undefined> {
    const watched = this.watched();
    await watched.ready([this.document], context.signal);
    const held = watched.of(this.document);
    const secret = held === undefined ? await this.client.get(this.document, context) : (held ?? undefined);
    if (held === undefined) watched.noticed(this.document, secret);
    if (secret || this.settings.isOptional || context.version !== undefined) {
      this.#last = secret?.keys ?? [];
      return secret;
    }
    throw new SecretNotFoundError(`the Secret "${this.document}" is not there.`, {
      ...WHERE,
      advice: 'Check `document` and `namespace`; with `optional: true` it may be absent.',
    });
  }

  #enter(results: Results, secret: StoredSecret, key: string, context: ReadContext): void {
    const { version } = secret;
    const entry = entryOrError(key, () => SecretVersion.of(secret.valueOf(key, this.settings.json), { version }));
    if (isSecretError(entry) || isAskedFor(key, entry, context)) results.set(key, entry);
  }

  static {
    hideInOutput(DocumentKeys.prototype, () => '[names of keys]');
  }
}
