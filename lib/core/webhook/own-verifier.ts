import { SecretSourceUnavailableError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';
import type { VerifyWebhook, WebhookCall, WebhookVerdict, WebhookVerifier } from './webhook-verifier.js';
import { REFUSED } from './webhook-verifier.js';

/** The app's own function as a verifier. What throws, or gives nothing, refuses. */
export class OwnVerifier implements WebhookVerifier {
  readonly kind = 'own';
  readonly #verify: VerifyWebhook;

  constructor(verify: VerifyWebhook) {
    this.#verify = verify;
  }

  async verify({ headers, body }: WebhookCall): Promise<WebhookVerdict> {
    let changes: unknown;
    try {
      changes = await this.#verify(headers, body);
    } catch (error) {
      return { outcome: 'refused', error };
    }
    if (changes === undefined || changes === null || changes === false) return REFUSED;
    if (changes === 'all' || Array.isArray(changes)) return { outcome: 'announced', changes: changes as 'all' };
    throw new SecretSourceUnavailableError(
      'its `verify` gives neither a list of changes nor "all", nor nothing (which refuses).',
    );
  }

  static {
    hideInOutput(OwnVerifier.prototype, () => '[secrets webhook verifier]');
  }
}
