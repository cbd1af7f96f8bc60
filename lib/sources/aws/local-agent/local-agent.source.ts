import type { SecretError } from '../../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../../core/errors/index.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { hideInOutput } from '../../../core/redaction.js';
import { numberBefore } from '../../../core/secret/numbered-versions.js';
import type { SecretVersion } from '../../../core/secret/secret-version.js';
import type { ReadContext, SecretPlace, SecretSource } from '../../../core/source/secret-source.js';
import { Identities } from '../shared/identities.js';
import { Names } from '../shared/names.js';
import { PrefixedNames } from '../shared/prefixed.names.js';
import { LocalAgentApi } from './local-agent.client.js';
import { KIND } from './local-agent.errors.js';
import type { AwsLocalAgentOptions } from './local-agent.options.js';
import { LOCAL_AGENT_OPTIONS } from './local-agent.options.js';
import { LocalAgentStore } from './local-agent.store.js';

const DEFAULT_PORT = 2773;

/**
 * The secrets, or parameters, that an agent on this machine gives. Shapes, names and versions are those of `awsSecretsManager` and `awsParameterStore`; it
 * is read-only, and nothing can be listed. An agent that does not listen yet counts as unavailable, so that a start waits for it.
 */
export class AwsLocalAgentSource implements SecretSource {
  readonly kind = KIND;
  readonly isBounded = false;
  readonly #api: LocalAgentApi;
  readonly #names: PrefixedNames;
  readonly #hasParameters: boolean;

  /** Throws SecretConfigurationError for options that can't be meant. */
  constructor(given?: AwsLocalAgentOptions) {
    const details = { sourceKind: KIND };
    const options = ownOptions(given, LOCAL_AGENT_OPTIONS, 'awsLocalAgent', { details });
    const { port = portOfEnvironment(), tokenFile, store = 'secrets-manager', refreshNow = false } = options;
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      const reason = '"port" (or PARAMETERS_SECRETS_EXTENSION_HTTP_PORT) is a whole number from 1 to 65535.';
      throw new SecretConfigurationError(reason, details);
    }
    this.#hasParameters = store === 'parameter-store';
    if (refreshNow && this.#hasParameters) {
      const reason = '"refreshNow" is the Secrets Manager Agent’s, which has no parameters.';
      throw new SecretConfigurationError(reason, details);
    }
    this.#api = new LocalAgentApi(port);
    const identities = new Identities();
    const about = { api: this.#api, identities, tokenFile, refreshNow, hasParameters: this.#hasParameters };
    this.#names = new PrefixedNames({
      store: new LocalAgentStore(about),
      names: new Names(''),
      identities,
      json: true,
    });
  }

  read(names: readonly string[], context: ReadContext): Promise<Map<string, SecretVersion | SecretError>> {
    return this.#names.read(names, context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    try {
      return await this.#names.exists(name, context);
    } catch (error) {
      throw isSecretError(error) ? error.located({ secretName: name, sourceKind: KIND }) : error;
    }
  }

  previousVersion(version: string): string | undefined {
    return this.#hasParameters ? numberBefore(version) : version === '' ? undefined : 'AWSPREVIOUS';
  }

  canonicalName(name: string): string {
    return this.#names.canonicalName(name);
  }

  namesOf(announced: string): readonly string[] {
    return this.#names.namesOf(announced);
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: KIND, name, at: this.#api.place }];
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  static {
    hideInOutput(AwsLocalAgentSource.prototype, () => `[secrets ${KIND}]`);
  }
}

function portOfEnvironment(): number {
  const text = process.env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'];
  return text ? Number(text) : DEFAULT_PORT;
}
