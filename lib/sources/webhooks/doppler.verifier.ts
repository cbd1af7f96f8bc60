import { hideInOutput } from '../../core/redaction.js';
import type { WebhookSecret } from '../../core/webhook/webhook-keys.js';
import { isSignedBy, WebhookKeys } from '../../core/webhook/webhook-keys.js';
import type { WebhookCall, WebhookVerdict, WebhookVerifier } from '../../core/webhook/webhook-verifier.js';
import { headerOf, jsonFields, MALFORMED, REFUSED } from '../../core/webhook/webhook-verifier.js';

/**
 * Webhooks of Doppler. All secrets are read, whatever the payload is, unless it says that something else has happened. Doppler signs neither a time nor
 * an ID: at most one reading a minute.
 * @param secret the webhook's signing secret.
 */
export const doppler = (secret: WebhookSecret): WebhookVerifier => new DopplerVerifier(secret);

class DopplerVerifier implements WebhookVerifier {
  readonly kind = 'doppler';
  readonly #keys: WebhookKeys<string>;

  constructor(secret: WebhookSecret) {
    this.#keys = new WebhookKeys(secret, 'doppler', (text) => text);
  }

  async verify(call: WebhookCall): Promise<WebhookVerdict> {
    const keys = await this.#keys.current();
    const [, hex] = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(headerOf(call, 'x-doppler-signature') ?? '') ?? [];
    if (hex === undefined || !isSignedBy(keys, [Buffer.from(hex, 'hex')], call.body)) return REFUSED;
    const fields = jsonFields(call);
    if (!fields) return MALFORMED;
    const { type } = fields; // absent from a payload of the user's own
    const isOther = typeof type === 'string' && type.startsWith('config.') && type !== 'config.secrets.update';
    return { outcome: 'announced', changes: isOther ? [] : 'all', mayBeReplayed: true };
  }

  static {
    hideInOutput(DopplerVerifier.prototype, () => '[secrets doppler]');
  }
}
