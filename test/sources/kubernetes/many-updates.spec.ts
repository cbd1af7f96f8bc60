import { describeWith } from '../../servers/available.js';
import { startGate } from '../../contract/support/gate.js';
import { later, startedApp, until, withServer } from './support/cluster.js';
import { Namespace, sourceOf } from './support/namespace.js';

const SECRETS = 100;
const ROUNDS = 10;
const name = (index: number): string => `s-${index}`;
const pause = (delay: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delay));

describeWith(['Kubernetes'], 'many updates at a Kubernetes API server', () => {
  const cluster = withServer();

  test('given an app that serves requests, when each of 100 Secrets is written 10 times, a second apart, then all 1,000 are seen by its last reader, in order, and none is read by a request', async () => {
    const { server } = cluster;
    const namespace = await Namespace.make(server);
    const all = Array.from({ length: SECRETS }, (_, index) => index);
    await Promise.all(all.map((index) => namespace.set(name(index), { round: '0' })));
    const gate = await startGate(server.url, { down: NONE, throttled: NONE, ca: server.ca });
    const source = sourceOf(namespace, {}, { server: gate.url });
    later(() => gate.stop());
    const { client, channel } = await startedApp({ source, required: all.map(name) });
    await until(() => channel() === 'live');
    const seen = new Map<string, string[]>();
    client.rotations$.subscribe(({ name: of, current }) => {
      seen.set(of, [...(seen.get(of) ?? []), (current as { round: string }).round]);
    });
    const before = gate.requests();
    const write = async (index: number): Promise<void> => {
      await pause((index * 1_000) / SECRETS);
      for (let round = 1; round <= ROUNDS; round += 1) {
        await namespace.patch(name(index), { round: String(round) });
        await pause(1_250); // a second apart, where the machine is busy with other things
      }
    };
    await Promise.all(all.map(write));
    await until(() => [...seen.values()].flat().length >= SECRETS * ROUNDS);
    const rounds = Array.from({ length: ROUNDS }, (_, index) => String(index + 1));
    for (const index of all) expect([name(index), seen.get(name(index))]).toEqual([name(index), rounds]);
    expect(gate.requests() - before).toBe(0);
  }, 60_000);

  test('given updates faster than once a second, when they stop, then the newest is there', async () => {
    const namespace = await Namespace.make(cluster.server);
    await namespace.set('db', { n: '0' });
    const source = sourceOf(namespace);
    const { client, channel } = await startedApp({ source, required: ['db'] });
    await until(() => channel() === 'live');
    for (let n = 1; n <= 100; n += 1) await namespace.patch('db', { n: String(n) });
    await until(() => client.get<{ n: string }>('db').n === '100');
  }, 30_000);
});

const NONE = { status: 500, body: {} };
