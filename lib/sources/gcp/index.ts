// The public promise of `nestjs-hcp-vault/gcp`. Needs no SDK of Google's.
export { googleSecretManager } from './secret-manager/index.js';
export type { GoogleSecretManagerOptions, GoogleSecretManagerSource } from './secret-manager/index.js';
export { pubSubEvents } from './pubsub/index.js';
export type { PubSubEventsOptions } from './pubsub/index.js';
export type { GoogleAuthLike } from './auth/given.auth.js';
