import { inspect } from 'node:util';
import { envSource, memorySource, SecretVersion, type SecretSource } from 'nestjs-hcp-vault';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime, type RuntimeOptions } from '../../lib/core/client/secret-runtime.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { scripted } from '../support/scripted-connection.js';

const KEY = 'canary-key-that-all-replicas-share';

/** One replica: a process of its own in all that matters, but for the random key, which these share and no test relies on. */
async function replica(values: Record<string, string | object | Uint8Array>, options: Partial<RuntimeOptions> = {}) {
  const source: SecretSource = {
    kind: 'plain',
    read: (names) =>
      Promise.resolve(
        new Map(
          names.flatMap((name) =>
            values[name] === undefined ? [] : [[name, SecretVersion.of(values[name])] as const],
          ),
        ),
      ),
  };
  const runtime = new SecretRuntime({ clock: new FakeClock(), source, ...options });
  const client = new HcpVaultClient(runtime);
  for (const name of Object.keys(values)) await client.fetch(name);
  const named = (name: string) => {
    const { version, versionKind } = client.status().find((status) => status.name === name)!;
    return { version, versionKind };
  };
  return { client, runtime, named };
}

describe('versions that replicas share', () => {
  it.each([
    ['text', 'canary-value', 'canary-value'],
    ['JSON, ordered differently', { b: 1, a: [1, { d: 1, c: 2 }] }, { a: [1, { c: 2, d: 1 }], b: 1 }],
    ['bytes', Uint8Array.of(1, 2, 255), Uint8Array.of(1, 2, 255)],
  ])('given a shared key and %s, when two replicas read it, then they show one version', async (_, one, other) => {
    const a = await replica({ K: one }, { fingerprintKey: KEY });
    const b = await replica({ K: other }, { fingerprintKey: new TextEncoder().encode(KEY) });
    expect(a.named('K')).toEqual({ version: expect.stringMatching(/^[\w-]{22}$/), versionKind: 'fingerprint' });
    expect(b.named('K')).toEqual(a.named('K'));
  });

  it('given a shared key, when values or names or keys differ, then versions do', async () => {
    const one = await replica(
      { A: 'same', B: 'same', AB: 'c', C: new TextEncoder().encode('same') },
      { fingerprintKey: KEY },
    );
    const other = await replica({ A: 'same' }, { fingerprintKey: `${KEY}!` });
    const none = await replica({ A: 'same' });
    const shown = [...['A', 'B', 'AB', 'C'].map((name) => one.named(name)), other.named('A'), none.named('A')];
    expect(new Set(shown.map(({ version }) => version)).size).toBe(6);
    expect(none.named('A').versionKind).toBe('process');
  });

  it('given a source with versions, when a key is there too, then the source’s own version is shown', async () => {
    const source = memorySource({ A: 'x' });
    const { named, client } = await replica({}, { source, fingerprintKey: KEY });
    await client.fetch('A');
    expect(named('A')).toEqual({ version: '1', versionKind: 'source' });
  });

  it('given a shared key, when a value changes, then event, ref and status show the new fingerprint, and an equal value is not a rotation', async () => {
    const set = scripted({ fingerprintKey: KEY });
    set.backend.set('K', { value: 'one' });
    await set.start('K');
    const ref = set.client.ref('K');
    const first = set.statusOf('K')!.version;
    await set.client.refresh('K');
    expect(set.rotations).toHaveLength(0);
    set.backend.set('K', { value: 'two' });
    await set.client.refresh('K');
    const [event] = set.rotations;
    expect(event).toMatchObject({ previousVersion: first, version: set.statusOf('K')!.version });
    expect(ref.version).toBe(event!.version);
    expect(event!.version).not.toBe(first);
  });

  it('given a source without versions, when the version that status() shows is asked for, then it comes while it is the current one, and no other', async () => {
    process.env.SHARED_VERSION_CANARY = 'canary-env';
    try {
      const options = { source: envSource({ prefix: 'SHARED_VERSION_' }), fingerprintKey: KEY };
      const { client, named } = await replica({}, options);
      await client.fetch('CANARY');
      const { version } = named('CANARY');
      await expect(client.fetch('CANARY', { version: version! })).resolves.toBe('canary-env');
      process.env.SHARED_VERSION_CANARY = 'canary-changed';
      await expect(client.fetch('CANARY', { version: version!, forceRefresh: true })).rejects.toMatchObject({
        code: 'SECRET_NOT_FOUND',
      });
    } finally {
      delete process.env.SHARED_VERSION_CANARY;
    }
  });

  it.each([
    ['31 bytes of text', 'x'.repeat(31)],
    ['31 bytes', new Uint8Array(31)],
    ['a number', 42],
    ['null', null],
    ['an empty text', ''],
  ])('given %s as the key, when the module is made, then it is refused, and not quoted', (_, fingerprintKey) => {
    const make = () => new SecretRuntime({ source: memorySource({}), fingerprintKey: fingerprintKey as string });
    expect(make).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }) as Error);
    expect(make).toThrow(/"fingerprintKey" of HcpVaultModule is a text or a Uint8Array of at least 32 bytes/);
    expect(make).not.toThrow(/xxx/);
  });

  it('given 32 bytes in UTF-8 of fewer characters, when used, then it is taken', () => {
    expect(() => new SecretRuntime({ source: memorySource({}), fingerprintKey: 'é'.repeat(16) })).not.toThrow();
  });

  it('given a key, when what holds it is printed, then it is not there', async () => {
    const { client, runtime } = await replica({ K: 'canary-value' }, { fingerprintKey: KEY });
    const shown = [client, runtime, runtime.options, client.status(), client.ref('K')].map(
      (item) => inspect(item, { depth: 20, showHidden: true }) + JSON.stringify(item),
    );
    expect(shown.join()).not.toMatch(/canary-(key|value)/);
  });
});

