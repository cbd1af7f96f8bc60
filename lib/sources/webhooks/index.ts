// Who calls a webhook, and how it proves that.
export { doppler } from './doppler.verifier.js';
export { eventGrid } from './event-grid.verifier.js';
export type { EventGridOptions } from './event-grid.verifier.js';
export { infisical } from './infisical.verifier.js';
export { standardWebhooks } from './standard-webhooks.verifier.js';
