import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { group } from '../../../core/options/option-kinds.js';
import type { TlsOptions } from '../../http/index.js';
import { TLS_OPTIONS } from '../../http/index.js';
import type { GoogleAuthLike } from '../auth/given.auth.js';

interface Connection {
  /** The project of the topic or subscription, where its name doesn't tell. @default GCLOUD_PROJECT or GOOGLE_CLOUD_PROJECT, else that of the credentials */
  readonly projectId?: string | undefined;
  /** Credentials of Google's own library by their shape. @default Application Default Credentials */
  readonly auth?: GoogleAuthLike | undefined;
  /** Address in place of Google's, with its scheme, such as that of Google's Pub/Sub emulator. @default that of the universe */
  readonly endpoint?: string | undefined;
  /** Trust for the address. */
  readonly tls?: TlsOptions | undefined;
  /** Permits plain http beyond loopback; warns at each start. @default false */
  readonly allowInsecure?: boolean | undefined;
}

interface OfTopic extends Connection {
  /** The topic that the secrets tell, `TOPIC` or `projects/PROJECT/topics/TOPIC`. Each replica gets a subscription of its own, which it deletes when it closes. */
  readonly topic: string;
  readonly subscription?: undefined;
}

interface OfSubscription extends Connection {
  readonly topic?: undefined;
  /** A subscription that only this replica pulls, for Pub/Sub gives each message to one: `NAME` or `projects/PROJECT/subscriptions/NAME`. */
  readonly subscription: string;
}

export type PubSubEventsOptions = OfTopic | OfSubscription;

export const PUB_SUB_OPTIONS: OptionKinds<PubSubEventsOptions> = {
  topic: 'text',
  subscription: 'text',
  projectId: 'text',
  auth: 'any',
  endpoint: 'text',
  tls: group<TlsOptions>(TLS_OPTIONS),
  allowInsecure: 'boolean',
};
