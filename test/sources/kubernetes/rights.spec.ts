import { describeWith } from '../../servers/available.js';
import { ALICE } from '../../servers/kubernetes.server.js';
import { startGate } from '../../contract/support/gate.js';
import { later, startedApp, until, withServer } from './support/cluster.js';
import { Namespace, secretsRule, sourceOf } from './support/namespace.js';
import type { KubernetesSecretsOptions } from '../../../lib/sources/kubernetes/index.js';

const NONE = { status: 500, body: {} };
const TIMES = { denied: 400, poll: 200, life: 1_000 };

describeWith(['Kubernetes'], 'kubernetesSecrets with the least rights', () => {
  const cluster = withServer();

  async function asAlice(rules: readonly object[], options: KubernetesSecretsOptions = {}) {
    const { server } = cluster;
    const namespace = await Namespace.make(server);
    for (const name of ['db', 'mail', 'other']) await namespace.set(name, { KEY: `${name}-1` });
    await namespace.grant('alice', rules);
    const gate = await startGate(server.url, { down: NONE, throttled: NONE, ca: server.ca });
    later(() => gate.stop());
    const source = sourceOf(namespace, options, { token: ALICE, server: gate.url }, TIMES);
    return { namespace, source, gate };
  }

  test('given a role that names two Secrets, when they change, then each is told by a watch of its own, without a request; others are denied, which may mean that they are missing', async () => {
    const { namespace, source, gate } = await asAlice([secretsRule(['get', 'list', 'watch'], ['db', 'mail'])]);
    const { client, channel, logger } = await startedApp({ source, required: ['db', 'mail'] });
    await until(() => channel() === 'live');
    await until(() => gate.requests() >= 2 + 2 + 2 * 2); // list and watch of all, two readings, list and watch of each
    await new Promise((resolve) => setTimeout(resolve, 200));
    const changed = Promise.all([namespace.patch('db', { KEY: 'db-2' }), namespace.patch('mail', { KEY: 'mail-2' })]);
    await changed;
    await until(() => client.get<{ KEY: string }>('db').KEY === 'db-2' && client.get<{ KEY: string }>('mail').KEY === 'mail-2'); // prettier-ignore
    expect(logger.at('warn', 'error')).toEqual([]);
    for (const name of ['other', 'missing']) {
      const error = await client.fetch(name).then(() => undefined, (failure: unknown) => failure as Error); // prettier-ignore
      expect(error).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
      expect(error!.message).toContain('may also mean that there is none of this name');
      expect(error!.message).toContain('HTTP 403 (Forbidden)');
    }
  }, 60_000);

  test('given a Secret that is named by a role and is not there yet, when it is created, then that is told', async () => {
    const { namespace, source } = await asAlice([secretsRule(['get', 'list', 'watch'], ['late'])]);
    const { client, channel } = await startedApp({ source, preload: 'none' });
    await expect(client.fetch('late')).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    const ref = client.ref<{ KEY: string }>('late');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await namespace.set('late', { KEY: 'now' });
    await until(async () => (await client.fetch<{ KEY: string }>('late').catch(() => undefined))?.KEY === 'now', 200);
    expect(ref.value.KEY).toBe('now');
    expect(channel()).toBe('live');
  }, 60_000);

  test('given the right to get alone, when a Secret changes, then it is found by reading, which is said once; when the right to watch comes, then it is told', async () => {
    const { namespace, source } = await asAlice([secretsRule(['get'])]);
    const { client, channel, logger } = await startedApp({ source, required: ['db', 'mail'] });
    await until(() => channel() === 'lost');
    await namespace.patch('db', { KEY: 'db-2' });
    await until(() => client.get<{ KEY: string }>('db').KEY === 'db-2');
    await until(() => logger.text.includes('watching is denied for what may be read'));
    expect(logger.text.split('watching is denied for what may be read')).toHaveLength(2);
    await namespace.grant('alice', [secretsRule(['get', 'list', 'watch'])]);
    await until(() => channel() === 'live');
    await namespace.patch('mail', { KEY: 'mail-2' });
    await until(() => client.get<{ KEY: string }>('mail').KEY === 'mail-2');
  }, 60_000);

  test('given a document, when a role names it, then its keys are told of by one watch', async () => {
    const { namespace, source } = await asAlice([secretsRule(['get', 'list', 'watch'], ['db'])], { document: 'db' });
    const { client, channel } = await startedApp({ source, preload: 'all' });
    await until(() => channel() === 'live');
    expect(await client.fetchSecrets()).toEqual({ KEY: 'db-1' });
    await namespace.patch('db', { KEY: 'db-2' });
    await until(() => client.get('KEY') === 'db-2');
  }, 60_000);

  test('given no rights at all, when an app starts, then it fails, and tells which right is missing', async () => {
    const { source } = await asAlice([]);
    const failure = startedApp({ source, required: ['db'] });
    await expect(failure).rejects.toThrow(/Allow "get" on secrets in a Role of the namespace/);
  }, 60_000);
});
