import type { AnnouncedChange } from '../source/change-listener.js';

/** Header fields by their names in lower case, as Node has them. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A call as it came. */
export interface WebhookCall {
  readonly method: string;
  readonly headers: WebhookHeaders;
  readonly query: URLSearchParams;
  /** The bytes that were signed. */
  readonly body: Buffer;
  /** When it came: milliseconds since 1970. */
  readonly at: number;
}

/** What a verified call says has changed: names, or names with the version that is there now; `all`: anything may have. */
export type WebhookChanges = readonly AnnouncedChange[] | 'all';

/** Of a call that is what it says it is. */
export interface AnnouncingVerdict {
  readonly outcome: 'announced';
  readonly changes: WebhookChanges;
  /** By which it is known where it comes again; without one, or where nothing bounds its age, it may be a replay. */
  readonly once?: { readonly id: string; readonly until: number } | undefined;
  /** True where somebody else may send it again at any time: at most one reading a minute follows. */
  readonly mayBeReplayed?: boolean | undefined;
}

export type WebhookVerdict =
  /** Not of the sender, or too old. No caller is told which. */
  | { readonly outcome: 'refused'; readonly error?: unknown }
  /** Of the sender, and no sense in it. */
  | { readonly outcome: 'malformed' }
  /** A sender that asks whether it may call. */
  | { readonly outcome: 'handshake'; readonly headers?: Readonly<Record<string, string>>; readonly body?: object }
  | AnnouncingVerdict;

/** Says of a call whether it is of the sender, and what it announces. Rejects with SecretError where it can't tell. */
export interface WebhookVerifier {
  readonly kind: string;
  verify(call: WebhookCall): WebhookVerdict | Promise<WebhookVerdict>;
  /** Answers OPTIONS, where the sender asks by that whether it may call. */
  preflight?(call: WebhookCall): WebhookVerdict | Promise<WebhookVerdict>;
}

/**
 * A verifier of one's own: throws, or gives nothing, for a call that is not to be trusted; else gives what has changed (`[]`: nothing, `'all'`: anything
 * may have). What it lets through again is read again: it has to keep replays off.
 */
export type VerifyWebhook = (
  headers: WebhookHeaders,
  body: Buffer,
) => WebhookChanges | undefined | Promise<WebhookChanges | undefined>;

export const REFUSED: WebhookVerdict = { outcome: 'refused' };
export const MALFORMED: WebhookVerdict = { outcome: 'malformed' };

/** One header field as text; undefined where it is absent or stands there several times. */
export function headerOf({ headers }: Pick<WebhookCall, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  if (typeof value === 'string') return value;
  return value?.length === 1 ? value[0] : undefined;
}

/** The fields of a JSON object; undefined for any other body. To be asked only once the call is known to be of the sender. */
export function jsonFields({ body }: Pick<WebhookCall, 'body'>): Readonly<Record<string, unknown>> | undefined {
  const parsed = jsonOf(body);
  return isFields(parsed) ? parsed : undefined;
}

/** The events of a body that is one, or a list of them; undefined where something else is among them. */
export function jsonEvents({ body }: Pick<WebhookCall, 'body'>): Readonly<Record<string, unknown>>[] | undefined {
  const parsed = jsonOf(body);
  const events: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return events.every(isFields) ? events : undefined;
}

export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined; // the parser's error quotes the body
  }
}
