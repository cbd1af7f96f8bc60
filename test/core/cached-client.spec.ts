import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import type { RuntimeOptions } from '../../lib/core/client/secret-runtime.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { SecretSourceUnavailableError } from '../../lib/core/errors/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { recordingSource } from '../support/recording-source.js';

const MINUTE = 60_000;

function connect(values: Record<string, string>, options: Partial<RuntimeOptions> = {}) {
  const backend = recordingSource(values);
  const clock = new FakeClock();
  const runtime = new SecretRuntime({ source: backend.source, clock, random: () => 0.5, ...options });
  return { ...backend, backend, clock, runtime, client: new HcpVaultClient(runtime) };
}

describe('the cached client', () => {
  it('given a cold cache, when 10,000 callers fetch one secret, then the source is asked once', async () => {
    const { client, reads } = connect({ KEY: 'v1' });
    const values = await Promise.all(Array.from({ length: 10_000 }, () => client.fetch('KEY')));
    expect(new Set(values)).toEqual(new Set(['v1']));
    expect(reads).toEqual([['KEY']]);
  });

  it('given misses of one turn, when they are fetched, then one read names them all', async () => {
    const { client, reads } = connect({ A: 'a', B: 'b' });
    await Promise.all([client.fetch('A'), Promise.resolve().then(() => client.fetch('B'))]);
    expect(reads).toEqual([['A', 'B']]);
  });

  it('given a secret that was never read, when it is got, then the error says so', () => {
    const { client } = connect({ KEY: 'v1' });
    expect(() => client.get('KEY')).toThrow(expect.objectContaining({ code: 'SECRET_NOT_LOADED', secretName: 'KEY' }));
  });

  it('given a version that was never read, when it is got, then the error names it, and the call that reads it works', async () => {
    const { client } = connect({ KEY: 'v1' });
    await client.fetch('KEY');
    const message =
      'Secret "KEY" (connection "default"): version "1" of it is not loaded. `await client.fetch("KEY", { version: "1" })` first.';
    const refused = expect.objectContaining({ code: 'SECRET_NOT_LOADED', message }) as Error;
    expect(() => client.get('KEY', { version: '1' })).toThrow(refused);
    expect(() => client.ref('KEY', { version: '1' }).value).toThrow(refused);
    await client.fetch('KEY', { version: '1' });
    expect(client.get('KEY', { version: '1' })).toBe('v1');
  });

  it('given a version that the source has not, when it is fetched, then the advice is about versions', async () => {
    const { client } = connect({ KEY: 'v1' });
    await expect(client.fetch('KEY', { version: '9' })).rejects.toMatchObject({
      code: 'SECRET_NOT_FOUND',
      message: expect.stringMatching(
        /no version or stage "9" at the source\. Check the name, and the version/,
      ) as unknown,
    });
  });

  it('given what is not a value, when it is written, then the error names the call and the secret, and nothing is written', async () => {
    const { client, memory } = connect({ KEY: 'v1' });
    await expect(client.update('KEY', 5432 as never)).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: 'client.update: the value of "KEY" is a number. Give a string, a Uint8Array, or a JSON object or array.',
    });
    await expect(client.update('KEY', { at: new Date() })).rejects.toThrow(
      'client.update: the value of "KEY" is not JSON',
    );
    expect([await client.fetch('KEY'), await memory.list('', { signal: new AbortController().signal })]).toEqual([
      'v1',
      ['KEY'],
    ]);
  });

  it('given a refresh under way, when readers read, then they see the old value at once and the new one when it is in', async () => {
    const { client, memory, hold } = connect({ KEY: 'v1' });
    await client.fetch('KEY');
    memory.rotate('KEY', 'v2');
    const open = hold();
    const refreshing = client.refresh('KEY');
    await settled();
    expect(client.get('KEY')).toBe('v1');
    expect(await client.fetch('KEY')).toBe('v1');
    open();
    // the gate holds an answer made before it opened; the value read is the one of the call
    expect(await refreshing).toEqual({ changed: ['KEY'], unchanged: [], failed: [] });
    expect(client.get('KEY')).toBe('v2');
  });

  it('given a read under way, when a refresh is asked for, then it does not join it', async () => {
    const { client, memory, hold, reads } = connect({ KEY: 'v1' });
    const open = hold();
    const first = client.fetch('KEY');
    await settled();
    memory.rotate('KEY', 'v2');
    const refreshed = client.refresh('KEY');
    open();
    expect(await first).toBe('v1');
    await refreshed;
    expect(client.get('KEY')).toBe('v2');
    expect(reads).toHaveLength(2);
  });

  it('given an hour in which the source fails, when the job runs, then values stay, requests back off, and the next step brings the new value', async () => {
    const { client, clock, memory, reads, runtime } = connect({ KEY: 'v1' });
    await runtime.bootstrap([{ name: 'KEY', need: 'required' }], 'decorated');
    runtime.start();
    memory.fail(new SecretSourceUnavailableError('down'));
    memory.rotate('KEY', 'v2');
    const before = reads.length;
    await clock.advance(60 * MINUTE);
    const tries = reads.length - before;
    // with random 0.5 a refresh is due after 18.75 min; then ½ s, 1 s, 2 s … 30 s between tries
    expect(tries).toBeGreaterThan(60);
    expect(tries).toBeLessThan(100);
    expect(client.get('KEY')).toBe('v1');
    expect(client.status()).toMatchObject([
      { name: 'KEY', stale: true, lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } },
    ]);
    memory.recover();
    await clock.advance(MINUTE);
    expect(client.get('KEY')).toBe('v2');
    expect(client.status()).toMatchObject([{ stale: false, version: '2' }]);
    expect(client.status()[0]).not.toHaveProperty('lastError');
    runtime.stop();
    expect(clock.pending).toBe(0);
  });

  it('given a bound on staleness, when it is over, then get throws and fetch waits for the source', async () => {
    const { client, clock, memory, runtime } = connect({ KEY: 'v1' }, { cache: { maxAge: '10m', maxStale: '5m' } });
    await runtime.bootstrap([{ name: 'KEY', need: 'required' }], 'decorated');
    runtime.start();
    memory.fail(new Error('v1 is what a careless backend would say'));
    await clock.advance(14 * MINUTE);
    expect(client.get('KEY')).toBe('v1');
    await clock.advance(2 * MINUTE);
    expect(() => client.get('KEY')).toThrow(SecretSourceUnavailableError);
    memory.recover();
    await client.refresh('KEY');
    expect(client.get('KEY')).toBe('v1');
  });

  it('given a machine that was suspended, when a secret is fetched, then what is overdue is read first', async () => {
    const { client, clock, memory, runtime } = connect({ KEY: 'v1' });
    await runtime.bootstrap([{ name: 'KEY', need: 'required' }], 'decorated');
    runtime.start();
    memory.rotate('KEY', 'v2');
    clock.jump(26 * MINUTE);
    expect(await client.fetch('KEY')).toBe('v2');
  });

  it('given more secrets than the bound, when they are fetched, then the least recently used are forgotten and pinned ones stay', async () => {
    const values = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`S${index}`, `v${index}`]));
    const { client, runtime } = connect(values, { cache: { maxEntries: 5 } });
    client.ref('S0');
    for (const name of Object.keys(values)) await client.fetch(name);
    expect(client.status().map(({ name }) => name)).toEqual(['S0', 'S15', 'S16', 'S17', 'S18', 'S19']);
    expect(runtime.secrets.size).toBe(6);
  });

  it('given names that do not exist, when they are fetched, then each is not found and none is kept', async () => {
    const { client, runtime } = connect({});
    for (let index = 0; index < 50; index += 1) {
      await expect(client.fetch(`NOPE${index}`)).rejects.toMatchObject({
        code: 'SECRET_NOT_FOUND',
        secretName: `NOPE${index}`,
      });
    }
    expect(runtime.secrets.size).toBe(0);
  });

  it('given a secret that vanished at the source, when it is refreshed, then its last value stays and a forced fetch rejects', async () => {
    const { client, memory } = connect({ KEY: 'v1' });
    await client.fetch('KEY');
    memory.remove('KEY');
    const report = await client.refresh('KEY');
    expect(report.failed).toMatchObject([{ name: 'KEY', error: { code: 'SECRET_NOT_FOUND' } }]);
    expect(client.get('KEY')).toBe('v1');
    expect(await client.fetch('KEY')).toBe('v1');
    expect(await client.exists('KEY')).toBe(false);
    await expect(client.fetch('KEY', { forceRefresh: true })).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  it('given a source that fails at start, when it comes back within the time, then the bootstrap succeeds', async () => {
    const { client, clock, memory, runtime } = connect({ KEY: 'v1' });
    memory.fail(new SecretSourceUnavailableError('down'));
    const starting = runtime.bootstrap([{ name: 'KEY', need: 'required' }], 'decorated');
    await clock.advance(10_000);
    memory.recover();
    await clock.advance(10_000);
    await starting;
    expect(client.get('KEY')).toBe('v1');
  });

  it('given missing, structured and absent parts, when the bootstrap fails, then one error lists each once', async () => {
    const { runtime } = connect({ KEY: 'v1', DB: '{"user":"u"}' });
    const failure = runtime.bootstrap(
      [
        { name: 'KEY', need: 'required' },
        { name: 'NOPE', need: 'required' },
        { name: 'NOPE', need: 'required' },
        { name: 'DB', field: 'password', need: 'required' },
        { name: 'MAYBE', need: 'optional' },
        { name: 'DB', field: 'port', need: 'optional' },
      ],
      'decorated',
    );
    await expect(failure).rejects.toMatchObject({
      code: 'SECRET_BOOTSTRAP',
      errors: [
        { code: 'SECRET_NOT_FOUND', secretName: 'NOPE' },
        { code: 'SECRET_FIELD', secretName: 'DB', field: 'password' },
      ],
    });
  });

  it('given all secrets wanted, when the source is enumerated, then values and new names come from one call per cycle', async () => {
    const { backend, client, clock, memory, reads, runtime } = connect({ A: 'a', B: 'b' });
    await runtime.bootstrap([], 'all');
    runtime.start();
    expect(client.get('A')).toBe('a');
    memory.rotate('C', 'c');
    await clock.advance(25 * MINUTE);
    expect(client.get('C')).toBe('c');
    expect(backend.enumerations).toBe(2);
    expect(reads).toEqual([]);
  });

  it('given all secrets fetched, when they are asked for again within maxAge, then the source is left alone', async () => {
    const { backend, client } = connect({ A: 'a', B: 'b' });
    const [first, second] = await Promise.all([client.fetchSecrets(), client.fetchSecrets()]);
    expect(first).toEqual({ A: 'a', B: 'b' });
    expect(second).toEqual(first);
    await client.fetchSecrets();
    expect(backend.enumerations).toBe(1);
  });
});
