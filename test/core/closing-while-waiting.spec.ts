import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { channel, fails } from '../support/scripted-source.js';

// Whatever waits when the app closes waits no more: no timer is left, nothing is called, who waits is told.

const down = fails(new SecretSourceUnavailableError('down.'));

async function ready(options: Parameters<typeof scripted>[0] = {}) {
  const { watch, announce } = channel();
  const set = scripted({ refresh: { jitter: 0 }, ...options }, { can: ['revoke', 'renew'], more: { watch } });
  set.backend.set('KEY', { value: 'v1', version: '1' });
  set.backend.set('DB', { lease: 10 * MINUTE, renewable: true });
  await set.start('KEY', 'DB');
  const isQuiet = async (): Promise<void> => {
    const calls = set.backend.calls.length;
    expect(set.clock.pending).toBe(0);
    await set.clock.advance(60 * MINUTE);
    expect(set.backend.calls.length).toBe(calls);
    expect([...set.backend.ended].sort()).toEqual([...set.backend.opened].sort());
  };
  return { ...set, announce, isQuiet };
}

describe('an app that closes', () => {
  it('given rows of readings under way, waiting, joined and of all, when it closes, then they end', async () => {
    const set = await ready();
    await set.clock.advance(2 * SECOND);
    set.announce(['KEY']);
    set.announce();
    await set.clock.advance(300);
    set.announce(['KEY']);
    set.announce();
    await set.runtime.shutdown();
    await settled();
    await set.isQuiet();
    expect(set.told('announced-not-seen')).toEqual([]);
  });

  it('given a row that waits until it may begin, when it closes, then it does not', async () => {
    const set = await ready();
    await set.clock.advance(2 * SECOND);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    set.announce(['KEY']);
    await set.clock.advance(300);
    set.announce(['KEY']);
    await settled();
    await set.runtime.shutdown();
    await set.isQuiet();
  });

  it('given a report of a refused value that waits for its turn, when it closes, then that ends at once', async () => {
    const set = await ready();
    await set.client.reportRejected('KEY');
    let isOver = false;
    void set.client.reportRejected('KEY').then(() => (isOver = true));
    await settled();
    await set.runtime.shutdown();
    await settled();
    expect(isOver).toBe(true);
    await set.isQuiet();
  });

  it('given refused work that waits for news, when it closes, then it ends at once', async () => {
    const set = await ready();
    let outcome: unknown;
    void set.client
      .withSecret('DB', () => Promise.reject(new Error('refused')), { rejects: () => true })
      .catch((error: unknown) => (outcome = error));
    await set.clock.advance(500);
    expect(outcome).toBeUndefined();
    await set.runtime.shutdown();
    await settled();
    expect(outcome).toBeInstanceOf(Error);
    await set.isQuiet();
  });

  it('given a first load that waits for its next attempt, when it closes, then the start fails at once', async () => {
    const set = scripted({ bootstrapTimeout: '1h', retry: { base: '1m', max: '10m' } });
    set.backend.always.read = down;
    let outcome: unknown;
    void set.start('KEY').catch((error: unknown) => (outcome = error));
    await set.clock.advance(40 * SECOND);
    expect(outcome).toBeUndefined();
    await set.runtime.shutdown();
    await settled();
    expect(outcome).toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    expect(set.clock.pending).toBe(0);
  });

  it('given back-off of readings and renewals, when it stops and requests drain, then static secrets are read no more, and leases are renewed', async () => {
    const set = await ready();
    set.runtime.stop();
    await set.clock.advance(30 * MINUTE);
    expect(set.backend.count('read')).toBe(1);
    expect(set.backend.count('renew')).toBeGreaterThan(2);
    expect(await set.client.fetch('DB')).toEqual({ user: 'DB-1' });
    await set.runtime.shutdown();
    await set.isQuiet();
  });

  it('given it is told to twice, or while it starts, when it closes, then it does so once', async () => {
    const set = await ready();
    const first = set.runtime.shutdown();
    expect(set.runtime.shutdown()).toBe(first);
    await first;
    set.runtime.start();
    await set.isQuiet();
    expect(set.backend.count('close')).toBe(1);
  });
});
