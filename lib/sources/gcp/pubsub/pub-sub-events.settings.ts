import { SecretConfigurationError } from '../../../core/errors/index.js';
import { ownOptions } from '../../../core/options/own-options.js';
import type { AuthorizedApiOptions } from '../auth/authorized-api.js';
import { variable } from '../auth/credential.file.js';
import { DefaultCredentials, projectOf } from '../auth/default.credentials.js';
import { checkAuth, GivenAuth } from '../auth/given.auth.js';
import type { TestHooks } from '../secret-manager/google-secret-manager.settings.js';
import { GOOGLE_HINTS } from '../secret-manager/google-secret-manager.options.js';
import type { PubSubEventsOptions } from './pub-sub-events.options.js';
import { PUB_SUB_OPTIONS } from './pub-sub-events.options.js';

export const KIND = 'pub-sub-events';

/** A topic or a subscription. Where its project is not told, the credentials are asked. */
export interface PubSubResource {
  readonly project: string | undefined;
  readonly id: string;
}

export interface PubSubEventsSettings extends AuthorizedApiOptions {
  /** What this replica's own subscription is of. */
  readonly topic: PubSubResource | undefined;
  /** One that is there. */
  readonly subscription: PubSubResource | undefined;
}

const ID = '[A-Za-z][A-Za-z0-9._~+%-]{2,254}';
const PROJECT = '[a-z0-9][a-z0-9.:-]{0,98}';

/** Throws SecretConfigurationError for what can't be meant. */
export function resolveSettings(given: PubSubEventsOptions, hooks: TestHooks): PubSubEventsSettings {
  const details = { sourceKind: KIND };
  const options = ownOptions(given, PUB_SUB_OPTIONS, 'pubSubEvents', { hints: GOOGLE_HINTS, details });
  const { topic, subscription, auth, endpoint, tls, allowInsecure } = options;
  const { environment = process.env } = hooks;
  if ((topic === undefined) === (subscription === undefined)) {
    throw new SecretConfigurationError('pubSubEvents takes one of `topic` and `subscription`.', details);
  }
  checkAuth(auth, details);
  const project = options.projectId ?? projectOf(environment);
  const universe = variable(environment, 'GOOGLE_CLOUD_UNIVERSE_DOMAIN') ?? 'googleapis.com';
  return {
    topic: topic === undefined ? undefined : resourceOf(topic, 'topic', project),
    subscription: subscription === undefined ? undefined : resourceOf(subscription, 'subscription', project),
    tokens: auth ? new GivenAuth(auth, KIND) : new DefaultCredentials(KIND, environment, universe, hooks),
    quotaProject: variable(environment, 'GOOGLE_CLOUD_QUOTA_PROJECT'),
    api: { url: endpoint ?? `https://pubsub.${universe}`, urlOption: 'endpoint', sourceKind: KIND, tls, allowInsecure },
  };
}

function resourceOf(text: string, option: 'topic' | 'subscription', projectId: string | undefined): PubSubResource {
  const [, project, full] = new RegExp(`^projects/(${PROJECT})/${option}s/(${ID})$`).exec(text) ?? [];
  const id = full ?? (new RegExp(`^${ID}$`).test(text) ? text : undefined);
  if (id !== undefined && (projectId === undefined || new RegExp(`^${PROJECT}$`).test(projectId))) {
    return { project: project ?? projectId, id };
  }
  throw new SecretConfigurationError(
    `option "${option}" of pubSubEvents is a name, or projects/PROJECT/${option}s/NAME.`,
    { sourceKind: KIND },
  );
}
