import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import { getSecretRefToken, getSecretToken } from '../../lib/nest/injection/tokens.js';
import { InjectSecret } from '../../lib/nest/injection/inject-secret.decorator.js';
import { memorySource } from '../../lib/sources/memory/index.js';
import { FakeClock } from '../support/fake-clock.js';
import { recordingSource } from '../support/recording-source.js';

const REFUSED = ['a\nb', '\u001b[2JKEY', 'KEY\0', '\u009b31m', 'x'.repeat(4097)];

function connect() {
  const backend = recordingSource({ KEY: 'v1' });
  const runtime = new SecretRuntime({ source: backend.source, clock: new FakeClock(), random: () => 0.5 });
  return { ...backend, runtime, client: new HcpVaultClient(runtime) };
}

describe('names at the client’s entrances', () => {
  it.each(REFUSED.map((name) => [name.slice(0, 60), name] as [string, string]))('given the name %j, when asked for in any way, then it is refused, nothing is asked, and nothing is kept of it', async (_, name) => {
    const { client, runtime, reads } = connect();
    const refusal = { code: 'SECRET_CONFIGURATION', connection: 'default' };
    for (const synchronous of [() => client.get(name), () => client.ref(name), () => runtime.pin(name)]) {
      expect(synchronous).toThrow(expect.objectContaining(refusal));
    }
    const calls = [
      client.fetch(name),
      client.fetch(name, { forceRefresh: true, version: '1' }),
      client.exists(name),
      client.update(name, 'x'),
      client.withSecret(name, async () => 'done'),
      client.reportRejected(name),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject(refusal);
    expect(await client.refresh(name)).toEqual({ changed: [], unchanged: [], failed: [{ name, error: expect.objectContaining(refusal) }] });
    expect(reads).toEqual([]);
    expect(runtime.secrets.size).toBe(0);
  }); // prettier-ignore

  it('given a hundred thousand names that can be none, when fetched, then nothing grows', async () => {
    const { client, runtime } = connect();
    for (let count = 0; count < 100_000; count += 1) await client.fetch(`\0${count}`).catch(() => undefined);
    expect(runtime.secrets.size).toBe(0);
  });

  it('given a name that can be none beside one that is there, when both are fetched, then the other comes', async () => {
    const { client } = connect();
    const [good, bad] = await Promise.allSettled([client.fetch('KEY'), client.fetch('KEY\n')]);
    expect(good).toEqual({ status: 'fulfilled', value: 'v1' });
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'SECRET_CONFIGURATION' } });
  });

  it.each(['1\n', 'x'.repeat(4097)])('given the version %j, when asked for, then it is refused', async (version) => {
    const { client, reads } = connect();
    await expect(client.fetch('KEY', { version })).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(() => client.get('KEY', { version })).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
    expect(reads).toEqual([]);
  });

  it('given a source that enumerates what can be no name, when all are read, then the others come, and it is not a secret', async () => {
    const values = new Map([
      ['KEY', SecretVersion.of('v1')],
      ['KEY\u001b[2J', SecretVersion.of('canary')],
      ['x'.repeat(5000), SecretVersion.of('canary')],
    ]);
    const source = { kind: 'odd', read: async () => new Map(), readAll: async () => values };
    const runtime = new SecretRuntime({ source, clock: new FakeClock(), random: () => 0.5 });
    await runtime.bootstrap([], 'all');
    expect([...runtime.secrets].map(({ name }) => name)).toEqual(['KEY']);
  });

  it('given such a name in an option, a decorator or a token, when it is taken, then that throws', () => {
    const refusal = expect.objectContaining({ code: 'SECRET_CONFIGURATION' });
    const { source } = recordingSource({});
    for (const name of REFUSED) {
      expect(() => new SecretRuntime({ source, required: [name] })).toThrow(refusal);
      expect(() => getSecretToken(name)).toThrow(refusal);
      expect(() => getSecretRefToken(name)).toThrow(refusal);
      expect(() => InjectSecret(name)).toThrow(refusal);
      expect(() => memorySource({ [name]: 'x' })).toThrow(refusal);
    }
  });
});
