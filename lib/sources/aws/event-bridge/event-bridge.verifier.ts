import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { needed } from '../../../core/options/option-kinds.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { hideInOutput } from '../../../core/redaction.js';
import { isRecent, WINDOW } from '../../../core/webhook/age.js';
import { KeyPlace } from '../../../core/webhook/key-place.js';
import type { WebhookSecret } from '../../../core/webhook/webhook-keys.js';
import type { WebhookCall, WebhookVerdict, WebhookVerifier } from '../../../core/webhook/webhook-verifier.js';
import { MALFORMED, REFUSED } from '../../../core/webhook/webhook-verifier.js';
import { awsEventOf } from '../shared/aws-events.js';

export interface EventBridgeOptions {
  /** The value that the API destination's connection sends: EventBridge signs nothing. */
  readonly key: WebhookSecret;
  /** The header field that it is sent in (the connection's API key name). @default 'x-api-key' */
  readonly header?: string | undefined;
}

export const EVENT_BRIDGE_OPTIONS: OptionKinds<EventBridgeOptions> = { key: needed('any'), header: 'text' };

/** Milliseconds: EventBridge tries for a day. */
const RETRIES = 86_400_000;

/**
 * Events of Secrets Manager and Parameter Store by an API destination of EventBridge. What comes late, as after an outage of ours, counts too, with at most
 * one reading a minute.
 */
export function eventBridge(options: EventBridgeOptions): WebhookVerifier {
  return new EventBridgeVerifier(ownOptions(options, EVENT_BRIDGE_OPTIONS, 'eventBridge'));
}

class EventBridgeVerifier implements WebhookVerifier {
  readonly kind = 'event-bridge';
  readonly #key: KeyPlace;

  constructor({ key, header }: EventBridgeOptions) {
    this.#key = new KeyPlace({ taker: 'eventBridge', key, header });
  }

  async verify(call: WebhookCall): Promise<WebhookVerdict> {
    if (!(await this.#key.isShownIn(call))) return REFUSED;
    const event = awsEventOf(call.body.toString('utf8'));
    if (!event) return MALFORMED;
    const { id, at, changes } = event;
    const isFresh = id !== undefined && at !== undefined && isRecent(at, call.at);
    const until = isFresh ? at + WINDOW + 1 : call.at + RETRIES;
    return {
      outcome: 'announced',
      changes,
      once: id === undefined ? undefined : { id, until },
      mayBeReplayed: !isFresh,
    };
  }

  static {
    hideInOutput(EventBridgeVerifier.prototype, () => '[secrets eventBridge]');
  }
}
