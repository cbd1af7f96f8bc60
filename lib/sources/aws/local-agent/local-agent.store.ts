import { isSecretError, SecretSourceReadOnlyError } from '../../../core/errors/index.js';
import type { SecretError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { singly } from '../shared/batches.js';
import type { Identities } from '../shared/identities.js';
import type { AwsStore, Stored, Take } from '../shared/store.js';
import { AgentToken } from './agent-token.js';
import { parameterOf, secretOf } from './local-agent.answers.js';
import type { LocalAgentApi } from './local-agent.client.js';
import { MOST_AT_ONCE } from './local-agent.client.js';
import { KIND } from './local-agent.errors.js';

export interface LocalAgentStoreOptions {
  readonly api: LocalAgentApi;
  readonly identities: Identities;
  readonly tokenFile: string | undefined;
  readonly hasParameters: boolean;
  readonly refreshNow: boolean;
}

/** What an agent has, as the ways of names see it: one request a secret, and nothing but reading. */
export class LocalAgentStore implements AwsStore {
  readonly kind = KIND;

  constructor(private readonly options: LocalAgentStoreOptions) {}

  async read(ids: readonly string[], context: ReadContext, take: Take): Promise<void> {
    const { api, identities, tokenFile, hasParameters } = this.options;
    const token = await AgentToken.read(tokenFile);
    await singly(ids, {
      limit: MOST_AT_ONCE,
      context,
      take,
      isUsual: () => true,
      work: async (id) => {
        const tried = hasParameters ? 'GetParameter' : 'GetSecretValue';
        const answer = await api.get(this.#pathOf(id, context.version), tried, token, context);
        take(id, hasParameters ? parameterOf(id, answer, identities) : secretOf(id, answer, identities));
      },
    });
  }

  async exists(id: string, context: ReadContext): Promise<boolean> {
    let found: Stored | SecretError | undefined;
    await this.read([id], context, (_, state) => (found = state));
    if (isSecretError(found)) throw found;
    return found !== undefined;
  }

  // eslint-disable-next-line require-yield
  async *names(): AsyncGenerator<readonly string[]> {
    throw await Promise.resolve(readOnly('lists nothing'));
  }

  write(): Promise<void> {
    return Promise.reject(readOnly('writes nothing'));
  }

  #pathOf(id: string, version: string | undefined): string {
    const { hasParameters, refreshNow } = this.options;
    const query = new URLSearchParams(hasParameters ? { name: id, withDecryption: 'true' } : { secretId: id });
    if (version !== undefined) query.set(selectorOf(version, hasParameters), version);
    if (refreshNow) query.set('refreshNow', 'true');
    return `${hasParameters ? '/systemsmanager/parameters/get' : '/secretsmanager/get'}?${query.toString()}`;
  }

  static {
    hideInOutput(LocalAgentStore.prototype, () => `[secrets ${KIND}]`);
  }
}

/** Version IDs have 32 to 64 characters, mostly a UUID's; versions of parameters are numbers. */
function selectorOf(version: string, hasParameters: boolean): string {
  if (hasParameters) return /^\d+$/.test(version) ? 'version' : 'label';
  return version.length >= 32 ? 'versionId' : 'versionStage';
}

const readOnly = (what: string): SecretSourceReadOnlyError =>
  new SecretSourceReadOnlyError(`an agent ${what}.`, { sourceKind: KIND });
