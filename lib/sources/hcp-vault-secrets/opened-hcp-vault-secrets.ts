import type { SecretError } from '../../core/errors/index.js';
import {
  isSecretError,
  SecretConfigurationError,
  SecretSourceReadOnlyError,
  SecretSourceUnavailableError,
} from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { isBytes } from '../../core/secret/secret-value.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import { anyRules, checkName, mayExist, nameFault, usableNames } from '../../core/secret/secret-name.js';
import type { AskedSource } from '../../core/source/opened-later.js';
import type { ReadContext } from '../../core/source/secret-source.js';
import type { HcpSecret, HcpSecretType } from './hcp-vault-secrets.answers.js';
import { versionOf } from './hcp-vault-secrets.answers.js';
import type { HcpDestinations } from './hcp-vault-secrets.client.js';
import { HcpVaultSecretsClient } from './hcp-vault-secrets.client.js';
import { KIND, NAMES } from './hcp-vault-secrets.options.js';
import type { HcpVaultSecretsSettings } from './hcp-vault-secrets.settings.js';
import { eachName } from '../../core/source/each-name.js';
import { StaticSecrets } from './static-secrets.js';

type Results = Map<string, SecretVersion | SecretError>;

const PARALLEL = 8;

/** The secrets of one app, at work: loaded when they are asked for. */
export class OpenedHcpVaultSecrets implements AskedSource {
  readonly #client: HcpVaultSecretsClient;
  readonly #bulk: StaticSecrets;
  /** What was last seen of names. A hint, for a secret may be removed and created again as another type: dynamic ones skip the bulk, static ones may be written. */
  readonly #types = new Map<string, HcpSecretType>();

  constructor(settings: HcpVaultSecretsSettings, destinations: HcpDestinations) {
    this.#client = new HcpVaultSecretsClient(settings, destinations);
    this.#bulk = new StaticSecrets(this.#client, PARALLEL, (secret) => this.#remember(secret));
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    const usable = usableNames(names, NAMES, results, { sourceKind: KIND });
    const { version } = context;
    if (version !== undefined) {
      await this.#each(usable, results, context, (name) => this.#openVersion(name, version, context));
      return results;
    }
    const single = usable.filter((name) => this.#types.get(name) === 'dynamic');
    const others = usable.filter((name) => this.#types.get(name) !== 'dynamic');
    try {
      if (others.length > 0) await this.#bulk.open(others, results, context);
    } catch (error) {
      // Dynamic secrets that are due don't wait for the others' recovery; but where there is no such app, that is the answer to all.
      if (single.length === 0 || !isSecretError(error) || error.code === 'SECRET_NOT_FOUND') throw error;
      for (const name of others) if (!results.has(name)) results.set(name, error.located(at(name)));
    }
    // What the bulk did not hold is missing, or dynamic by now.
    const remaining = others.filter((name) => !results.has(name));
    for (const name of remaining) this.#types.delete(name);
    single.push(...remaining);
    await this.#each(single, results, context, (name) => this.#open(name, context));
    return results;
  }

  /** Static and rotating ones; one without a usable value is an error of its own. */
  async readAll(context: ReadContext): Promise<Results> {
    const all: Results = new Map();
    await this.#bulk.openAll(all, context, async () => {
      const names = await this.list(undefined, context);
      return names.filter((name) => this.#types.get(name) !== 'dynamic');
    });
    return all;
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    const names = new Set<string>();
    if (prefix !== undefined && nameFault(prefix, anyRules)) return []; // no name begins with it
    for await (const secrets of this.#client.listPages(prefix, context)) {
      for (const secret of secrets) {
        this.#remember(secret);
        if (secret.name.startsWith(prefix ?? '')) names.add(secret.name);
      }
    }
    return [...names];
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return mayExist(name, NAMES, { sourceKind: KIND }) && (await this.#find(name, context)) !== undefined;
  }

  /**
   * A new version of a static secret; creates one that is missing, as the API does. Objects and arrays are stored as JSON.
   * Rejects with SecretSourceReadOnlyError for a rotating or dynamic one, and with SecretConfigurationError for bytes, which the API can't hold.
   */
  async write(name: string, value: SecretValue, context: ReadContext): Promise<void> {
    checkName(name, NAMES, { sourceKind: KIND });
    if (isBytes(value)) {
      const advice = 'Store them as text, e.g. in Base64.';
      throw new SecretConfigurationError('HCP Vault Secrets holds only strings, no bytes.', { ...at(name), advice });
    }
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    try {
      await this.#put(name, text, context);
    } catch (error) {
      throw isSecretError(error) ? error.located(at(name)) : error;
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #put(name: string, text: string, context: ReadContext): Promise<void> {
    // Refused only on a fresh look: what was dynamic once may have been removed, or be static by now.
    const known = this.#types.get(name);
    const type = known === 'kv' ? known : (await this.#find(name, context))?.type;
    if (type === 'dynamic' || type === 'rotating') {
      throw new SecretSourceReadOnlyError(`a ${type} secret gets its values from its provider.`, at(name));
    }
    await this.#client.putStatic(name, text, context);
    this.#types.set(name, 'kv');
  }

  async #open(name: string, context: ReadContext): Promise<SecretVersion | SecretError> {
    const secret = await this.#client.open(name, context);
    if (secret && secret.name !== name) return ofAnother(name);
    if (secret) this.#remember(secret);
    return versionOf(name, secret?.fields ?? {}, { mayIssue: true });
  }

  async #openVersion(name: string, version: string, context: ReadContext): Promise<SecretVersion | SecretError> {
    if (!/^\d+$/.test(version)) {
      return new SecretConfigurationError(`its versions are numbers: there is no "${version}".`, at(name));
    }
    const answer = await this.#client.openVersion(name, version, context);
    return versionOf(name, answer, { mayIssue: false });
  }

  /** One request a name, as all sources ask. */
  #each(
    names: readonly string[],
    results: Results,
    context: ReadContext,
    open: (name: string) => Promise<SecretVersion | SecretError>,
  ): Promise<void> {
    return eachName(names, PARALLEL, results, context, async (name) => {
      try {
        return await open(name);
      } catch (error) {
        if (isSecretError(error) && error.code === 'SECRET_NOT_FOUND') this.#types.delete(name);
        throw error;
      }
    });
  }

  async #find(name: string, context: ReadContext): Promise<HcpSecret | undefined> {
    for await (const secrets of this.#client.listPages(name, context)) {
      for (const secret of secrets) this.#remember(secret);
      const found = secrets.find((secret) => secret.name === name);
      if (found) return found;
    }
    return undefined;
  }

  #remember({ name, type }: HcpSecret): void {
    if (type) this.#types.set(name, type);
  }

  static {
    hideInOutput(OpenedHcpVaultSecrets.prototype, () => `[secrets ${KIND}]`);
  }
}

const at = (secretName: string): { secretName: string; sourceKind: string } => ({ secretName, sourceKind: KIND });

/** What the answer is about is not looked at any further: it may be another app's. */
const ofAnother = (name: string): SecretError =>
  new SecretSourceUnavailableError('the answer is about another secret, and is not used.', {
    ...at(name),
    advice: 'Something on the way (a gateway, a proxy) rewrites the paths of requests: correct it.',
    effect: 'possible',
  });
