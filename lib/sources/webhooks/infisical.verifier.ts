import { hideInOutput } from '../../core/redaction.js';
import type { WebhookSecret } from '../../core/webhook/webhook-keys.js';
import { isSignedBy, WebhookKeys } from '../../core/webhook/webhook-keys.js';
import type { WebhookCall, WebhookVerdict, WebhookVerifier } from '../../core/webhook/webhook-verifier.js';
import { headerOf, jsonFields, MALFORMED, REFUSED } from '../../core/webhook/webhook-verifier.js';
import { isRecent, WINDOW } from '../../core/webhook/age.js';

/**
 * Webhooks of Infisical (the type "General"). They name no secrets: all are read.
 * @param secret the webhook's secret key, which Infisical needs to have been given.
 */
export const infisical = (secret: WebhookSecret): WebhookVerifier => new InfisicalVerifier(secret);

class InfisicalVerifier implements WebhookVerifier {
  readonly kind = 'infisical';
  readonly #keys: WebhookKeys<string>;

  constructor(secret: WebhookSecret) {
    this.#keys = new WebhookKeys(secret, 'infisical', (text) => text);
  }

  async verify(call: WebhookCall): Promise<WebhookVerdict> {
    const keys = await this.#keys.current();
    const [, time, hex] = /^t=(\d{1,16});([0-9a-f]{64})$/i.exec(headerOf(call, 'x-infisical-signature') ?? '') ?? [];
    if (time === undefined || hex === undefined) return REFUSED;
    if (!isSignedBy(keys, [Buffer.from(hex, 'hex')], call.body)) return REFUSED;
    const fields = jsonFields(call);
    if (!fields) return MALFORMED;
    // The header's time is not signed; the body's is.
    const sentAt = Number(time);
    if (fields['timestamp'] !== sentAt || !isRecent(sentAt, call.at)) return REFUSED;
    const changes = fields['event'] === 'secrets.modified' ? ('all' as const) : [];
    return { outcome: 'announced', changes, once: { id: hex.toLowerCase(), until: sentAt + WINDOW + 1 } };
  }

  static {
    hideInOutput(InfisicalVerifier.prototype, () => '[secrets infisical]');
  }
}
