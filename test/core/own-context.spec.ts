import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { recordingSource } from '../support/recording-source.js';

const requests = new AsyncLocalStorage<string>();

/** A client on the real clock, whose source and handlers tell in which request they ran. */
function set() {
  const seen: Record<string, (string | undefined)[]> = { read: [], readAll: [], rotated: [], exists: [] };
  const note = (what: string): void => void seen[what]!.push(requests.getStore());
  const backend = recordingSource({ A: 'canary-a', B: 'canary-b' });
  const { source } = backend;
  const runtime = new SecretRuntime({
    source: {
      ...source,
      read: (names, context) => (note('read'), source.read(names, context)),
      readAll: (context) => (note('readAll'), source.readAll!(context)),
      exists: (name, context) => (note('exists'), source.exists!(name, context)),
    },
    cache: { maxAge: 40 },
  });
  const client = new HcpVaultClient(runtime);
  client.rotations$.subscribe(() => note('rotated'));
  return { runtime, client, seen, backend };
}

describe('in which request things run', () => {
  it('given two requests that join one reading, when it runs and brings a rotation, then it does so in neither', async () => {
    const { runtime, client, seen, backend } = set();
    await runtime.bootstrap([{ name: 'A', need: 'required' }], 'decorated');
    seen.read = [];
    backend.memory.rotate('A', 'canary-a2');
    const after: (string | undefined)[] = [];
    const asking = (request: string) =>
      requests.run(request, async () => {
        await client.fetch('A', { forceRefresh: true });
        after.push(requests.getStore());
      });
    await Promise.all([asking('first'), asking('second')]);
    expect(seen).toMatchObject({ read: [undefined], rotated: [undefined] });
    expect(after.sort()).toEqual(['first', 'second']); // who asked goes on in its own
    await runtime.shutdown();
  });

  it('given a request that has all read, when others join, then it runs in none; what is done for one caller runs in its request', async () => {
    const { runtime, client, seen } = set();
    await runtime.bootstrap([], 'none');
    await requests.run('first', () => client.fetchSecrets());
    await requests.run('first', () => client.exists('A'));
    expect(seen).toMatchObject({ readAll: [undefined], exists: ['first'] });
    await runtime.shutdown();
  });

  it('given a request that has planned the next reading, when the job reads, then it is not in that request', async () => {
    const { runtime, client, seen } = set();
    await runtime.bootstrap([], 'none');
    await requests.run('first', async () => {
      runtime.start();
      await client.fetch('A');
    });
    runtime.pin('A'); // so that the job reads it on
    await sleep(120);
    expect(seen.read!.length).toBeGreaterThan(1);
    expect(new Set(seen.read)).toEqual(new Set([undefined]));
    await runtime.shutdown();
  });
});
