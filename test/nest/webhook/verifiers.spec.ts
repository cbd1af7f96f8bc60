import { jest } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { WebhookCall, WebhookVerdict, WebhookVerifier } from 'nestjs-hcp-vault';
import { doppler, eventBridge, eventGrid, infisical, standardWebhooks } from 'nestjs-hcp-vault';
import { printed } from '../../sources/support/printed.js';
import type { Sent } from './senders.js';
import {
  changed,
  dopplerCall,
  eventBridgeCall,
  eventGridCall,
  HOOK_KEY,
  infisicalCall,
  keyVaultEvent,
  SIGNING_KEY,
  standardCall,
  TOPIC,
  VAULT,
} from './senders.js';

const callOf = ({ headers, body, query = '' }: Sent, method = 'POST', at = Date.now()): WebhookCall => ({
  method,
  headers,
  query: new URLSearchParams(query),
  body: Buffer.from(body),
  at,
});

async function said(verifier: WebhookVerifier, sent: Sent, method?: string): Promise<WebhookVerdict> {
  const call = callOf(sent, method);
  return method === 'OPTIONS' ? verifier.preflight!(call) : verifier.verify(call);
}

const announced = async (verifier: WebhookVerifier, sent: Sent): Promise<unknown> => {
  const verdict = await said(verifier, sent);
  return verdict.outcome === 'announced' ? verdict.changes : verdict.outcome;
};

const OTHER_KEY = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

describe('standardWebhooks', () => {
  it("given what the specification's own package signs, when it is verified, then it counts, and what we sign counts there", async () => {
    const theirs = new Webhook(SIGNING_KEY);
    const [body, at] = [JSON.stringify(changed('KEY', '7')), new Date()];
    const headers = {
      'webhook-id': 'msg',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': theirs.sign('msg', at, body),
    };
    expect(await announced(standardWebhooks(SIGNING_KEY), { headers, body })).toEqual([{ name: 'KEY', version: '7' }]);
    const ours = standardCall(changed('KEY'));
    expect(theirs.verify(ours.body, ours.headers)).toEqual(JSON.parse(ours.body));
  });

  it.each([
    [changed('KEY'), ['KEY']],
    [changed(), 'all'],
    [{ type: 'secret.changed' }, 'all'],
    [{ type: 'secret.read', data: { name: 'KEY' } }, []],
    [[1], 'malformed'],
    ['"text"', 'malformed'],
  ])('given %j, when it is signed, then it announces %j', async (payload, changes) => {
    expect(await announced(standardWebhooks(SIGNING_KEY), standardCall(payload))).toEqual(changes);
  });

  it('given a sender that replaces its key, when it signs with both, or we take both, then either counts', async () => {
    const [payload, now] = [changed('KEY'), Date.now()];
    const [old, fresh] = [
      standardCall(payload, { id: 'm', at: now }),
      standardCall(payload, { id: 'm', at: now, key: OTHER_KEY }),
    ];
    const both = `${old.headers['webhook-signature']} ${fresh.headers['webhook-signature']}`;
    const twice = { body: old.body, headers: { ...old.headers, 'webhook-signature': both } };
    const [one, other] = [standardWebhooks(SIGNING_KEY), standardWebhooks(OTHER_KEY)];
    expect([await announced(one, twice), await announced(other, twice)]).toEqual([['KEY'], ['KEY']]);
    const list = standardWebhooks(async () => [SIGNING_KEY, OTHER_KEY]);
    expect([await announced(list, old), await announced(list, fresh)]).toEqual([['KEY'], ['KEY']]);
    expect(await announced(one, fresh)).toBe('refused');
  });

  it.each([
    ['commas', `v1,${','.repeat(15_000)}`],
    ['blanks', `v1,AAAA${' '.repeat(15_000)}x`],
    ['signatures', 'v1,AAAA '.repeat(1_900)],
    ['signatures of two kinds', 'v1,v1a,'.repeat(2_000)],
    ['one signature', `v1a,${'A'.repeat(15_000)}`],
  ])(
    'given a header of 16 KiB of %s from anybody, when it is looked at, then it is refused in a moment',
    async (_, given) => {
      const { body, headers } = standardCall(changed('KEY'));
      const verifier = standardWebhooks(SIGNING_KEY);
      const sent = { body, headers: { ...headers, 'webhook-signature': given } };
      const from = performance.now();
      for (let n = 0; n < 10; n += 1) expect(await announced(verifier, sent)).toBe('refused');
      expect(performance.now() - from).toBeLessThan(1_000); // a split at commas took 10 s
    },
  );

  it('given a genuine signature behind others, when it is among the first sixteen, then it counts', async () => {
    const { body, headers } = standardCall(changed('KEY'));
    const own = headers['webhook-signature']!;
    const sent = (others: string): Sent => ({ body, headers: { ...headers, 'webhook-signature': others } });
    const verifier = standardWebhooks(SIGNING_KEY);
    expect(await announced(verifier, sent(`v2,v9 v1,AAAA, ${own}`))).toEqual(['KEY']);
    expect(await announced(verifier, sent(`${'v1,AAAA '.repeat(16)}${own}`))).toBe('refused');
  });

  it("given an Ed25519 signature, when it is verified by the sender's public key, then it counts, and with another body it does not", async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const verifier = standardWebhooks(`whpk_${raw.toString('base64')}`);
    const unsigned = standardCall(changed('KEY'), { id: 'm' });
    const text = `m.${unsigned.headers['webhook-timestamp']}.${unsigned.body}`;
    const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const signature = `v1a,${sign(null, Buffer.from(text), key).toString('base64')}`;
    const headers = { ...unsigned.headers, 'webhook-signature': `v1,AAAA v1a,AAAA ${signature}` };
    expect(await announced(verifier, { headers, body: unsigned.body })).toEqual(['KEY']);
    expect(await announced(verifier, { headers, body: `${unsigned.body} ` })).toBe('refused');
    expect(await announced(verifier, unsigned)).toBe('refused');
  });
});

