import { systemClock } from '../../../core/clock.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { AwsSource } from '../shared/aws.source.js';
import { AWS_HINTS } from '../shared/aws.options.js';
import { AwsSettings } from '../shared/aws.settings.js';
import { Identities } from '../shared/identities.js';
import { Names } from '../shared/names.js';
import type { RotationScheduleOptions } from './rotation-schedule.js';
import { RotationSchedule } from './rotation-schedule.js';
import { SecretsManagerApi } from './secrets-manager.client.js';
import { ENDPOINT_VARIABLE, KIND } from './secrets-manager.client.js';
import type { AwsSecretsManagerOptions } from './secrets-manager.options.js';
import { SECRETS_MANAGER_OPTIONS } from './secrets-manager.options.js';
import { SecretsManagerStore } from './secrets-manager.store.js';

/** What a test may set. */
export type TestHooks = Partial<RotationScheduleOptions>;

/**
 * The secrets of AWS Secrets Manager. Text that holds a JSON object or array is that; other text stays text; a binary secret is bytes. Versions are
 * AWS's version IDs, so that a stage that moves to a version with the same ID is not a rotation.
 */
export class AwsSecretsManagerSource extends AwsSource {
  readonly #stage: string;

  /** Begins to load the SDK. Throws SecretConfigurationError for options that can't be meant. */
  constructor(given?: AwsSecretsManagerOptions, hooks: TestHooks = {}) {
    const rules = { hints: AWS_HINTS, details: { sourceKind: KIND } };
    const options = ownOptions(given, SECRETS_MANAGER_OPTIONS, 'awsSecretsManager', rules);
    const { prefix = '', versionStage = 'AWSCURRENT', followRotation = false } = options;
    const settings = new AwsSettings(options, KIND, ENDPOINT_VARIABLE);
    const api = new SecretsManagerApi(settings, options.client);
    const { clock = systemClock, random = Math.random, warn = (text) => process.emitWarning(text) } = hooks;
    const schedule = followRotation ? new RotationSchedule(api, { clock, random, warn }) : undefined;
    const identities = new Identities();
    super({
      store: new SecretsManagerStore({
        api,
        versionStage,
        schedule,
        identities,
        createsMissing: options.createIfMissing ?? false,
      }),
      names: new Names(prefix),
      identities,
      observers: settings.observers,
      naming: options,
      place: () => api.place,
      close: () => api.close(),
    });
    this.#stage = versionStage;
  }

  previousVersion(version: string): string | undefined {
    return this.#stage === 'AWSCURRENT' && version !== '' ? 'AWSPREVIOUS' : undefined;
  }
}
