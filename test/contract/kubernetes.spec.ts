import type { SecretValue } from '../../lib/core/secret/secret-value.js';
import type { SecretSource } from '../../lib/core/source/secret-source.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { describeWith } from '../servers/available.js';
import { ADMIN, KubernetesServer } from '../servers/kubernetes.server.js';
import { Namespace, sourceOf } from '../sources/kubernetes/support/namespace.js';
import { startGate } from './support/gate.js';
import { removeFolders } from './support/temporary-folder.js';
import { textInObjects } from './support/text-in-objects.js';

const refused = (code: number, reason: string) => ({ status: code, body: { kind: 'Status', code, reason } });

/** The suite's names have capitals and underscores, which names of Secrets have not. */
const lower = (name: string): string => name.toLowerCase().replaceAll('_', '-');
const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');

function withCapitals(source: SecretSource): SecretSource {
  const hidden = Object.create(source) as SecretSource;
  const named = <T>(answers: ReadonlyMap<string, T>) => new Map([...answers].map(([name, one]) => [upper(name), one]));
  return Object.assign(hidden, {
    kind: source.kind,
    read: async (names: readonly string[], context: Parameters<SecretSource['read']>[1]) => {
      // What others ask in other spellings is theirs.
      const asked = new Map(names.map((name) => [lower(name), name]));
      const answers = await source.read([...asked.keys()], context);
      return new Map([...answers].map(([name, one]) => [asked.get(name)!, one]));
    },
    readAll: async (context: Parameters<SecretSource['read']>[1]) => named(await source.readAll!(context)),
    list: async (prefix: string | undefined, context: Parameters<SecretSource['read']>[1]) =>
      (await source.list!(prefix && lower(prefix), context)).map(upper),
    exists: (name: string, context: Parameters<SecretSource['read']>[1]) => source.exists!(lower(name), context),
    write: (name: string, value: SecretValue, context: Parameters<SecretSource['read']>[1]) =>
      source.write!(lower(name), value, context),
    watch: (onChange: Parameters<NonNullable<SecretSource['watch']>>[0]) =>
      source.watch!(
        Object.assign(
          (changes?: Parameters<typeof onChange>[0]) =>
            onChange(changes?.map((one) => (typeof one === 'string' ? upper(one) : { ...one, name: upper(one.name) }))),
          { lost: onChange.lost, resumed: onChange.resumed },
        ),
      ),
    close: () => source.close!(),
    toJSON: () => String(source),
    toString: () => String(source),
  });
}

describeWith(['Kubernetes'], 'Kubernetes', () => {
  let server: KubernetesServer;

  beforeAll(async () => void (server = await KubernetesServer.start()), 120_000);
  afterAll(async () => {
    await server?.destroy();
    removeFolders();
  });

  async function gated(namespace: Namespace, document?: string) {
    const down = refused(503, 'ServiceUnavailable');
    const gate = await startGate(server.url, { down, throttled: refused(429, 'TooManyRequests'), ca: server.ca });
    return {
      source: sourceOf(namespace, { document }, { server: gate.url }),
      credentials: [ADMIN],
      fail: gate.fail,
      recover: gate.recover,
      requests: gate.requests,
      throttle: gate.throttle,
      dispose: gate.stop,
    };
  }

  describeSecretSource(
    'kubernetes (Secrets)',
    async (values) => {
      const namespace = await Namespace.make(server);
      const set = (name: string, value: SecretValue) => {
        const fields = typeof value === 'string' ? { value } : (value as Record<string, string>);
        return namespace.set(lower(name), fields);
      };
      await Promise.all(Object.entries(values).map(([name, value]) => set(name, value)));
      const parts = await gated(namespace);
      return { ...parts, source: withCapitals(textInObjects(parts.source)), rotate: set, remove: (name) => namespace.remove(lower(name)) }; // prettier-ignore
    },
    { without: ['canonicalName', 'renew', 'revoke', 'release'] },
  );

  describeSecretSource(
    'kubernetes (keys of a Secret)',
    async (values) => {
      const namespace = await Namespace.make(server);
      const texts = Object.entries(values).map(([name, value]) => [name, typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)]); // prettier-ignore
      await namespace.set('app', Object.fromEntries(texts) as Record<string, string>);
      return {
        ...(await gated(namespace, 'app')),
        rotate: (name, value) => namespace.patch('app', { [name]: String(value) }),
        remove: (name) => namespace.patch('app', { [name]: null }),
      };
    },
    {
      values: ['text', 'bytes'],
      names: ['a.b', '-a', '_', '0', 'tls.crt', 'constructor', '__proto__'],
      without: ['canonicalName', 'renew', 'revoke', 'release'],
    },
  );
});
