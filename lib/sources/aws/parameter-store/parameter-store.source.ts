import { SecretConfigurationError } from '../../../core/errors/index.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { numberBefore } from '../../../core/secret/numbered-versions.js';
import { AWS_HINTS } from '../shared/aws.options.js';
import { AwsSettings } from '../shared/aws.settings.js';
import { AwsSource } from '../shared/aws.source.js';
import { Identities } from '../shared/identities.js';
import { folderOf, Names } from '../shared/names.js';
import { ENDPOINT_VARIABLE, KIND, ParameterStoreApi } from './parameter-store.client.js';
import type { AwsParameterStoreOptions } from './parameter-store.options.js';
import { PARAMETER_STORE_OPTIONS } from './parameter-store.options.js';
import { ParameterStore } from './parameter-store.store.js';

/**
 * The parameters of AWS Systems Manager. Text that holds a JSON object or array is that, a StringList is a list of strings, other text stays text.
 * Versions are AWS's numbers. `/aws/reference/secretsmanager/NAME/KEY` leads into the JSON of a secret of Secrets Manager.
 */
export class AwsParameterStoreSource extends AwsSource {
  /** Begins to load the SDK. Throws SecretConfigurationError for options that can't be meant. */
  constructor(given?: AwsParameterStoreOptions) {
    const rules = { hints: AWS_HINTS, details: { sourceKind: KIND } };
    const options = ownOptions(given, PARAMETER_STORE_OPTIONS, 'awsParameterStore', rules);
    const { path = '', prefix = '', withDecryption = true } = options;
    if (path !== '' && !path.startsWith('/'))
      throw new SecretConfigurationError('"path" begins with a slash, as in /prod/app/.', { sourceKind: KIND });
    const settings = new AwsSettings(options, KIND, ENDPOINT_VARIABLE);
    const api = new ParameterStoreApi(settings, options.client);
    const identities = new Identities();
    super({
      store: new ParameterStore({ api, withDecryption, identities, createsMissing: options.createIfMissing ?? false }),
      names: new Names(folderOf(path) + (path === '' ? prefix : prefix.replace(/^\/+/, ''))),
      identities,
      observers: settings.observers,
      naming: options,
      place: () => api.place,
      close: () => api.close(),
    });
  }

  previousVersion(version: string): string | undefined {
    return numberBefore(version);
  }
}
