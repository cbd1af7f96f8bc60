import { StatusFeed } from '../../../lib/core/status/status-feed.js';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretSourceUnavailableError } from '../../../lib/core/errors/index.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { memorySource } from '../../../lib/sources/memory/index.js';
import { FakeClock } from '../../support/fake-clock.js';

const REPLICA = { host: 'web-1', pid: 1, startedAt: new Date(0), version: '0', node: 'v20' };
const MANY = 5_000;

async function watched(count: number) {
  const source = memorySource(
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, `canary-${index}`])),
  );
  const clock = new FakeClock();
  const runtime = new SecretRuntime({ source, clock });
  await runtime.bootstrap([], 'all');
  return { source, clock, runtime, feed: new StatusFeed([runtime], REPLICA) };
}

describe('what changes of the status', () => {
  it('given a first look, when the next comes, then there is nothing to tell but the time', async () => {
    const { clock, feed, runtime } = await watched(3);
    const first = feed.look();
    clock.jump(1_000);
    const second = feed.look();
    await runtime.shutdown();
    expect(first.secrets).toHaveLength(3);
    expect(second).toEqual({ at: new Date(clock.wall()), verdict: second.verdict, secrets: [], gone: [] });
  });

  it('given a thousand rotations between two looks, when the second comes, then it tells of the secret once, with what is another', async () => {
    const { source, feed, runtime } = await watched(3);
    feed.look();
    for (let turn = 0; turn < 20; turn += 1) {
      source.rotate('S1', `canary-again-${turn}`);
      await runtime.updater.readAnew([runtime.secrets.obtain('S1')]);
    }
    const { secrets } = feed.look();
    await runtime.shutdown();
    expect(secrets).toEqual([expect.objectContaining({ id: 'default#2', version: '21' })]);
    expect(secrets[0]).not.toHaveProperty('name');
  });

  it('given a secret that was asked for and never came, when it is looked, then no last value is said to serve, and why it is not there', async () => {
    const { feed, runtime, source } = await watched(2);
    source.fail(new SecretSourceUnavailableError('it is away.'));
    await expect(new HcpVaultClient(runtime).fetch('NEW')).rejects.toThrow('it is away');
    feed.look();
    const { secrets, connections } = feed.report();
    await runtime.shutdown();
    expect(secrets.find(({ name }) => name === 'NEW')).toMatchObject({
      standing: 'unread',
      why: expect.stringMatching(/did not answer; there is no value to use/) as string,
    });
    expect(connections[0]!.headline).toBe('2 secrets are current, 1 not read yet.');
  });

  it('given nobody who watches any more, when somebody comes again, then he is told all', async () => {
    const { feed, runtime } = await watched(3);
    feed.look();
    feed.forget();
    const { secrets, connections } = feed.look();
    await runtime.shutdown();
    expect([secrets.length, connections?.length]).toEqual([3, 1]);
  });

  it('given 5,000 secrets of which one has changed, when it is looked, then that costs less than a hundredth of telling all', async () => {
    const { source, feed, runtime } = await watched(MANY);
    feed.look();
    const whole = JSON.stringify(feed.report()).length;
    source.rotate('S7', 'canary-other');
    await runtime.updater.readAnew([runtime.secrets.obtain('S7')]);
    const changes = JSON.stringify(feed.look()).length;
    const from = process.cpuUsage();
    for (let turn = 0; turn < 20; turn += 1) feed.look();
    const took = process.cpuUsage(from).user / 20_000;
    await runtime.shutdown();
    expect(changes * 100).toBeLessThan(whole);
    process.stdout.write(
      `a look at ${MANY} secrets of which none has changed: ${took.toFixed(2)} ms of CPU; all of it: ${(whole / 1e6).toFixed(1)} MB\n`,
    );
    expect(took).toBeLessThan(50);
  });

  it('given values, when all is told, then none of them is in it', async () => {
    const { feed, runtime } = await watched(3);
    feed.look();
    const text = JSON.stringify(feed.report());
    await runtime.shutdown();
    expect(text).not.toContain('canary');
  });
});
