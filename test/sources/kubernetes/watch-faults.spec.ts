import { describeWith } from '../../servers/available.js';
import { later, startedApp, until, withServer } from './support/cluster.js';
import type { Access } from './support/namespace.js';
import { Namespace, podOf, secretsRule, sourceOf } from './support/namespace.js';
import { KubernetesSecretsSource } from '../../../lib/sources/kubernetes/kubernetes.source.js';
import { ALICE } from '../../servers/kubernetes.server.js';
import type { WatchTimes } from '../../../lib/sources/kubernetes/watch/watch-times.js';
import type { KubernetesSecretsOptions } from '../../../lib/sources/kubernetes/index.js';

const QUICK: Partial<WatchTimes> = { backoff: { base: 100, factor: 2, max: 500 }, relist: 50, denied: 500, poll: 300 };

describeWith(['Kubernetes'], 'a watch of Secrets, whatever happens to it', () => {
  const cluster = withServer();

  /** An app that holds `db` and `mail`, and hears of changes. */
  async function listening(times: Partial<WatchTimes> = {}, access?: Access, options?: KubernetesSecretsOptions) {
    const namespace = await Namespace.make(cluster.server);
    await namespace.set('db', { password: 'canary-1' });
    await namespace.set('mail', { password: 'canary-1' });
    const source = sourceOf(namespace, options, access, { ...QUICK, ...times });
    // The regular refresh finds nothing in the time of a test.
    const app = await startedApp({ source, required: ['db', 'mail'] });
    const { client, channel } = app;
    const password = (name = 'db'): string => client.get<{ password: string }>(name).password;
    await until(() => channel() === 'live');
    const heard: unknown[] = [];
    client.rotations$.subscribe(({ name, current }) => heard.push([name, (current as { password: string }).password]));
    return { ...app, namespace, source, password, heard };
  }

  test('given the API server is killed, and Secrets change before the next one serves, when that is up, then nothing is lost, and status told it', async () => {
    const { namespace, channel, password, logger } = await listening();
    const { server } = cluster;
    await server.stopApi('SIGKILL');
    await until(() => channel() === 'lost');
    expect(password()).toBe('canary-1');
    await server.startApi();
    await namespace.patch('db', { password: 'canary-2' });
    await namespace.patch('mail', { password: 'canary-2' });
    await until(() => password() === 'canary-2' && password('mail') === 'canary-2');
    await until(() => channel() === 'live');
    expect(logger.text).toContain('Changes are found by the regular refresh meanwhile.');
    expect(logger.text).toContain('are heard again');
    expect(logger.text).not.toContain('canary');
  }, 60_000);

  test('given the API server restarts and etcd is compacted, so that no version from before is known (410), when Secrets changed, came and went meanwhile, then all of it is told', async () => {
    const { namespace, channel, password, client } = await listening({ backoff: { base: 10_000, factor: 1, max: 10_000, least: 10_000 } }); // prettier-ignore
    const { server } = cluster;
    await server.stopApi('SIGKILL'); // it comes back late, when all has been done
    await server.startApi();
    await namespace.patch('db', { password: 'canary-2' });
    await namespace.remove('mail');
    await server.compact();
    await server.stopApi('SIGKILL');
    await server.startApi();
    await until(() => password() === 'canary-2');
    await until(() => client.status().find(({ name }) => name === 'mail')?.lastError?.code === 'SECRET_NOT_FOUND');
    expect(password('mail')).toBe('canary-1');
    await namespace.set('mail', { password: 'canary-3' });
    await until(() => password('mail') === 'canary-3');
    await until(() => channel() === 'live');
  }, 90_000);

  test('given etcd is compacted while the watch is cut by its own end, when it goes on, then nothing is lost and nobody is told that it was', async () => {
    const { namespace, password, logger, heard } = await listening({ life: 1_000 });
    for (let n = 2; n <= 9; n += 1) {
      await namespace.patch('db', { password: `canary-${n}` });
      await cluster.server.compact();
      await until(() => password() === `canary-${n}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(heard).toHaveLength(8);
    expect(logger.at('warn', 'error')).toEqual([]);
  }, 60_000);

  test('given an API server that hangs, when nothing is heard for too long, then the channel is lost, and what changed meanwhile is told when it goes on', async () => {
    const { namespace, channel, password } = await listening({ silence: 1_500 });
    const { apiPid } = cluster.server;
    process.kill(apiPid, 'SIGSTOP');
    later(() => process.kill(apiPid, 'SIGCONT'));
    await until(() => channel() === 'lost');
    process.kill(apiPid, 'SIGCONT');
    await namespace.patch('db', { password: 'canary-2' });
    await until(() => password() === 'canary-2');
    await until(() => channel() === 'live');
  }, 90_000);

  test('given a pod whose token is refused, when another one is written to its file, then the watch goes on with it, and nothing is lost', async () => {
    const { server } = cluster;
    const namespace = await Namespace.make(server);
    await namespace.set('db', { password: 'canary-1' });
    const token = await namespace.serviceAccount('app');
    await namespace.grant({ serviceAccount: 'app' }, [secretsRule(['get', 'list', 'watch'])]);
    const { podFolder, environment, rewrite } = podOf(namespace, token);
    const times = { ...QUICK, life: 1_000 }; // the server looks at a token when a watch begins
    const source = new KubernetesSecretsSource({}, { podFolder, environment, times });
    const { client, channel, logger } = await startedApp({ source, required: ['db'] });
    await until(() => channel() === 'live');
    await namespace.removeServiceAccount('app'); // and with it its tokens, within some seconds
    await until(() => channel() === 'lost');
    expect(client.status()[0]!.lastError).toBeUndefined();
    await namespace.patch('db', { password: 'canary-2' });
    rewrite(`${await namespace.serviceAccount('app')}\n`);
    await until(() => client.get<{ password: string }>('db').password === 'canary-2');
    await until(() => channel() === 'live');
    expect(logger.text).not.toContain(token);
    expect(logger.text).toMatch(/HTTP 401/);
  }, 90_000);

  test('given the rights are taken away, when they are given back, then what changed meanwhile is told, and status told it', async () => {
    const { server } = cluster;
    const namespace = await Namespace.make(server);
    await namespace.set('db', { password: 'canary-1' });
    await namespace.grant('alice', [secretsRule(['get', 'list', 'watch'])]);
    const source = sourceOf(namespace, {}, { token: ALICE }, { ...QUICK, life: 1_000 });
    const { client, channel, logger } = await startedApp({ source, required: ['db'] });
    const password = () => client.get<{ password: string }>('db').password;
    await until(() => channel() === 'live');
    await namespace.revoke('alice');
    await until(() => channel() === 'lost');
    await namespace.patch('db', { password: 'canary-2' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(password()).toBe('canary-1');
    const { failed } = await client.refresh('db');
    expect(failed).toMatchObject([{ name: 'db', error: { code: 'SECRET_ACCESS_DENIED' } }]);
    await namespace.grant('alice', [secretsRule(['get', 'list', 'watch'])]);
    await until(() => password() === 'canary-2');
    await until(() => channel() === 'live');
    expect(logger.text).not.toContain('canary');
  }, 60_000);
});
