import { Agent, request } from 'undici';
import type { WebhookVerifier } from 'nestjs-hcp-vault';
import { doppler, eventBridge, eventGrid, infisical, standardWebhooks } from 'nestjs-hcp-vault';
import type { HookedApp } from './apps.js';
import { FRAMEWORKS, hookedApp, sendSlowly, until } from './apps.js';
import type { Sent } from './senders.js';
import { changed, dopplerCall, eventBridgeCall, eventGridCall, HOOK_KEY, infisicalCall, keyVaultEvent, SIGNING_KEY, standardCall } from './senders.js'; // prettier-ignore

const VERSION = '0123456789abcdef0123456789abcdef';
const WRONG = 'x'.repeat(64);

/** Each sender, and how it calls. */
const senders: [string, () => WebhookVerifier, () => Sent][] = [
  ['standardWebhooks', () => standardWebhooks(SIGNING_KEY), () => standardCall(changed('KEY'))],
  ['infisical', () => infisical(HOOK_KEY), () => infisicalCall()],
  ['doppler', () => doppler(HOOK_KEY), () => dopplerCall()],
  ['eventBridge', () => eventBridge({ key: HOOK_KEY }), () => eventBridgeCall('KEY', 'v-2')],
  ['eventGrid', () => eventGrid({ key: HOOK_KEY }), () => eventGridCall([keyVaultEvent('KEY', VERSION)])],
];

/** What somebody without the key makes of a genuine call. */
const forgeries: ((sent: Sent, n: number) => Sent)[] = [
  ({ body }) => ({ body, headers: {} }),
  ({ body, headers }, n) => ({ body, headers: flawed(headers, (text) => text.slice(0, n % (text.length - 1))) }),
  ({ body, headers }) => ({ body, headers: flawed(headers, (text) => text.replace(/[0-9a-zA-Z]/g, '0')) }),
  ({ body, headers }) => ({ body, headers: flawed(headers, () => `${WRONG},${WRONG}`) }),
  ({ body, headers }) => ({ body, headers: flawed(headers, () => '\u00ff\u00fe=;,v1') }),
  ({ headers }, n) => ({ headers: flawed(headers, () => 'v1,AAAA'), body: '['.repeat((n * 37) % 60_000) }),
  ({ headers }, n) => ({
    headers: flawed(headers, () => `t=${n};${'0'.repeat(64)}`),
    body: `{"a":${'9'.repeat(n % 1000)}`,
  }),
  ({ headers }) => ({
    headers: { ...flawed(headers, () => ''), 'content-type': 'application/json' },
    body: '{"__proto__":{"a":1},',
  }),
  ({ headers }) => ({
    headers: { ...flawed(headers, () => 'x'), 'content-type': 'multipart/form-data' },
    body: '\u0000\u0001',
  }),
  ({ headers }) => ({ headers: flawed(headers, () => 'x'), body: '' }),
];

/** With another text where the sender proves itself. */
const flawed = (headers: Record<string, string>, change: (text: string) => string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name, /signature|key/.test(name) ? change(text) : text]),
  );

const agent = new Agent({ connections: 32, pipelining: 1 });
afterAll(() => agent.destroy());

async function statusOf({ origin }: HookedApp, { headers, body }: Sent): Promise<number> {
  const answer = await request(`${origin}/hooks/secrets`, { dispatcher: agent, method: 'POST', headers, body });
  await answer.body.dump();
  return answer.statusCode;
}

/** Sends them all, some at a time, and counts the answers by their status. */
async function statuses(hooked: HookedApp, calls: readonly Sent[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let call = calls[next++]; call; call = calls[next++]) {
      const status = await statusOf(hooked, call);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return counts;
}

describe.each(FRAMEWORKS)('ten thousand hostile calls to an app on %s', (framework) => {
  it('given forged and malformed, oversized and slow ones for each sender, when all have come, then none has caused a reading, and the app answers as before', async () => {
    const each = senders.map(async ([, verifier, genuine]) => {
      const hooked = await hookedApp({ framework, verify: verifier() });
      const slow = [1, 2, 3].map(() =>
        sendSlowly(hooked.origin, { ...genuine().headers, 'content-length': '90' }, '{'),
      );
      const calls = Array.from({ length: 1_960 }, (_, n) => forgeries[n % forgeries.length]!(genuine(), n));
      const large = Array.from({ length: 40 }, () => ({ ...genuine(), body: 'x'.repeat(140_000) }));
      expect(await statuses(hooked, [...calls, ...large])).toEqual({ 401: 1_960, 413: 40 });
      expect((await Promise.all(slow)).map(([status]) => status)).toEqual([408, 408, 408]);
      expect(hooked.readings()).toBe(0);
      hooked.recorded.memory.rotate('KEY', 'v2');
      expect(await statusOf(hooked, genuine())).toBe(204);
      if (verifier().kind !== 'event-grid') await until(() => hooked.client.get('KEY') === 'v2');
      await hooked.close();
      expect(hooked.logger.at('error', 'warn')).toEqual([]);
    });
    await Promise.all(each);
  }, 120_000);

  it('given a genuine call, when it is sent a thousand times again, then it is read for once where the sender gives time and id, and once a minute where not', async () => {
    for (const [, verifier, genuine] of senders.slice(0, 4)) {
      const hooked = await hookedApp({ framework, verify: verifier() });
      hooked.recorded.memory.rotate('KEY', 'v2'); // the reading sees it: no second one is for want of it
      const call = genuine();
      const again = Array.from({ length: 1_000 }, () => call);
      expect(await statuses(hooked, again)).toEqual({ 204: 1_000 });
      await until(() => hooked.client.get('KEY') === 'v2');
      expect(hooked.readings()).toBe(1);
      await hooked.close();
    }
  }, 60_000);
});
