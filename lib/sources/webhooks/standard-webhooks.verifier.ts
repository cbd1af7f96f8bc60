import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { WebhookSecret } from '../../core/webhook/webhook-keys.js';
import { isSignedBy, WebhookKeys } from '../../core/webhook/webhook-keys.js';
import type {
  WebhookCall,
  WebhookChanges,
  WebhookVerdict,
  WebhookVerifier,
} from '../../core/webhook/webhook-verifier.js';
import { headerOf, isFields, jsonFields, MALFORMED, REFUSED } from '../../core/webhook/webhook-verifier.js';
import { isRecent, WINDOW } from '../../core/webhook/age.js';

const TAKER = 'standardWebhooks';
/** Signatures of one call that are looked at: a sender that replaces its key has two. */
const MOST_SIGNATURES = 16;
const CHANGED = 'secret.changed';

type Key = { readonly secret: Buffer } | { readonly publicKey: KeyObject };

/**
 * Calls that are signed by the Standard Webhooks specification (1.0.0), with `v1` (HMAC-SHA256) or `v1a` (Ed25519). The body is
 * `{ "type": "secret.changed", "timestamp", "data": { "name", "version"? } }`; without a name anything may have changed, and what is of another type changes nothing.
 * @param secret `whsec_…` (at least 24 bytes in base64), or the sender's public key `whpk_…`.
 * Throws SecretConfigurationError for what is no such key.
 */
export const standardWebhooks = (secret: WebhookSecret): WebhookVerifier => new StandardWebhooksVerifier(secret);

class StandardWebhooksVerifier implements WebhookVerifier {
  readonly kind = 'standard-webhooks';
  readonly #keys: WebhookKeys<Key>;

  constructor(secret: WebhookSecret) {
    this.#keys = new WebhookKeys(secret, TAKER, keyOf);
  }

  async verify(call: WebhookCall): Promise<WebhookVerdict> {
    const keys = await this.#keys.current();
    const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((part) =>
      headerOf(call, `webhook-${part}`),
    );
    if (!id || !signatures || !timestamp || !/^\d{1,12}$/.test(timestamp)) return REFUSED;
    const sentAt = Number(timestamp) * 1000;
    if (!isSigned(keys, signatures, [`${id}.${timestamp}.`, call.body])) return REFUSED;
    if (!isRecent(sentAt, call.at)) return REFUSED;
    const fields = jsonFields(call);
    if (!fields) return MALFORMED;
    return { outcome: 'announced', changes: changesOf(fields), once: { id, until: sentAt + WINDOW + 1 } };
  }

  static {
    hideInOutput(StandardWebhooksVerifier.prototype, () => `[secrets ${TAKER}]`);
  }
}

function isSigned(keys: readonly Key[], given: string, parts: readonly [string, Buffer]): boolean {
  const signatures = signaturesIn(given);
  const of = (version: string): Buffer[] =>
    signatures.flatMap(([, is, encoded = '']) => (is === version ? [Buffer.from(encoded, 'base64')] : []));
  const secrets = keys.flatMap((key) => ('secret' in key ? [key.secret] : []));
  const isShared = isSignedBy(secrets, of('v1'), ...parts);
  const signed = Buffer.concat([Buffer.from(parts[0]), parts[1]]);
  const publicKeys = keys.flatMap((key) => ('publicKey' in key ? [key.publicKey] : []));
  return of('v1a').reduce(
    (isOne, signature) => publicKeys.some((key) => verify(null, signed, key, signature)) || isOne,
    isShared,
  );
}

/** In one pass, whatever stands there: anybody may send 16 KiB of commas, and a pattern that looks ahead from each of them takes a second. */
function signaturesIn(given: string): RegExpExecArray[] {
  const pattern = /(v1a?),([A-Za-z0-9+/=_-]+)/g;
  const found: RegExpExecArray[] = [];
  for (let next = pattern.exec(given); next && found.length < MOST_SIGNATURES; next = pattern.exec(given)) {
    found.push(next);
  }
  return found;
}

function changesOf({ type, data }: Readonly<Record<string, unknown>>): WebhookChanges {
  if (type !== CHANGED) return [];
  const { name, version } = isFields(data) ? data : {};
  if (typeof name !== 'string') return 'all';
  return [typeof version === 'string' ? { name, version } : name];
}

function keyOf(text: string): Key {
  const [, prefix, encoded] = /^(?:(whsec_|whpk_))?([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (prefix === 'whpk_' && bytes.length === 32) {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
    return { publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
  }
  if (prefix !== 'whpk_' && bytes.length >= 24) return { secret: bytes };
  throw new SecretConfigurationError(
    `the secret of ${TAKER} is "whsec_" and at least 24 bytes in base64, or "whpk_" and the 32 bytes of an Ed25519 key.`,
    { advice: "Make one: node -p \"'whsec_'+crypto.randomBytes(32).toString('base64')\"." },
  );
}
