import { inspect } from 'node:util';
import { isSecretError } from 'nestjs-hcp-vault';
import type { SecretSource } from 'nestjs-hcp-vault';
import { kubernetesSecrets } from 'nestjs-hcp-vault/kubernetes';
import { recordingListener } from '../../contract/support/changes.js';
import { startGate } from '../../contract/support/gate.js';
import { describeWith } from '../../servers/available.js';
import { ADMIN } from '../../servers/kubernetes.server.js';
import { later, startedApp, until, withServer } from './support/cluster.js';
import { kubeconfigOf, Namespace, sourceOf } from './support/namespace.js';

const context = () => ({ signal: new AbortController().signal });
const BINARY = Uint8Array.of(0xff, 0, 0xfe, 10);
const NONE = { status: 500, body: {} };

async function valueOf(source: SecretSource, name: string): Promise<unknown> {
  const found = (await source.read([name], context())).get(name);
  if (isSecretError(found)) throw found;
  return found?.value;
}

describeWith(['Kubernetes'], 'kubernetesSecrets, reading', () => {
  const cluster = withServer();

  test('given text, bytes, an empty key and no keys at all, when read, then a Secret is an object, whose bytes are Base64', async () => {
    const namespace = await Namespace.make(cluster.server);
    await namespace.set('all', { text: 'пароль', bytes: BINARY, empty: '', 'tls.crt': '-----BEGIN' });
    await namespace.set('none', {});
    await namespace.set('fixed', { a: '1' }, { immutable: true });
    const source = sourceOf(namespace);
    later(() => source.close());
    expect(await valueOf(source, 'all')).toEqual({ text: 'пароль', bytes: '/wD+Cg==', empty: '', 'tls.crt': '-----BEGIN' }); // prettier-ignore
    expect(await valueOf(source, 'none')).toEqual({});
    expect(await valueOf(source, 'fixed')).toEqual({ a: '1' });
    expect(await valueOf(source, 'missing')).toBeUndefined();
  });

  test('given a document, when its keys are read, then they are text, or bytes; with json what holds an object is one', async () => {
    const namespace = await Namespace.make(cluster.server);
    await namespace.set('app', { TEXT: 'x', BYTES: BINARY, JSON: '{"a":1}', BIG: '{"n":12345678901234567890}' });
    const [plain, parsed] = [sourceOf(namespace, { document: 'app' }), sourceOf(namespace, { document: 'app', json: true })]; // prettier-ignore
    later(() => Promise.all([plain.close(), parsed.close()]));
    expect(await valueOf(plain, 'TEXT')).toBe('x');
    expect(await valueOf(plain, 'BYTES')).toEqual(BINARY);
    expect(await valueOf(plain, 'JSON')).toBe('{"a":1}');
    expect(await valueOf(parsed, 'JSON')).toEqual({ a: 1 });
    expect(await valueOf(parsed, 'BIG')).toBe('{"n":12345678901234567890}');
    expect(await plain.list('B', context())).toEqual(['BIG', 'BYTES']);
    expect(plain.describe('TEXT')).toMatchObject([{ name: 'app, key "TEXT"', at: `${cluster.server.url}, namespace "${namespace.name}"` }]); // prettier-ignore
  });

  test('given a document that is missing, when read, then that is a failure of all, unless it may be absent', async () => {
    const namespace = await Namespace.make(cluster.server);
    const needed = sourceOf(namespace, { document: 'app' });
    const optional = sourceOf(namespace, { document: 'app', optional: true });
    later(() => Promise.all([needed.close(), optional.close()]));
    await expect(needed.read(['KEY'], context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    await expect(needed.readAll(context())).rejects.toThrow(/the Secret "app" is not there/);
    expect((await optional.read(['KEY'], context())).size).toBe(0);
    expect(await optional.exists('KEY', context())).toBe(false);
  });

  test('given more Secrets than a page has, when all are read and listed, then each is there once', async () => {
    const namespace = await Namespace.make(cluster.server);
    const names = Array.from({ length: 230 }, (_, index) => `s-${index}`);
    await Promise.all(names.map((name) => namespace.set(name, { name })));
    const source = sourceOf(namespace);
    later(() => source.close());
    const all = await source.readAll(context());
    expect([...all.keys()].sort()).toEqual([...names].sort());
    expect([...(await source.list('s-22', context()))].sort()).toEqual(['s-22', ...names.slice(220, 230)].sort());
    expect(await source.exists('s-229', context())).toBe(true);
  });

  test('given a label selector, when a Secret loses its label and gets it back, then it is gone, and there again, though it existed all the time', async () => {
    const namespace = await Namespace.make(cluster.server);
    const labelled = { metadata: { name: 'db', labels: { app: 'shop' } } };
    await namespace.set('db', { n: '1' }, labelled);
    await namespace.set('other', { n: 'canary-other' });
    const { client, channel } = await startedApp({ source: sourceOf(namespace, { labelSelector: 'app=shop' }), required: ['db'] }); // prettier-ignore
    await until(() => channel() === 'live');
    expect(await client.list()).toEqual(['db']);
    await expect(client.fetch('other')).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    await namespace.merge('db', { metadata: { labels: { app: null } } });
    await until(() => client.status()[0]!.lastError?.code === 'SECRET_NOT_FOUND');
    expect(client.get('db')).toEqual({ n: '1' });
    await namespace.patch('db', { n: '2' }); // nobody is told of it
    await namespace.merge('db', { metadata: { labels: { app: 'shop' } } });
    await until(() => client.get<{ n: string }>('db').n === '2');
    expect(client.status()[0]!.lastError).toBeUndefined();
  }, 30_000);

  test('given a watch, when secrets are read, listed and looked for, then the watch answers, and no request is sent', async () => {
    const { server } = cluster;
    const namespace = await Namespace.make(server);
    for (const name of ['a', 'b', 'c']) await namespace.set(name, { name });
    const gate = await startGate(server.url, { down: NONE, throttled: NONE, ca: server.ca });
    later(() => gate.stop());
    const source = sourceOf(namespace, {}, { server: gate.url });
    later(() => source.close());
    const watching = source.watch(recordingListener().listener);
    expect([...(await source.read(['a', 'b', 'missing'], context())).keys()]).toEqual(['a', 'b']);
    const end = await watching;
    expect(gate.requests()).toBe(2); // the list and the watch: the start needs no readings
    const before = gate.requests();
    expect([...(await source.read(['a', 'b', 'missing'], context())).keys()]).toEqual(['a', 'b']);
    expect([...(await source.list('', context()))].sort()).toEqual(['a', 'b', 'c']);
    expect(await source.exists('c', context())).toBe(true);
    expect(await source.exists('d', context())).toBe(false);
    expect(gate.requests()).toBe(before);
    await source.read(['c'], context()); // its values were not kept
    expect(gate.requests()).toBe(before + 1);
    await source.read(['c'], context());
    expect(gate.requests()).toBe(before + 1);
    end();
    await source.read(['a'], context());
    expect(gate.requests()).toBe(before + 2);
  });

  test('given labels and annotations that change, when told, then that is not a rotation', async () => {
    const namespace = await Namespace.make(cluster.server);
    await namespace.set('db', { n: '1' });
    const { client, channel } = await startedApp({ source: sourceOf(namespace), required: ['db'] });
    await until(() => channel() === 'live');
    const rotated: unknown[] = [];
    client.rotations$.subscribe((event) => rotated.push(event));
    const version = await namespace.merge('db', { metadata: { annotations: { note: 'canary-note' } } });
    await until(() => client.status()[0]!.version === version);
    expect(rotated).toEqual([]);
  });

  test('given names that no Secret has, when read, then they are refused as what they are, and nothing is sent', async () => {
    const namespace = await Namespace.make(cluster.server);
    const source = sourceOf(namespace);
    later(() => source.close());
    const answer = await source.read(['DB_PASSWORD', '../secrets', 'a'.repeat(300)], context());
    expect(answer.get('DB_PASSWORD')).toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(String((answer.get('DB_PASSWORD') as Error).message)).toContain('with `document`');
    expect(answer.get('../secrets')).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(answer.size).toBe(3);
  });

  test('given announcements of others, when led to names, then a Secret, or the keys of the document', async () => {
    const namespace = await Namespace.make(cluster.server);
    await namespace.set('app', { A: '1', B: '2' });
    const [whole, document] = [sourceOf(namespace), sourceOf(namespace, { document: 'app' })];
    later(() => Promise.all([whole.close(), document.close()]));
    await document.readAll(context());
    expect(whole.namesOf('db')).toEqual(['db']);
    expect(whole.namesOf(`${namespace.name}/db`)).toEqual(['db']);
    expect(whole.namesOf('elsewhere/db')).toEqual([]);
    expect(document.namesOf('app')).toEqual(['A', 'B', 'app']);
    expect(document.namesOf(`${namespace.name}/app`)).toEqual(['A', 'B']);
    expect(document.namesOf('A')).toEqual(['A']);
  });

  test('given a source, its parts and its errors, when printed, then no value and no token shows', async () => {
    const namespace = await Namespace.make(cluster.server);
    await namespace.set('db', { password: 'canary-value' });
    const source = kubernetesSecrets({ namespace: namespace.name, kubeconfig: kubeconfigOf(namespace) });
    later(() => source.close());
    const end = await source.watch(recordingListener().listener);
    later(end);
    const answer = await source.read(['db'], context());
    const shown = [inspect(source, { depth: 20, showHidden: true }), JSON.stringify(source), String(source), inspect(answer, { depth: 20 })]; // prettier-ignore
    expect(shown.join()).not.toMatch(new RegExp(`canary|${ADMIN}|${Buffer.from('canary-value').toString('base64')}`));
  });
});
