import { SecretNotFoundError, SecretSourceUnavailableError } from '../../../lib/core/errors/index.js';
import type { SharedCache } from '../../../lib/core/shared/shared-cache.js';
import { settled } from '../../support/fake-clock.js';
import { HOUR, MINUTE, SECOND, scripted } from '../../support/scripted-connection.js';
import { channel, fails } from '../../support/scripted-source.js';

const START = 1_800_000_000_000;
const at = (milliseconds: number): Date => new Date(START + milliseconds);

describe('how a connection stands', () => {
  it('given secrets in each state, when asked, then they are counted, and the next reading and the oldest value stand there', async () => {
    const { backend, clock, client, start } = scripted(
      { cache: { maxAge: '10m', maxStale: '1h' }, refresh: { jitter: 0 }, perSecret: { ended: { maxStale: '1m' } } },
      { isHeard: false },
    );
    for (const name of ['good', 'stale', 'ended']) backend.set(name, { value: `canary-${name}` });
    await start('good', 'stale', 'ended');
    expect(client.connectionStatus()).toEqual({
      connection: 'default',
      source: { kind: 'scripted', lastAnswerAt: at(0), lastDurationMs: 0, latencyMs: 0, consecutiveFailures: 0 },
      channels: [],
      caches: [],
      secrets: { total: 3, current: 3, stale: 0, ended: 0, missing: 0, unread: 0, failing: 0 },
      oldestLoadedAt: at(0),
      refresh: { enabled: true, nextAt: at(10 * MINUTE) },
    });
    for (const name of ['stale', 'ended']) backend.set(name, { failure: new SecretSourceUnavailableError('away.') });
    client.ref('none');
    await clock.advance(12 * MINUTE);
    const { secrets, source, oldestLoadedAt, refresh } = client.connectionStatus();
    expect(secrets).toEqual({ total: 4, current: 1, stale: 1, ended: 1, missing: 1, unread: 0, failing: 3 });
    expect(oldestLoadedAt).toEqual(at(0));
    expect(source).toMatchObject({ lastFailure: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    expect(refresh.nextAt!.getTime()).toBeGreaterThan(clock.wall());
    client.pause();
    expect(client.connectionStatus().refresh).toMatchObject({ paused: { since: new Date(clock.wall()) } });
    expect(JSON.stringify(client.connectionStatus())).not.toContain('canary');
  });

  it('given secrets that were never read well, when asked, then they are unread', async () => {
    const { backend, client } = scripted();
    backend.always.read = fails(new SecretSourceUnavailableError('away.'));
    await client.fetch('a').catch(() => undefined);
    expect(client.connectionStatus().secrets).toMatchObject({ unread: 1, failing: 1 });
    backend.always.read = fails(new SecretNotFoundError());
    await client.refresh('a');
    expect(client.connectionStatus().source.consecutiveFailures).toBe(0);
  });

  it('given channels, when they open, hear, are lost and close, then each stands there with since when and why', async () => {
    const own = channel();
    const pushed = channel();
    let opened!: (close: () => void) => void;
    const push = {
      kind: 'queue',
      open: (listener: Parameters<typeof pushed.watch>[0]) => {
        pushed.watch(listener);
        return new Promise<() => void>((resolve) => (opened = resolve));
      },
    };
    const { client, clock, runtime, start, backend } = scripted({ push }, { more: { watch: own.watch } });
    backend.set('a', { value: 'canary-a' });
    const states = () => client.connectionStatus().channels;
    expect(states().map(({ kind, state }) => [kind, state])).toEqual([
      ['scripted', 'closed'],
      ['queue', 'closed'],
    ]);
    await start('a');
    expect(states()).toEqual([
      { kind: 'scripted', state: 'live', since: at(0) },
      { kind: 'queue', state: 'opening', since: at(0) },
    ]);
    await clock.advance(SECOND);
    opened(() => undefined);
    await settled();
    await clock.advance(SECOND);
    pushed.announce(['a']);
    await clock.advance(SECOND);
    own.announce.lost(new Error('canary-lost'));
    expect(states()).toMatchObject([
      { state: 'lost', since: at(3 * SECOND), lastError: { code: 'SECRET_SOURCE_UNAVAILABLE', at: at(3 * SECOND) } },
      { state: 'live', since: at(SECOND), heardAt: at(2 * SECOND) },
    ]);
    expect(JSON.stringify(states())).not.toContain('canary');
    own.announce.resumed();
    expect(states()[0]).toMatchObject({ state: 'live', lastError: { at: at(3 * SECOND) } });
    const closing = runtime.shutdown();
    await clock.advance(MINUTE);
    await closing;
    expect(states().map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  it('given shared caches, when one fails, refuses and works again, then it stands there with since when and why', async () => {
    const faults = { get: false };
    let tell!: (news: { type: 'refused'; reason: string }) => void;
    const cache: SharedCache = {
      kind: 'disk',
      open: (scope) => {
        tell = scope.tell;
        return Promise.resolve({
          maxStale: HOUR,
          keepsDynamic: false,
          get: () => (faults.get ? Promise.reject(new Error('canary-cause')) : Promise.resolve(new Map())),
          put: () => Promise.resolve(),
          remove: () => Promise.resolve(),
          close: () => Promise.resolve(),
        });
      },
    };
    const { client, clock, runtime, start, backend } = scripted({ sharedCache: cache });
    for (const name of ['a', 'b', 'c']) backend.set(name, { value: `canary-${name}` });
    const status = () => client.connectionStatus().caches[0]!;
    expect(status()).toEqual({ kind: 'disk', state: 'closed' });
    await start('a');
    expect(status()).toEqual({ kind: 'disk', state: 'well', since: at(0) });
    await clock.advance(SECOND);
    faults.get = true;
    await client.fetch('b');
    tell({ type: 'refused', reason: 'an entry is damaged.' });
    await clock.advance(SECOND);
    expect(status()).toEqual({
      kind: 'disk',
      state: 'failed',
      since: at(SECOND),
      lastFailure: { message: 'it can not be read.', at: at(SECOND) },
      lastRefusal: { message: 'an entry is damaged.', at: at(SECOND) },
    });
    faults.get = false;
    await clock.advance(MINUTE);
    await client.fetch('c');
    expect(status()).toMatchObject({ state: 'well', since: new Date(clock.wall()), lastFailure: { at: at(SECOND) } });
    const closing = runtime.shutdown();
    await clock.advance(MINUTE);
    await closing;
    expect(status().state).toBe('closed');
  });
});
