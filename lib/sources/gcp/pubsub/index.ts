import type { PushChannel } from '../../../core/source/push-channel.js';
import { PubSubEventsChannel } from './pub-sub-events.channel.js';
import type { PubSubEventsOptions } from './pub-sub-events.options.js';

export type { PubSubEventsOptions } from './pub-sub-events.options.js';

/**
 * Changes in Google Secret Manager as Pub/Sub tells them, for the option `push` of HcpVaultModule. The secrets have to name the topic. With `topic` each
 * replica has a subscription of its own, which it deletes when it closes, and which expires after a day where it can't.
 * Throws SecretConfigurationError for options that can't be meant.
 */
export const pubSubEvents = (options: PubSubEventsOptions): PushChannel => new PubSubEventsChannel(options);
