import type { SecretError } from '../../core/errors/index.js';
import { isSecretError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { Results } from '../../core/source/each-name.js';
import { eachName } from '../../core/source/each-name.js';
import type { ReadContext } from '../../core/source/secret-source.js';
import type { HcpSecret } from './hcp-vault-secrets.answers.js';
import { versionOf } from './hcp-vault-secrets.answers.js';
import type { HcpVaultSecretsClient } from './hcp-vault-secrets.client.js';

/** So many of a page that failed are looked for by themselves before the rest is. */
const PROBES = 2;

/** Static and rotating secrets, which are opened in bulk: that issues nothing, whatever a name leads to by now. */
export class StaticSecrets {
  readonly #client: HcpVaultSecretsClient;

  constructor(
    client: HcpVaultSecretsClient,
    /** Requests for single names under way at a time. */
    private readonly parallel: number,
    private readonly seen: (secret: HcpSecret) => void,
  ) {
    this.#client = client;
  }

  /** What there is of these names; nothing for those that are missing, or dynamic by now. */
  async open(names: readonly string[], results: Results, context: ReadContext): Promise<void> {
    const wanted = new Set(names);
    try {
      await this.#openWanted(wanted, results, context);
    } catch (error) {
      if (names.length === 1 || !mayBeOnesOwn(error)) throw error;
      await this.#openApart([...wanted], results, context, error);
    }
  }

  /** All that there is. @param list all names but dynamic ones'. */
  async openAll(results: Results, context: ReadContext, list: () => Promise<readonly string[]>): Promise<void> {
    try {
      for await (const secrets of this.#client.openPages(undefined, context)) this.#take(secrets, results, context);
    } catch (error) {
      if (!mayBeOnesOwn(error)) throw error;
      const names = await list().catch(() => {
        throw error;
      });
      const left = names.filter((name) => !results.has(name));
      await this.#openApart(left, results, context, error);
      // Of all there is something to tell, or the whole has failed.
      if (left.every((name) => isSecretError(results.get(name)))) throw error;
    }
  }

  async #openWanted(wanted: Set<string>, results: Results, context: ReadContext): Promise<void> {
    // The part only matters for the size: it may be that of other names too, and a server may ignore it.
    const [part] = wanted.size === 1 ? wanted : [];
    for await (const secrets of this.#client.openPages(part, context)) {
      this.#take(secrets, results, context, (name) => wanted.delete(name));
      if (wanted.size === 0) return;
    }
  }

  /**
   * One secret may be sick, and spoil its page: then each is looked for by itself, so that it takes nothing from the others. Where that fails for the
   * first of them as well, it is the service that is sick.
   */
  async #openApart(
    names: readonly string[],
    results: Results,
    context: ReadContext,
    error: SecretError,
  ): Promise<void> {
    const open = (some: readonly string[]): Promise<void> =>
      eachName(some, this.parallel, results, context, async (name) => {
        const own: Results = new Map();
        await this.#openWanted(new Set([name]), own, { ...context, deliver: undefined });
        return own.get(name);
      });
    const probes = names.slice(0, PROBES);
    const rest = names.slice(PROBES);
    await open(probes);
    if (!probes.every((name) => mayBeOnesOwn(results.get(name)))) return open(rest);
    for (const secretName of rest) results.set(secretName, error.located({ secretName }));
  }

  /** What a page has of what is wanted: each by the name that the answer itself gives it. */
  #take(
    secrets: readonly HcpSecret[],
    results: Results,
    context: ReadContext,
    isWanted: (name: string) => boolean = () => true,
  ): void {
    const page: Results = new Map();
    for (const secret of secrets) {
      this.seen(secret);
      // A dynamic one, should a server open it unasked, is left.
      if (secret.type === 'dynamic' || !isWanted(secret.name)) continue;
      page.set(secret.name, versionOf(secret.name, secret.fields, { mayIssue: false }));
    }
    for (const [name, version] of page) results.set(name, version);
    context.deliver?.(page);
  }

  static {
    hideInOutput(StaticSecrets.prototype, () => '[secrets in bulk]');
  }
}

/** True where one secret may have spoiled the answer for all: the service is there, and failed. */
function mayBeOnesOwn(error: unknown): error is SecretError {
  if (!isSecretError(error) || error.code !== 'SECRET_SOURCE_UNAVAILABLE') return false;
  return (error.cause as { readonly status?: unknown } | undefined)?.status === 500;
}
