import type { WebhookChanges, WebhookVerdict } from 'nestjs-hcp-vault';
import { SeenCalls } from '../../lib/core/webhook/seen-calls.js';
import { WebhookEndpoint } from '../../lib/core/webhook/webhook-endpoint.js';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';

const WEEK = 7 * 24 * 60 * MINUTE;

/** A connection that is read by nothing but announcements, and an endpoint that takes each call for what the test says. */
async function called() {
  const set = scripted({ cache: { maxAge: WEEK }, refresh: { jitter: 0 } });
  for (const name of ['A', 'B']) set.backend.set(name, { value: 'v1', version: '1' });
  await set.start('A', 'B');
  const from = set.backend.calls.length;
  const { runtime, clock } = set;
  let verdict: WebhookVerdict = { outcome: 'refused' };
  const verifier = { kind: 'scripted', verify: () => verdict };
  const listener = { connection: 'default', clock, announce: runtime.announce.bind(runtime) };
  const logger = { error() {}, warn() {}, log() {}, debug() {} };
  const endpoint = new WebhookEndpoint({ path: '/', verifier, listeners: [listener], logger });
  const body = Buffer.alloc(0);
  return {
    ...set,
    endpoint,
    async call(changes: WebhookChanges, more: object = {}) {
      verdict = { outcome: 'announced', changes, ...more };
      const at = clock.wall();
      const answer = await endpoint.answer({ method: 'POST', headers: {}, query: new URLSearchParams(), body, at });
      await settled();
      return answer.status;
    },
    /** What was read since the start. */
    readings: () => set.backend.calls.slice(from).map(({ names }) => [...names].sort().join()),
  };
}

const REPLAYABLE = { mayBeReplayed: true };

describe('calls that anybody may send again', () => {
  it('given one an instant, when ten minutes have passed, then there was at most one reading a minute', async () => {
    const { call, clock, readings } = await called();
    for (let second = 0; second < 600; second += 1) {
      for (let n = 0; n < 3; n += 1) expect(await call('all', REPLAYABLE)).toBe(204);
      await clock.advance(SECOND);
    }
    expect(readings().length).toBeLessThanOrEqual(11);
    expect(readings().length).toBeGreaterThanOrEqual(10);
  });

  it('given one call, when a change becomes visible after it, then it is found a minute later, and then it is over', async () => {
    const { call, clock, client, backend, readings } = await called();
    await call('all', REPLAYABLE);
    backend.set('A', { value: 'v2', version: '2' });
    await clock.advance(59 * SECOND);
    expect([client.get('A'), readings()]).toEqual(['v1', ['A,B']]);
    await clock.advance(SECOND);
    expect([client.get('A'), readings()]).toEqual(['v2', ['A,B', 'A,B']]);
    await clock.advance(10 * MINUTE);
    expect(readings()).toHaveLength(2);
  });

  it('given calls that name secrets, when they come within a minute, then the first is read at once, and the others at its end', async () => {
    const { call, clock, readings } = await called();
    await call(['A'], REPLAYABLE);
    await call(['B'], REPLAYABLE);
    await call([{ name: 'B', version: '2' }], REPLAYABLE);
    expect(readings()).toEqual(['A']);
    await clock.advance(MINUTE);
    expect(readings()).toEqual(['A', 'A,B']);
  });

  it('given versions that have been here, and names that nobody knows, when they are called for, then nothing is read', async () => {
    const { call, clock, readings } = await called();
    for (let n = 0; n < 5; n += 1) await call([{ name: 'A', version: '1' }, 'NOBODY'], REPLAYABLE);
    await clock.advance(10 * MINUTE);
    expect(readings()).toEqual([]);
  });

  it('given an endpoint that closes, when a reading is due, then there is none, no timer is left, and calls are put off', async () => {
    const { call, clock, endpoint, readings } = await called();
    await call('all', REPLAYABLE);
    endpoint.close();
    expect(await call('all', REPLAYABLE)).toBe(503);
    await clock.advance(5 * MINUTE);
    expect(readings()).toEqual(['A,B']);
  });
});

describe('calls that are known when they come again', () => {
  it('given one that comes again, when its time is not over, then nothing follows; another one is read', async () => {
    const { call, clock, readings, backend } = await called();
    backend.set('A', { value: 'v2', version: '2' });
    const once = (id: string) => ({ once: { id, until: clock.wall() + 5 * MINUTE } });
    for (let n = 0; n < 5; n += 1) expect(await call(['A'], once('m1'))).toBe(204);
    expect(readings()).toEqual(['A']);
    await clock.advance(MINUTE);
    backend.set('A', { value: 'v3', version: '3' });
    await call(['A'], once('m2'));
    expect(readings()).toEqual(['A', 'A']);
  });

  it('given more calls than are remembered, when another comes, then it is not remembered, and so may be a replay', () => {
    const seen = new SeenCalls(2);
    expect([seen.add('a', 10, 0), seen.add('b', 20, 0), seen.add('c', 30, 0)]).toEqual([true, true, false]);
    expect([seen.has('a', 9), seen.has('a', 10), seen.has('c', 0)]).toEqual([true, false, false]);
    expect(seen.add('c', 30, 15)).toBe(true);
    expect(seen.has('c', 15)).toBe(true);
  });
});
