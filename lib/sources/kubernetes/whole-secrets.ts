import {
  isSecretError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceReadOnlyError,
} from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { parseJsonDocument } from '../../core/secret/json.js';
import { checkName, mayExist, usableNames } from '../../core/secret/secret-name.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { isBytes } from '../../core/secret/secret-value.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import type { AnnouncedChange } from '../../core/source/change-listener.js';
import { entryOrError } from '../../core/source/each-entry.js';
import type { Results } from '../../core/source/each-name.js';
import { eachName } from '../../core/source/each-name.js';
import { isAskedFor } from '../../core/source/is-asked-for.js';
import type { ReadContext, WriteContext } from '../../core/source/secret-source.js';
import type { StoredSecret } from './kubernetes.answers.js';
import type { KubernetesClient } from './kubernetes.client.js';
import { MOST_AT_ONCE } from './kubernetes.client.js';
import { isConflict, KIND } from './kubernetes.errors.js';
import { inNamespace, isKey, SECRET_RULES } from './kubernetes.names.js';
import type { KubernetesSettings } from './kubernetes.settings.js';
import type { SecretNames } from './secret.names.js';
import type { HeldChange } from './watch/held-secrets.js';
import type { WatchedSecrets } from './watch/watched-secrets.js';

const WHERE = { sourceKind: KIND };

/** Each name is that of a Secret, whose keys are the fields of one object. */
export class WholeSecrets implements SecretNames {
  readonly rules = SECRET_RULES;

  constructor(
    private readonly client: KubernetesClient,
    private readonly settings: Pick<KubernetesSettings, 'json' | 'createsMissing'>,
    private readonly watched: () => WatchedSecrets,
  ) {}

  placeOf(name: string): string {
    return name;
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const usable = usableNames(names, SECRET_RULES, results, WHERE);
    const watched = this.watched();
    if (usable.length > 0) await watched.ready(usable, context.signal);
    const unknown = usable.filter((name) => {
      const held = watched.of(name);
      if (held) this.#enter(results, held, context);
      return held === undefined;
    });
    await eachName(unknown, MOST_AT_ONCE, results, context, async (name) => {
      const found = await this.#get(name, context);
      return found && this.#versionOf(found, context);
    });
    return results;
  }

  async readAll(context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const watched = this.watched();
    await watched.ready(undefined, context.signal);
    const all = watched.all() ?? (await this.client.list({}, context)).items;
    for (const secret of all) {
      watched.noticed(secret.name, secret);
      this.#enter(results, secret, context);
    }
    return results;
  }

  async list(prefix: string, context: ReadContext): Promise<readonly string[]> {
    const names = this.watched().names() ?? (await this.client.names({}, context));
    return names.filter((name) => name.startsWith(prefix));
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    if (!mayExist(name, SECRET_RULES, WHERE)) return false;
    return this.watched().has(name) ?? this.client.has(name, context);
  }

  /** All keys become those of the value. Between the look at what is there and the writing nobody else can write: then it is looked at once more. */
  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    checkName(name, SECRET_RULES, WHERE);
    const data = dataOf(value);
    for (let tries = 1; ; tries += 1) {
      try {
        return this.watched().noticed(name, await this.#write(name, data, context));
      } catch (error) {
        if (!isConflict(error) || context.cas !== undefined || tries === 3) throw error;
      }
    }
  }

  namesOf(announced: string): readonly string[] {
    return [inNamespace(announced, this.client.namespace) ?? []].flat();
  }

  announced({ name, version }: HeldChange): readonly AnnouncedChange[] {
    return [version === undefined ? name : { name, version }];
  }

  async #write(name: string, data: ReadonlyMap<string, string>, context: WriteContext): Promise<StoredSecret> {
    const { cas, create = this.settings.createsMissing } = context;
    const before = await this.client.get(name, context);
    if (cas !== undefined && cas !== (before?.version ?? '0')) throw outrun(cas);
    if (!before) {
      if (!create && cas === undefined) throw missing();
      return this.client.create(name, Object.fromEntries([...data].map(([key, text]) => [key, base64(text)])), context);
    }
    if (before.isImmutable) throw immutable();
    const patch = new Map<string, string | null>(); // a key may be called `__proto__`
    for (const key of before.keys) if (!data.has(key)) patch.set(key, null);
    // What was shown in Base64, and comes back so, stays the bytes that it is.
    for (const [key, text] of data) if (!before.has(key) || before.shown(key) !== text) patch.set(key, base64(text));
    const written = await this.client.patch(name, { data: Object.fromEntries(patch), of: before }, context);
    if (!written) throw missing();
    return written;
  }

  async #get(name: string, context: ReadContext): Promise<StoredSecret | undefined> {
    const found = await this.client.get(name, context);
    this.watched().noticed(name, found);
    return found;
  }

  #enter(results: Results, secret: StoredSecret, context: ReadContext): void {
    const version = this.#versionOf(secret, context);
    if (version) results.set(secret.name, version);
  }

  #versionOf(secret: StoredSecret, context: ReadContext): ReturnType<Results['get']> {
    const { name, version } = secret;
    const entry = entryOrError(name, () => SecretVersion.of(secret.fields(this.settings.json), { version }));
    return isSecretError(entry) || isAskedFor(name, entry, context) ? entry : undefined;
  }

  static {
    hideInOutput(WholeSecrets.prototype, () => '[names of Secrets]');
  }
}

/** The texts of an object's fields by key. Throws SecretConfigurationError for what is none that a Secret could hold. */
function dataOf(value: SecretValue): ReadonlyMap<string, string> {
  const given = typeof value === 'string' ? parseJsonDocument(value) : value;
  if (given === undefined || isBytes(given) || Array.isArray(given)) {
    throw misfit(
      'a Secret is an object of keys.',
      'Write one, e.g. { password: … }; with `document` a secret is a key, and may be text or bytes.',
    );
  }
  const entries = Object.entries(given).filter(([, field]) => field !== null);
  for (const [key] of entries) if (!isKey(key)) throw misfit(`"${key}" is not a key of a Secret.`, KEYS);
  return new Map(entries.map(([key, field]) => [key, typeof field === 'string' ? field : JSON.stringify(field)]));
}

export const KEYS = 'Keys have letters, digits, dashes, underscores and dots.';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const misfit = (reason: string, advice: string): SecretConfigurationError =>
  new SecretConfigurationError(reason, { ...WHERE, advice });

export const missing = (): SecretNotFoundError =>
  new SecretNotFoundError('there is no such Secret to write.', {
    ...WHERE,
    advice: 'Create it, or set `createIfMissing: true` of the source.',
  });

export const immutable = (): SecretSourceReadOnlyError =>
  new SecretSourceReadOnlyError('the Secret is immutable.', {
    ...WHERE,
    advice: 'Delete it, and create it again: nothing else changes it.',
  });

export const outrun = (cas: string): SecretConfigurationError =>
  new SecretConfigurationError(`version ${cas} is not the current one: nothing was written.`, {
    ...WHERE,
    advice: 'Read it again before you decide.',
  });