describe('infisical', () => {
  const verifier = infisical([HOOK_KEY]);

  it.each([
    ['a change', infisicalCall(), 'all'],
    ['another event', infisicalCall({ event: 'secrets.rotation-failed' }), []],
    ['another key', infisicalCall({ key: 'x' }), 'refused'],
    ['a time that is not the signed one', infisicalCall({ at: Date.now(), signedAt: Date.now() - 400_000 }), 'refused'],
    ['an old call', infisicalCall({ at: Date.now() - 400_000 }), 'refused'],
    ['no signature', { headers: {}, body: '{}' }, 'refused'],
  ])('given %s, when it comes, then it announces %3$j', async (_, sent, changes) => {
    expect(await announced(verifier, sent)).toEqual(changes);
  });
});

describe('doppler', () => {
  it.each([
    ['an update', dopplerCall(), 'all'],
    ["a payload of the user's own", dopplerCall({ ref: 'main' }), 'all'],
    ['something else', dopplerCall({ type: 'config.created' }), []],
    ['another key', dopplerCall({}, 'x'), 'refused'],
    ['no JSON', dopplerCall('{'), 'malformed'],
    [
      'no prefix',
      { ...dopplerCall(), headers: { 'x-doppler-signature': dopplerCall().headers['x-doppler-signature']!.slice(7) } },
      'all',
    ],
  ])('given %s, when it comes, then it announces %3$j', async (_, sent, changes) => {
    expect(await announced(doppler(HOOK_KEY), sent)).toEqual(changes);
  });
});

