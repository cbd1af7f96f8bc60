import type { KubernetesSecretsOptions } from '../../../lib/sources/kubernetes/index.js';
import { describeWith } from '../../servers/available.js';
import { later, startedApp, until, withServer } from './support/cluster.js';
import { Namespace, sourceOf } from './support/namespace.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const context = (cas?: string) => ({ signal: new AbortController().signal, cas });

describeWith(['Kubernetes'], 'kubernetesSecrets, writing', () => {
  const cluster = withServer();

  async function given(options: KubernetesSecretsOptions = {}) {
    const namespace = await Namespace.make(cluster.server);
    const source = sourceOf(namespace, options);
    later(() => source.close());
    return { namespace, source };
  }

  test('given a Secret with a type, labels and bytes, when an object is written, then its fields are the keys, and the rest stays', async () => {
    const { namespace, source } = await given();
    const more = { metadata: { name: 'db', labels: { app: 'shop' } }, type: 'kubernetes.io/basic-auth' };
    await namespace.set('db', { username: 'me', password: 'old', gone: 'x', bytes: Uint8Array.of(0xff, 0) }, more);
    await source.write('db', { username: 'me', password: 'new', port: 5432, tags: ['a'], nothing: null, bytes: '/wA=' }, context()); // prettier-ignore
    const written = await namespace.get('db');
    expect(written.data).toEqual({ username: base64('me'), password: base64('new'), port: base64('5432'), tags: base64('["a"]'), bytes: '/wA=' }); // prettier-ignore
    expect(written).toMatchObject({ type: 'kubernetes.io/basic-auth', metadata: { labels: { app: 'shop' } } });
  });

  test('given a watch, when the app updates, then the new value is there at once, though the watch tells older ones yet', async () => {
    const { namespace, source } = await given();
    await namespace.set('db', { n: '0' });
    const { client, channel } = await startedApp({ source, required: ['db'] });
    await until(() => channel() === 'live');
    const seen: string[] = [];
    client.rotations$.subscribe(({ current }) => seen.push((current as { n: string }).n));
    for (let n = 1; n <= 20; n += 1) {
      await client.update('db', { n: String(n) });
      expect(client.get('db')).toEqual({ n: String(n) });
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
  });

  test('given others who write at the same time, when keys of a document are written, then none is lost', async () => {
    const { namespace, source } = await given({ document: 'app' });
    await namespace.set('app', { START: '1' });
    const keys = Array.from({ length: 20 }, (_, index) => `KEY_${index}`);
    await Promise.all(keys.map((key, index) => (index % 2 ? source.write(key, key, context()) : namespace.patch('app', { [key]: key })))); // prettier-ignore
    expect(Object.keys((await namespace.get('app')).data!).sort()).toEqual([...keys, 'START'].sort());
  });

  test('given others who write at the same time, when whole Secrets are written, then each is one that was written, and nobody fails', async () => {
    const { namespace, source } = await given();
    await namespace.set('db', { n: '0' });
    await Promise.all([1, 2, 3].map((n) => source.write('db', { n: String(n), twin: String(n) }, context())));
    const { data } = await namespace.get('db');
    expect(data!['n']).toBe(data!['twin']);
  });

  test('given `cas`, when it is the current version it is written, else nothing is, with 0 for none', async () => {
    for (const document of [undefined, 'app']) {
      const { namespace, source } = await given({ document });
      const [name, value, other] = document ? ['KEY', 'new', 'other'] : ['app', { KEY: 'new' }, { KEY: 'other' }];
      await expect(source.write(name, value, context('1'))).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' }); // prettier-ignore
      await source.write(name, value, context('0'));
      await expect(source.write(name, value, context('0'))).rejects.toThrow(/nothing was written|is not the current one|has written it/); // prettier-ignore
      const { metadata } = await namespace.get('app');
      await source.write(name, other, context(metadata.resourceVersion));
      await expect(source.write(name, value, context(metadata.resourceVersion))).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' }); // prettier-ignore
      expect((await namespace.get('app')).data).toEqual({ KEY: base64('other') });
    }
  });

  test('given a missing Secret, when written, then it is refused, or created where that is asked for', async () => {
    for (const document of [undefined, 'app']) {
      const value = document ? 'x' : { KEY: 'x' };
      const refusing = await given({ document });
      await expect(refusing.source.write(document ? 'KEY' : 'app', value, context())).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' }); // prettier-ignore
      await refusing.source.write(document ? 'KEY' : 'app', value, { ...context(), create: true });
      expect((await refusing.namespace.get('app')).data).toEqual({ KEY: base64('x') });
      const creating = await given({ document, createIfMissing: true });
      await creating.source.write(document ? 'KEY' : 'app', value, context());
      expect((await creating.namespace.get('app')).data).toEqual({ KEY: base64('x') });
    }
  });

  test('given an immutable Secret, and what is none of its type, when written, then it is refused as what it is', async () => {
    const { namespace, source } = await given();
    await namespace.set('fixed', { a: 'canary-a' }, { immutable: true });
    await namespace.set('docker', { '.dockerconfigjson': '{}' }, { type: 'kubernetes.io/dockerconfigjson' });
    await expect(source.write('fixed', { a: 'canary-b' }, context())).rejects.toMatchObject({ code: 'SECRET_SOURCE_READ_ONLY' }); // prettier-ignore
    const document = sourceOf(namespace, { document: 'fixed' });
    later(() => document.close());
    await expect(document.write('a', 'canary-b', context())).rejects.toMatchObject({ code: 'SECRET_SOURCE_READ_ONLY' });
    const failure = source.write('docker', { '.dockerconfigjson': 'canary-none' }, context());
    await expect(failure).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    await expect(failure).rejects.not.toThrow(/canary/);
    await expect(source.write('docker', 'text', context())).rejects.toThrow(/a Secret is an object of keys/);
    await expect(source.write('docker', { 'no key': 'x' }, context())).rejects.toThrow(/is not a key of a Secret/);
  });
});
