import type { SecretError } from '../../core/errors/index.js';
import { isSecretError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { nameRefusal } from '../../core/secret/secret-name.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import type { Results } from '../../core/source/each-name.js';
import type {
  ReadContext,
  SecretPlace,
  SecretSource,
  Unsubscribe,
  WriteContext,
} from '../../core/source/secret-source.js';
import type { SourceEvent } from '../../core/source/source-event.js';
import { SourceObservers } from '../../core/source/source-observers.js';
import { DocumentKeys } from './document-keys.js';
import { KubernetesClient } from './kubernetes.client.js';
import { KIND } from './kubernetes.errors.js';
import type { KubernetesSecretsOptions } from './kubernetes.options.js';
import type { KubernetesHooks } from './kubernetes.settings.js';
import { resolveSettings } from './kubernetes.settings.js';
import type { SecretNames } from './secret.names.js';
import { WatchedSecrets } from './watch/watched-secrets.js';
import { WholeSecrets } from './whole-secrets.js';

/**
 * The Secrets of one namespace, by the API. A Secret is an object, whose fields are its keys; what is not UTF-8 stays in Base64 there. With `document` each key
 * of one Secret is a secret of its own name: text, or bytes where it is not UTF-8. Versions are `resourceVersion`s. While it is watched, readings are
 * answered by what the watch holds.
 */
export class KubernetesSecretsSource implements SecretSource {
  readonly kind = KIND;
  /** `write` holds a `resourceVersion` against the current one. */
  readonly takesCas = true;
  /** Whether the document may be absent. */
  readonly optional: boolean;
  readonly #client: KubernetesClient;
  readonly #names: SecretNames;
  readonly #watched: WatchedSecrets;
  readonly #observers = new SourceObservers(KIND);

  /** Throws SecretConfigurationError for options that can't be meant. @param hooks what a test may set. */
  constructor(given?: KubernetesSecretsOptions, hooks: KubernetesHooks = {}) {
    const settings = resolveSettings(given, hooks);
    const observers = this.#observers;
    const client = new KubernetesClient(settings, observers);
    const { document } = settings;
    const watched = (): WatchedSecrets => this.#watched;
    this.optional = settings.isOptional;
    this.#client = client;
    this.#names =
      document === undefined
        ? new WholeSecrets(client, settings, watched)
        : new DocumentKeys(document, client, settings, watched);
    this.#watched = new WatchedSecrets({
      client,
      settings,
      observers,
      announced: (change) => this.#names.announced(change),
    });
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    context.signal.throwIfAborted();
    return this.#names.read(names, context);
  }

  /** Needs the right to list, but with `document`. */
  async readAll(context: ReadContext): Promise<Results> {
    context.signal.throwIfAborted();
    return this.#names.readAll(context);
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    context.signal.throwIfAborted();
    return this.#names.list(prefix ?? '', context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    context.signal.throwIfAborted();
    return this.#names.exists(name, context).catch(located(name));
  }

  /**
   * An object becomes all the keys of a Secret, whose type, labels and annotations stay; with `document` text, bytes or JSON becomes one key, and the others stay.
   * Rejects with SecretNotFoundError where there is no such Secret and none is to be created, with SecretSourceReadOnlyError for an immutable one,
   * and with SecretConfigurationError where `cas` is not the current version.
   */
  async write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    await this.#names.write(name, value, context).catch(located(name));
  }

  newNameRefusal(name: string): SecretError | undefined {
    return nameRefusal(name, this.#names.rules, { sourceKind: KIND });
  }

  /** Of the name of a Secret, or `namespace/name`; with `document` of a key too. */
  namesOf(announced: string): readonly string[] {
    return this.#names.namesOf(announced);
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: KIND, name: name === '' ? name : this.#names.placeOf(name), at: this.#client.place }];
  }

  /** Resolves when it hears of changes, or has failed to at first: then it tries again by itself. */
  watch(onChange: ChangeListener): Promise<Unsubscribe> {
    return this.#watched.subscribe(onChange);
  }

  /** Says what `allowInsecure` permits, and where changes are looked for in place of being told. */
  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    return this.#observers.observe(listener);
  }

  async close(): Promise<void> {
    this.#watched.close();
    await this.#client.close();
  }

  static {
    hideInOutput(KubernetesSecretsSource.prototype, () => `[secrets ${KIND}]`);
  }
}

const located =
  (secretName: string) =>
  (error: unknown): never => {
    throw isSecretError(error) ? error.located({ secretName, sourceKind: KIND }) : error;
  };