describe('eventGrid', () => {
  const version = '0123456789abcdef0123456789abcdef';
  const verifier = eventGrid({ key: HOOK_KEY, topic: TOPIC.toUpperCase() });
  const change = { name: `${VAULT}/secrets/STRIPE-KEY`, version };

  it.each([
    ['an event with stray blanks', [keyVaultEvent('STRIPE-KEY', version)], [change]],
    [
      'a CloudEvent',
      keyVaultEvent('STRIPE-KEY', version, {
        eventType: undefined,
        topic: undefined,
        type: 'Microsoft.KeyVault.SecretNewVersionCreated',
        source: TOPIC,
      }),
      [change],
    ],
    [
      'a certificate',
      [
        keyVaultEvent('x', version, {
          eventType: 'Microsoft.KeyVault.CertificateNewVersionCreated',
          data: { Id: `${VAULT}/certificates/STRIPE-KEY/${version}` },
        }),
      ],
      [change],
    ],
    ['another vault', [keyVaultEvent('STRIPE-KEY', version, { topic: '/other' })], []],
    ['no change', [keyVaultEvent('STRIPE-KEY', version, { eventType: 'Microsoft.KeyVault.SecretNearExpiry' })], []],
    ['no address', [keyVaultEvent('STRIPE-KEY', version, { data: { Id: 'https://x/secrets/../y' } })], []],
    ['no events', ['text'], 'malformed'],
  ])('given %s, when it comes, then it announces %3$j', async (_, events, changes) => {
    expect(await announced(verifier, eventGridCall(events))).toEqual(changes);
  });

  it('given no key, another one, or one in another place, when it comes, then it is refused', async () => {
    const events = [keyVaultEvent('A', version)];
    for (const headers of [{}, { 'x-api-key': 'x' }, { 'x-other': HOOK_KEY }] as Record<string, string>[]) {
      expect(await announced(verifier, eventGridCall(events, headers))).toBe('refused');
    }
    const byQuery = eventGrid({ key: () => HOOK_KEY, query: 'code' });
    expect(await announced(byQuery, eventGridCall(events))).toBe('refused');
    const query = `code=${HOOK_KEY}`;
    expect(await announced(byQuery, { ...eventGridCall(events, {}), query })).toHaveLength(1);
    expect(await announced(byQuery, { ...eventGridCall(events, {}), query: `${query}&${query}` })).toBe('refused');
  });

  it('given the handshake of its own schema, when it shows the key, then the code goes back, and no address in it is called', async () => {
    const data = { validationCode: '512D', validationUrl: 'http://169.254.169.254/' };
    const event = { id: '1', topic: TOPIC, eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data };
    const headers = { 'aeg-event-type': 'SubscriptionValidation' };
    const called = jest.spyOn(globalThis, 'fetch');
    expect(await said(verifier, eventGridCall([event], { ...headers, 'x-api-key': HOOK_KEY }))).toEqual({
      outcome: 'handshake',
      body: { validationResponse: '512D' },
    });
    expect(await said(verifier, eventGridCall([event], headers))).toEqual({ outcome: 'refused' });
    expect(await said(verifier, eventGridCall([{ ...event, topic: '/x' }], { ...headers, 'x-api-key': HOOK_KEY }))).toEqual({ outcome: 'refused' }); // prettier-ignore
    expect(called).not.toHaveBeenCalled();
  });

  it('given the handshake of CloudEvents, when Event Grid asks, then it may call, and nobody else', async () => {
    const asked = { headers: { 'webhook-request-origin': 'eventgrid.azure.net' }, body: '' };
    expect(await said(verifier, asked, 'OPTIONS')).toMatchObject({
      outcome: 'handshake',
      headers: { 'webhook-allowed-origin': 'eventgrid.azure.net' },
    });
    const other = { headers: { 'webhook-request-origin': 'evil.example' }, body: '' };
    expect(await said(verifier, other, 'OPTIONS')).toEqual({ outcome: 'refused' });
    const byQuery = eventGrid({ key: HOOK_KEY, query: 'code' });
    expect(await said(byQuery, asked, 'OPTIONS')).toEqual({ outcome: 'refused' });
    expect(await said(byQuery, { ...asked, query: `code=${HOOK_KEY}` }, 'OPTIONS')).toMatchObject({
      outcome: 'handshake',
    });
  });

  it.each([
    [{ key: '' }, 'the secret of eventGrid'],
    [{ key: 'k', header: 'a b' }, '"header"'],
    [{ key: 'k', header: 'a', query: 'b' }, 'one of "header" and "query"'],
    [{}, 'needs the option "key"'],
    [{ key: 'k', querry: 'x' }, 'Did you mean "query"'],
  ])('given %j, when it is made, then the error names what is wrong', (options, text) => {
    expect(() => eventGrid(options as never)).toThrow(text);
  });
});

describe('eventBridge', () => {
  const verifier = eventBridge({ key: HOOK_KEY });

  it.each([
    ['a change', eventBridgeCall('db', 'v-2'), [{ name: 'db', version: 'v-2' }]],
    ['another key', eventBridgeCall('db', 'v-2', { key: 'x' }), 'refused'],
    ['no event', { ...eventBridgeCall('db', 'v-2'), body: '{}' }, 'malformed'],
    ['no JSON', { ...eventBridgeCall('db', 'v-2'), body: '{' }, 'malformed'],
    ['something else', eventBridgeCall('db', 'v-2', { source: 'aws.ec2' } as object), []],
  ])('given %s, when it comes, then it announces %3$j', async (_, sent, changes) => {
    expect(await announced(verifier, sent)).toEqual(changes);
  });

  it('given an event of a minute ago, when it comes, then it is known by its id; one of an hour ago counts as one that may be a replay', async () => {
    expect(await said(verifier, eventBridgeCall('db', '2', { at: Date.now() - 60_000 }))).toMatchObject({
      mayBeReplayed: false,
      once: {},
    });
    const late = eventBridgeCall('db', '2', { at: Date.now() - 3_600_000 });
    expect(await said(verifier, late)).toMatchObject({ mayBeReplayed: true, once: {} });
  });
});

it('given a verifier of each kind, when it is printed, then its key is not there', () => {
  const all = [
    standardWebhooks(SIGNING_KEY),
    infisical(HOOK_KEY),
    doppler(HOOK_KEY),
    eventGrid({ key: HOOK_KEY }),
    eventBridge({ key: HOOK_KEY }),
  ];
  expect(all.map(printed).join()).not.toMatch(/canary|whsec/);
});
