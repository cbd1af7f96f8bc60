import { createHmac } from 'node:crypto';

/** A call as a sender makes it. */
export interface Sent {
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Behind the path. */
  readonly query?: string;
}

const hmac = (key: string | Buffer, text: string, encoding: 'hex' | 'base64'): string =>
  createHmac('sha256', key).update(text).digest(encoding);

export const SIGNING_KEY = `whsec_${Buffer.from('canary-webhook-key-of-32-bytes-xx').toString('base64')}`;
export const HOOK_KEY = 'canary-webhook-key';

let calls = 0;

/** By the Standard Webhooks specification. */
export function standardCall(
  payload: unknown,
  { key = SIGNING_KEY, id = `msg_${(calls += 1)}`, at = Date.now() }: { key?: string; id?: string; at?: number } = {},
): Sent {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const timestamp = String(Math.floor(at / 1000));
  const secret = Buffer.from(key.replace('whsec_', ''), 'base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${hmac(secret, `${id}.${timestamp}.${body}`, 'base64')}`,
    },
  };
}

export const changed = (name?: string, version?: string): object => ({
  type: 'secret.changed',
  timestamp: new Date().toISOString(),
  data: { name, version },
});

export function infisicalCall(
  { key = HOOK_KEY, at = Date.now(), signedAt = at, event = 'secrets.modified' }: { key?: string; at?: number; signedAt?: number; event?: string } = {}, // prettier-ignore
): Sent {
  const project = { workspaceId: 'w', environment: 'prod', secretPath: '/' };
  const body = JSON.stringify({ event, project, timestamp: signedAt });
  const headers = { 'content-type': 'application/json', 'x-infisical-signature': `t=${at};${hmac(key, body, 'hex')}` };
  return { body, headers };
}

export function dopplerCall(
  payload: unknown = { type: 'config.secrets.update', config: { name: 'prd' } },
  key = HOOK_KEY,
): Sent {
  // prettier-ignore
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const headers = { 'content-type': 'application/json', 'x-doppler-signature': `sha256=${hmac(key, body, 'hex')}` };
  return { body, headers };
}

export const VAULT = 'https://shop.vault.azure.net';
export const TOPIC = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/shop';

/** As Microsoft's sample has it, with its stray blanks. */
export const keyVaultEvent = (name: string, version: string, more: object = {}): object => ({
  id: `event-${(calls += 1)}`,
  topic: TOPIC,
  subject: name,
  eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
  eventTime: new Date().toISOString(),
  data: { Id: ` ${VAULT}/secrets/${name}/${version}`, 'ObjectName ': name, Version: ` ${version}`, NBF: '1559081980' },
  dataVersion: '1',
  ...more,
});

export const eventGridCall = (events: unknown, headers: Record<string, string> = { 'x-api-key': HOOK_KEY }): Sent => ({
  body: JSON.stringify(events),
  headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification', ...headers },
});

/** As an API destination sends it. */
export function eventBridgeCall(
  name: string,
  versionId: string,
  { at = Date.now(), key = HOOK_KEY, ...more }: { at?: number; key?: string } = {},
): Sent {
  // prettier-ignore
  const event = {
    version: '0',
    id: `event-${(calls += 1)}`,
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    time: new Date(at).toISOString(),
    resources: [],
    detail: { name, labelUpdated: 'AWSCURRENT', versionId },
    ...more,
  };
  return { headers: { 'content-type': 'application/json', 'x-api-key': key }, body: JSON.stringify(event) };
}
