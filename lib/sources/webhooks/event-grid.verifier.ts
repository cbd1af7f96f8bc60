import type { OptionKinds } from '../../core/options/option-kinds.js';
import { needed } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import { hideInOutput } from '../../core/redaction.js';
import type { AnnouncedChange } from '../../core/source/change-listener.js';
import type { WebhookSecret } from '../../core/webhook/webhook-keys.js';
import type { WebhookCall, WebhookVerdict, WebhookVerifier } from '../../core/webhook/webhook-verifier.js';
import { headerOf, isFields, jsonEvents, MALFORMED, REFUSED } from '../../core/webhook/webhook-verifier.js';
import { KeyPlace } from '../../core/webhook/key-place.js';

export interface EventGridOptions {
  /** What the event subscription shows: Event Grid signs nothing. */
  readonly key: WebhookSecret;
  /** The header field that shows it, set as a delivery property of the subscription. @default 'x-api-key' */
  readonly header?: string | undefined;
  /** In its place, the parameter of the subscription's address that shows it. */
  readonly query?: string | undefined;
  /** The key vault whose events count, by its resource ID, as events tell it in `topic` or `source`. @default any */
  readonly topic?: string | undefined;
}

export const EVENT_GRID_OPTIONS: OptionKinds<EventGridOptions> = {
  key: needed('any'),
  header: 'text',
  query: 'text',
  topic: 'text',
};

const ORIGIN = 'eventgrid.azure.net';
const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent';
const NEW_VERSION = /^Microsoft\.KeyVault\.(?:Secret|Certificate)NewVersionCreated$/i;
/** A certificate's value is the secret of its name. */
const ADDRESS = /^(https:\/\/[^/\s?#]+)\/(?:secrets|certificates)\/([0-9A-Za-z-]{1,127})(?:\/([0-9A-Fa-f]{32}))?\/?$/;
/** Milliseconds: Event Grid tries for a day. */
const RETRIES = 86_400_000;

/**
 * Events of Azure Key Vault by a webhook of Event Grid, in its own schema and as CloudEvents. Answers both handshakes, and follows no address in them.
 * Event Grid signs nothing, so whoever sees a call can send it again: at most one reading a minute.
 */
export function eventGrid(options: EventGridOptions): WebhookVerifier {
  return new EventGridVerifier(ownOptions(options, EVENT_GRID_OPTIONS, 'eventGrid'));
}

type Event = Readonly<Record<string, unknown>>;

class EventGridVerifier implements WebhookVerifier {
  readonly kind = 'event-grid';
  readonly #key: KeyPlace;
  readonly #topic: string | undefined;

  constructor({ key, header, query, topic }: EventGridOptions) {
    this.#key = new KeyPlace({ taker: 'eventGrid', key, header, query });
    this.#topic = topic?.trim().toLowerCase();
  }

  async verify(call: WebhookCall): Promise<WebhookVerdict> {
    if (!(await this.#key.isShownIn(call))) return REFUSED;
    const events = jsonEvents(call);
    if (!events) return MALFORMED;
    if (headerOf(call, 'aeg-event-type')?.toLowerCase() === 'subscriptionvalidation') return this.#validation(events);
    const own = events.filter((event) => this.#isOwn(event));
    const changes = own.filter((event) => NEW_VERSION.test(typeOf(event))).flatMap(changeOf);
    const ids = own.map(({ id }) => (typeof id === 'string' ? id : undefined));
    const isKnownAgain = ids.length > 0 && !ids.includes(undefined);
    const once = isKnownAgain ? { id: JSON.stringify(ids), until: call.at + RETRIES } : undefined;
    return { outcome: 'announced', changes, once, mayBeReplayed: true };
  }

  /** Of CloudEvents. Delivery properties may not go with it, and nothing follows from it: each event shows the key. */
  async preflight(call: WebhookCall): Promise<WebhookVerdict> {
    if (headerOf(call, 'webhook-request-origin')?.toLowerCase() !== ORIGIN) return REFUSED;
    if (this.#key.isInAddress && !(await this.#key.isShownIn(call))) return REFUSED;
    return { outcome: 'handshake', headers: { 'webhook-allowed-origin': ORIGIN, 'webhook-allowed-rate': '120' } };
  }

  /** Event Grid's own: the code goes back. Its `validationUrl` is never fetched. */
  #validation(events: readonly Event[]): WebhookVerdict {
    const [event] = events;
    if (!event || typeOf(event) !== VALIDATION || !this.#isOwn(event)) return REFUSED;
    const code = isFields(event['data']) ? event['data']['validationCode'] : undefined;
    if (typeof code !== 'string' || code.length > 512) return MALFORMED;
    return { outcome: 'handshake', body: { validationResponse: code } };
  }

  #isOwn({ topic, source }: Event): boolean {
    if (this.#topic === undefined) return true;
    const told = topic ?? source;
    return typeof told === 'string' && told.trim().toLowerCase() === this.#topic;
  }

  static {
    hideInOutput(EventGridVerifier.prototype, () => '[secrets eventGrid]');
  }
}

function typeOf({ eventType, type }: Event): string {
  const told = eventType ?? type;
  return typeof told === 'string' ? told.trim() : '';
}

/** Only by the address: Microsoft's own sample has stray blanks in the names of fields and in values. */
function changeOf({ data }: Event): AnnouncedChange[] {
  const fields = isFields(data) ? Object.entries(data) : [];
  const id = fields.find(([name]) => name.trim().toLowerCase() === 'id')?.[1];
  const [, vault, name, version] = ADDRESS.exec(typeof id === 'string' ? id.trim() : '') ?? [];
  if (vault === undefined || name === undefined) return [];
  const address = `${vault}/secrets/${name}`;
  return [version === undefined ? address : { name: address, version: version.toLowerCase() }];
}
