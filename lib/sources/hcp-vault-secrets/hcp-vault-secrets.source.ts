import type { SecretError } from '../../core/errors/index.js';
import { numberBefore } from '../../core/secret/numbered-versions.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { nameRefusal } from '../../core/secret/secret-name.js';
import { OpenedLater } from '../../core/source/opened-later.js';
import type { ReadContext, SecretPlace, Unsubscribe } from '../../core/source/secret-source.js';
import type { SourceEvent } from '../../core/source/source-event.js';
import { SourceObservers } from '../../core/source/source-observers.js';
import { destinationOf } from '../http/destination.js';
import type { HttpTransportOptions } from '../http/http.options.js';
import type { HcpVaultSecretsOptions } from './hcp-vault-secrets.options.js';
import { KIND, NAMES } from './hcp-vault-secrets.options.js';
import { resolveSettings } from './hcp-vault-secrets.settings.js';
import type { OpenedHcpVaultSecrets } from './opened-hcp-vault-secrets.js';
import { refreshIntervalFromEnvironment } from './refresh-interval.js';

/**
 * The secrets of one app of HCP Vault Secrets. A static (`kv`) secret is its string; a rotating or dynamic one is the API's whole
 * `rotating_version` or `dynamic_instance` object, so that field paths begin with `values.`.
 *
 * Static and rotating secrets are opened in bulk, a single one too: that opens nothing dynamic, whatever became of the name, so that a failure has
 * had no effect. What the bulk does not hold, and what is known to be dynamic, is opened by itself, and only by `read`: opening a dynamic
 * secret issues new credentials, and where that may have happened without an answer, the error says `effect: 'possible'`.
 */
export class HcpVaultSecretsSource extends OpenedLater<OpenedHcpVaultSecrets> {
  readonly defaultMaxAge: number;
  readonly #observers: SourceObservers;
  readonly #place: string;

  /** Throws one SecretConfigurationError that lists all that is missing. */
  constructor(options?: HcpVaultSecretsOptions) {
    const settings = resolveSettings(options);
    const observers = new SourceObservers(KIND);
    const destination = (transport: HttpTransportOptions) => destinationOf({ ...transport, warn: observers.warn });
    const destinations = { api: destination(settings.api), auth: destination(settings.auth) };
    super(KIND, async () => {
      const { OpenedHcpVaultSecrets } = await import('./opened-hcp-vault-secrets.js');
      return new OpenedHcpVaultSecrets(settings, destinations);
    });
    this.#observers = observers;
    this.#place = `app "${settings.appName}", ${destinations.api.base.shown}`;
    this.defaultMaxAge = refreshIntervalFromEnvironment();
  }

  previousVersion(version: string): string | undefined {
    return numberBefore(version);
  }

  describe(name: string): readonly SecretPlace[] {
    return [{ source: KIND, name, at: this.#place }];
  }

  /**
   * A new version of a static secret; creates one that is missing, as the API does. Objects and arrays are stored as JSON.
   * Rejects with SecretSourceReadOnlyError for a rotating or dynamic one, and with SecretConfigurationError for bytes, which the API can't hold.
   */
  async write(name: string, value: SecretValue, context: ReadContext): Promise<void> {
    await (await this.opened()).write(name, value, context);
  }

  newNameRefusal(name: string): SecretError | undefined {
    return nameRefusal(name, NAMES, { sourceKind: KIND });
  }

  /** Says at once what `allowInsecure` permits. */
  observe(listener: (event: SourceEvent) => void): Unsubscribe {
    return this.#observers.observe(listener);
  }
}
