import { describeWith } from '../../servers/available.js';
import { ALICE } from '../../servers/kubernetes.server.js';
import { startedApp, until, withServer } from './support/cluster.js';
import { Namespace, secretsRule, sourceOf } from './support/namespace.js';

const SECRETS = 100;
const name = (index: number): string => `s-${index}`;
const sockets = () => process.getActiveResourcesInfo().filter((kind) => /TLSWrap|TCPSocketWrap/.test(kind)).length;

describeWith(['Kubernetes'], 'many Secrets that are each watched by itself', () => {
  const cluster = withServer();

  test('given a role that names them, when the API server is restarted, then all are heard again, it is told once, and closing leaves nothing', async () => {
    const { server } = cluster;
    const namespace = await Namespace.make(server);
    const all = Array.from({ length: SECRETS }, (_, index) => index);
    for (let from = 0; from < SECRETS; from += 50)
      await Promise.all(all.slice(from, from + 50).map((index) => namespace.set(name(index), { n: '0' })));
    await namespace.grant('alice', [secretsRule(['get', 'list', 'watch'], all.map(name))]);
    const before = sockets();
    const source = sourceOf(namespace, {}, { token: ALICE });
    const refresh = { jitter: 0, enabled: false };
    const { module, client, channel, logger } = await startedApp({ source, required: all.map(name), refresh });
    await until(() => channel() === 'live' && sockets() - before >= SECRETS);
    const seen = new Set<string>();
    client.rotations$.subscribe(({ name: of }) => void seen.add(of));
    await server.stopApi('SIGKILL');
    await server.startApi();
    const startedAt = Date.now();
    await Promise.all(all.map((index) => namespace.patch(name(index), { n: '1' })));
    await until(() => seen.size === SECRETS && channel() === 'live');
    // What is denied by a server that has just begun to start is asked for again at once; else it would take two minutes.
    expect(Date.now() - startedAt).toBeLessThan(60_000);
    expect(sockets() - before).toBeLessThan(SECRETS + 64);
    const lines = logger.at('log', 'warn', 'error').filter((line) => /heard|watching|denied/.test(line));
    expect(lines.length).toBeLessThanOrEqual(2);
    await module.close();
    await until(() => sockets() - before < 5);
  }, 240_000);
});
