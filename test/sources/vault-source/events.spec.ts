import { getEventListeners } from 'node:events';
import { jest } from '@jest/globals';
import type { AnnouncedChange, SecretError } from 'nestjs-hcp-vault';
import { token, userpass, vault, VaultClient, vaultEvents } from 'nestjs-hcp-vault/vault';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { changesOf } from '../../../lib/sources/vault/events/vault.event.js';
import { describeOnEachVault } from '../../servers/available.js';
import { VaultEventsServer } from '../../servers/vault-events.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { printed } from '../support/printed.js';

const until = async (isSo: () => boolean, within = 5_000): Promise<void> => {
  const deadline = performance.now() + within;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it did not come to be so');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

function listening() {
  const heard: AnnouncedChange[] = [];
  const lost: SecretError[] = [];
  const counts = { resumed: 0, anything: 0 };
  const listener = Object.assign(
    (changes?: readonly AnnouncedChange[]) => void (changes ? heard.push(...changes) : (counts.anything += 1)),
    { lost: (error: unknown) => void lost.push(error as SecretError), resumed: () => void (counts.resumed += 1) },
  );
  return { heard, lost, counts, listener };
}

describeOnEachVault([], 'vaultEvents, events being played in front of %s', (product) => {
  let server: VaultServer;
  let events: VaultEventsServer;
  let client: VaultClient;
  const endings: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await startDevVault(product);
    client = new VaultClient({ address: server.address, token: server.token });
  }, 40_000);
  afterAll(async () => {
    await client.close();
    await server.stop();
  });
  beforeEach(async () => {
    events = await VaultEventsServer.before(server.address);
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
    await events.stop();
  });

  async function opened(options: Partial<Parameters<typeof vaultEvents>[0]> = {}, more: object = {}) {
    const source = vault({ address: events.url, auth: token(server.token), ...more });
    const told = listening();
    const end = await vaultEvents({ source, ...options }).open(told.listener, new AbortController());
    endings.push(() => source.close(), end);
    return { ...told, source, end };
  }

  it('given a secret in an app, when it is written and the event comes, then readers have it in a moment, whether the event tells the path with data/ or without', async () => {
    await client.kv.v2.createOrUpdate('app/db', { password: 'v1' });
    const source = vault({ address: events.url, auth: token(server.token), kv: { prefix: 'app' } });
    const runtime = new SecretRuntime({ source, push: vaultEvents({ source }), refresh: { jitter: 0 } });
    endings.push(() => runtime.shutdown());
    const app = new HcpVaultClient(runtime);
    await runtime.bootstrap([{ name: 'db', need: 'required' }], 'decorated');
    runtime.start();
    await until(() => app.status()[0]?.channel === 'live');
    for (const [version, metadata] of [
      ['2', { path: 'secret/data/app/db', data_path: 'secret/data/app/db' }],
      ['3', { path: 'secret/app/db' }],
    ] as const) {
      await client.kv.v2.createOrUpdate('app/db', { password: `v${version}` });
      events.send('kv-v2/data-write', {
        modified: 'true',
        operation: 'data-write',
        current_version: version,
        ...metadata,
      });
      await until(() => app.get<{ password: string }>('db').password === `v${version}`);
    }
    await runtime.shutdown();
    await until(() => events.open === 0);
  });

  it('given types, a filter and namespaces, when the channel opens, then each type has a websocket with the token and the namespace of the source', async () => {
    await opened(
      { types: ['kv-v2/data-*', 'database/rotate'], filter: 'a == "b c"', namespaces: ['x/*'] },
      product === 'vault' ? { namespace: 'team/a' } : {}, // OpenBao would look for it
    );
    const namespace = product === 'vault' ? 'team/a' : 'undefined';
    const query = '?json=true&filter=a%20%3D%3D%20%22b%20c%22&namespaces=x%2F*';
    expect(events.subscriptions).toEqual([
      { url: `/v1/sys/events/subscribe/kv-v2/data-*${query}`, token: server.token, namespace },
      { url: `/v1/sys/events/subscribe/database/rotate${query}`, token: server.token, namespace },
    ]);
  });

  it('given what is not a change, or no event, when it comes, then nothing is announced, and the channel goes on', async () => {
    const { heard, lost } = await opened();
    events.send('kv-v2/data-write', { path: 'secret/data/a', modified: 'false' });
    events.send('kv-v2/metadata-read', { path: 'secret/metadata/a', modified: 'true' });
    for (const text of ['{', '[]', '{"data":1}', '{"data":{"event_type":"kv-v2/data-write"}}']) events.sendText(text);
    events.send('database/rotate', { path: 'database/rotate-role/app', name: 'app', modified: 'true' }, 'database/');
    await until(() => heard.length > 0);
    expect([heard, lost]).toEqual([['database/static-creds/app', 'database/static-cred/app'], []]);
  });

  it('given a connection that is cut, when it is back, then it was told once, and it is heard again', async () => {
    const { heard, lost, counts } = await opened();
    events.cut();
    await until(() => counts.resumed === 1);
    expect(lost.map(({ code }) => code)).toEqual(['SECRET_SOURCE_UNAVAILABLE']);
    events.send('kv-v1/write', { path: 'kv/a', modified: 'true' });
    await until(() => heard.length === 1);
  });

  it('given a connection that is cut again and again, when it is back each time, then nothing waits on the end of the app but what did so at first', async () => {
    const signals = new Set<AbortSignal>();
    const spy = jest.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (
      this: AbortSignal,
      ...given: Parameters<AbortSignal['addEventListener']>
    ) {
      signals.add(this);
      EventTarget.prototype.addEventListener.apply(this, given);
    });
    const { counts } = await opened();
    const waiting = (): number =>
      Math.max(...[...signals].filter(({ aborted }) => !aborted).map((signal) => getEventListeners(signal, 'abort').length)); // prettier-ignore
    await until(() => events.subscriptions.length === 1);
    const first = waiting();
    for (const times of [1, 2]) {
      events.cut();
      await until(() => counts.resumed === times);
    }
    spy.mockRestore();
    expect(waiting()).toBe(first);
  });

  it('given a source that logs in anew, when it has another token, then the events come by that, and what was missed is said', async () => {
    await client.sys.enableAuthMethod('userpass').catch(() => undefined);
    await client.write('auth/userpass/users/app', { password: 'canary-pass', token_policies: 'default' });
    const { lost, counts, source } = await opened({}, { auth: userpass({ username: 'app', password: 'canary-pass' }) });
    const [first] = events.subscriptions;
    await client.write('auth/token/revoke', { token: first!.token });
    await source.read(['a'], { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    await until(() => counts.anything === 1);
    expect(events.subscriptions.at(-1)!.token).not.toBe(first!.token);
    expect(lost).toEqual([]);
  });

  it.each([
    [404, 'this Vault has no events'],
    [403, 'may not subscribe'],
    [503, ''],
  ])(
    'given a Vault that answers %i, when the channel opens, then it is told once in plain words, and tried again slowly',
    async (status, text) => {
      events.refusal = status;
      const { lost, heard } = await opened();
      expect(lost).toHaveLength(1);
      expect(lost[0]!.message).toContain(text);
      expect(printed(lost)).not.toContain(server.token);
      expect(heard).toEqual([]);
    },
  );

  it('given this Vault, which has no events, when it is asked itself, then it is told in plain words', async () => {
    const { lost } = await opened({}, { address: server.address });
    expect(lost.map(({ message }) => message)).toEqual([expect.stringContaining('has no events')]);
  });
});

describe('vaultEvents as it is made', () => {
  const source = vault({ auth: token('canary-token') });

  it.each([
    [{}, 'needs the option "source"'],
    [{ source: {} }, '"source"'],
    [{ source, types: [] }, '"types"'],
    [{ source, types: ['../x'] }, '"types"'],
    [{ source, type: ['x'] }, 'Did you mean "types"'],
  ])('given %j, when it is made, then the error names what is wrong', (options, text) => {
    expect(() => vaultEvents(options as never)).toThrow(text);
  });

  it('given a token, when the channel is printed, then it is not there', () => {
    expect(printed(vaultEvents({ source }))).not.toContain('canary');
  });

  it.each([null, 1, '', 'null', '[1]', '{"data":{"event":{"metadata":null},"event_type":"kv-v2/delete"}}'])(
    'given %j, when it is looked at, then it is not a change',
    (text) => {
      expect(changesOf(text)).toEqual([]);
    },
  );
});
