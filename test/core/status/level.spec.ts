import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { connectionHealth } from '../../../lib/core/health/connection-health.js';
import type { ResourceLife } from '../../../lib/core/rotation/resource-life.js';
import { StatusFeed } from '../../../lib/core/status/status-feed.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import { FakeClock, settled } from '../../support/fake-clock.js';

const REPLICA = { host: 'web-1', pid: 1, startedAt: new Date(0), version: '0', node: 'v20' };
const SECOND = 1_000;

interface Connection {
  readonly source: ReturnType<typeof memorySource>;
  readonly runtime: SecretRuntime;
  readonly clock: FakeClock;
}

async function opened(): Promise<Connection> {
  const source = memorySource({ NEEDED: 'canary-1', HELD: 'canary-2' });
  const clock = new FakeClock();
  const runtime = new SecretRuntime({
    source,
    clock,
    required: ['NEEDED'],
    perSecret: { HELD: { maxStale: 0, maxAge: '1s' } },
    cache: { maxAge: '10s', maxStale: '10s' },
    refresh: { enabled: false },
  });
  await runtime.bootstrap([], 'decorated');
  await runtime.updater.bringOne(runtime.pin('HELD'));
  runtime.start();
  return { source, runtime, clock };
}

async function outage({ source, runtime, clock }: Connection, seconds: number): Promise<void> {
  source.fail(new Error('canary-of-the-outage'));
  await runtime.updater.readAnew([...runtime.secrets]);
  await clock.advance(seconds * SECOND);
  await settled();
}

/** A resource that is made from NEEDED. */
function resource({ runtime }: Connection): ResourceLife {
  const { live } = runtime.pin('NEEDED');
  const life = runtime.resources.begin('POOL', live);
  const { revision, version } = live.current!;
  life.building({ revision, version });
  life.serving({ revision, version });
  return life;
}

describe('the level of the page', () => {
  it.each<[string, (connection: Connection) => unknown, string, string]>([
    ['all well', () => undefined, 'ok', 'All 2 secrets are current.'],
    [
      'an outage',
      (at) => outage(at, 0),
      'degraded',
      'Of 2 secrets, 2 could not be read last; their last values serve.',
    ],
    [
      'the end of what is held, and not required',
      (at) => outage(at, 5),
      'degraded',
      'Of 2 secrets, 1 has ended and is not served and 1 could not be read last; its last value serves.',
    ],
    ['the end of what is required', (at) => outage(at, 60), 'down', 'Of 2 secrets, 2 have ended and are not served.'],
    [
      'a resource that could not be rebuilt',
      (at) => void resource(at).failed(new Error('canary-of-the-driver')),
      'degraded',
      'All 2 secrets are current; 1 resource could not be rebuilt.',
    ],
    [
      'a resource whose credentials have ended, and that could not be made from others',
      async (at) => {
        const life = resource(at);
        at.source.rotate('NEEDED', 'canary-3');
        await at.runtime.updater.readAnew([at.runtime.pin('NEEDED')]);
        at.runtime.pin('NEEDED').live.previousEndsAt = at.clock.now();
        life.failed(new Error('canary-of-the-driver'));
      },
      'down',
      'All 2 secrets are current; 1 resource is not there.',
    ],
  ])('given %s, when it is looked, then it is that of health, in words', async (_, make, level, headline) => {
    const connection = await opened();
    await make(connection);
    const feed = new StatusFeed([connection.runtime], REPLICA);
    const { verdict } = feed.look();
    const health = connectionHealth(connection.runtime, 0);
    await connection.runtime.shutdown();
    expect([verdict.level, verdict.headline]).toEqual([level, headline]);
    expect(health.level).toBe(level === 'ok' ? 'up' : level);
    expect(JSON.stringify([verdict, health])).not.toContain('canary');
  });
});