describe('the value before the current one, at start', () => {
  /** A document of two fields whose second version changed the field A alone. */
  const documentOf = (): SecretSource => ({
    kind: 'document',
    read: (names, { version = '2' }) =>
      Promise.resolve(
        new Map(
          names.map((name) => [name, SecretVersion.of(name === 'A' ? `a${version}` : 'b', { version })] as const),
        ),
      ),
    previousVersion: (version) => (version === '2' ? '1' : undefined),
  });

  it('given fields of a document, when one was not changed by its last version, then it has no value before', async () => {
    const { client, runtime } = await replica({}, { source: documentOf(), overlap: '1h' });
    const [a, b] = [client.ref('A'), client.ref('B')];
    await runtime.bootstrap(
      ['A', 'B'].map((name) => ({ name, need: 'required' }) as const),
      'decorated',
    );
    expect([a.accepted, b.accepted]).toEqual([['a2', 'a1'], ['b']]);
  });

  it('given a ref with an overlap that is made later, when it is the first, then the value before is brought in; without one it is not asked for', async () => {
    const asked: unknown[] = [];
    const { read, ...rest } = documentOf();
    const source: SecretSource = {
      ...rest,
      read: (names, context) => {
        asked.push(context.version);
        return read(names, context);
      },
    };
    const { client, runtime } = await replica({}, { source });
    await runtime.bootstrap([{ name: 'A', need: 'required' }], 'decorated');
    const strict = client.ref('A');
    await settled();
    expect(asked).toEqual([undefined]);
    const accepting = client.ref('A', { overlap: '1h' });
    client.ref('A', { overlap: '2h' });
    await settled();
    expect([accepting.accepted, strict.accepted, asked]).toEqual([['a2', 'a1'], ['a2'], [undefined, '1']]);
  });

  it('given a schema, when the value before is brought in, then it is what the schema makes of it, or left out where it refuses', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          value === 'b' ? { issues: [{ message: 'canary' }] } : { value: { made: String(value) } },
      },
    };
    const { client, runtime } = await replica({}, { source: documentOf(), overlap: '1h', schema: { A: schema } });
    const ref = client.ref('A');
    await runtime.bootstrap([{ name: 'A', need: 'required' }], 'decorated');
    expect(ref.accepted).toEqual([{ made: 'a2' }, { made: 'a1' }]);
  });
});
