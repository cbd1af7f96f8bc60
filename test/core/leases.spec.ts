import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import {
  SecretAccessDeniedError,
  SecretSourceUnavailableError,
  SecretValidationError,
  type SecretError,
} from '../../lib/core/errors/index.js';
import { Lease } from '../../lib/core/secret/lease.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import type { SecretSource } from '../../lib/core/source/secret-source.js';
import { FakeClock } from '../support/fake-clock.js';

const HOUR = 3_600_000;

function connect({
  renewable = false,
  renew,
}: { renewable?: boolean; renew?: (lease: Lease, times: number) => Lease } = {}) {
  const clock = new FakeClock();
  const log = { opened: [] as number[], renewed: [] as number[] };
  const fault: { error: SecretError | undefined } = { error: undefined };
  const source: SecretSource = {
    kind: 'leased',
    async read(names) {
      log.opened.push(clock.now());
      if (fault.error) throw fault.error;
      const lease = Lease.of({ id: `lease-${log.opened.length}`, duration: '1h', renewable });
      return new Map(names.map((name) => [name, SecretVersion.of({ n: log.opened.length }, { lease })]));
    },
    ...(renew && {
      async renew(lease) {
        log.renewed.push(clock.now());
        return renew(lease, log.renewed.length);
      },
    }),
  };
  const runtime = new SecretRuntime({ source, clock, random: () => 0.5 });
  return { clock, log, fault, runtime, client: new HcpVaultClient(runtime) };
}

const started = async (set: ReturnType<typeof connect>): Promise<void> => {
  await set.runtime.bootstrap([{ name: 'DYN', need: 'required' }], 'decorated');
  set.runtime.start();
};

describe('leases', () => {
  it('given a dynamic secret, when time passes, then it is opened once for each lease, at 67 % of its life plus jitter', async () => {
    const set = connect();
    await started(set);
    await set.clock.advance(10 * HOUR);
    // random 0.5: 67 % + 5 %
    expect(set.log.opened.map((at) => Math.round((at / HOUR) * 100))).toEqual(
      Array.from({ length: 14 }, (_, index) => Math.round(index * 72)),
    );
  });

  it('given a lease that can be extended, when it is due, then it is extended, and the value stays', async () => {
    const set = connect({
      renewable: true,
      renew: (lease) => Lease.of({ id: lease.id, duration: '1h', renewable: true }),
    });
    await started(set);
    const events: unknown[] = [];
    set.client.rotations$.subscribe((event) => events.push(event));
    await set.clock.advance(5 * HOUR);
    expect(set.log.opened).toHaveLength(1);
    expect(set.log.renewed).toHaveLength(6);
    expect(events).toEqual([]);
    expect(set.client.get('DYN')).toEqual({ n: 1 });
    const { expiresAt } = set.client.ref('DYN');
    expect(expiresAt!.getTime()).toBe(set.client.status()[0]!.lease!.expiresAt.getTime());
    expect(expiresAt!.getTime()).toBeGreaterThan(set.clock.wall());
  });

  it('given readers of every kind at work, when a lease is extended ten times, then its credentials are opened once', async () => {
    const set = connect({
      renewable: true,
      renew: (lease) => Lease.of({ id: lease.id, duration: '1h', renewable: true }),
    });
    await started(set);
    const rotations: unknown[] = [];
    set.client.rotations$.subscribe((event) => rotations.push(event));
    const ref = set.client.ref('DYN');
    const field = set.client.ref('DYN', { field: 'n' });
    const seen = new Set<unknown>();
    for (let minutes = 0; minutes < 450; minutes += 1) {
      await set.clock.advance(60_000);
      seen
        .add(ref.value)
        .add(field.value)
        .add(set.client.get('DYN'))
        .add(await set.client.fetch('DYN'));
      await set.client.withSecret('DYN', async (value) => void seen.add(value));
    }
    expect(set.log.renewed.length).toBeGreaterThanOrEqual(10);
    expect(set.log.opened).toHaveLength(1);
    expect(rotations).toEqual([]);
    expect(seen.size).toBe(2); // the value and its field
  }, 60_000);

  it('given a lease that nobody reads for a while, when it has been extended and is read again, then nothing new is opened', async () => {
    const set = connect({
      renewable: true,
      renew: (lease) => Lease.of({ id: lease.id, duration: '1h', renewable: true }),
    });
    await started(set);
    await set.clock.advance(3 * HOUR);
    expect(set.client.get('DYN')).toEqual({ n: 1 });
    await set.clock.advance(60_000);
    expect(set.log.opened).toHaveLength(1);
  });

  it('given a renewal that grants less than asked, when it comes, then new credentials are read before the old ones end', async () => {
    const set = connect({
      renewable: true,
      renew: (lease, times) => Lease.of({ id: lease.id, duration: times === 1 ? '1h' : '10m', renewable: true }),
    });
    await started(set);
    await set.clock.advance(1.5 * HOUR);
    expect(set.log.renewed).toHaveLength(2);
    expect(set.log.opened).toHaveLength(2);
    expect(set.client.get('DYN')).toEqual({ n: 2 });
  });

  it('given a renewal that is refused, when it is, then new credentials are read at once', async () => {
    const set = connect({
      renewable: true,
      renew: () => {
        throw new SecretAccessDeniedError();
      },
    });
    await started(set);
    await set.clock.advance(0.73 * HOUR);
    expect(set.client.get('DYN')).toEqual({ n: 2 });
    expect(set.client.status()[0]).not.toHaveProperty('lastError');
  });

  it('given a source that is away, when a lease is to be extended, then it is tried with back-off, and again at the end of the lease', async () => {
    let away = true;
    const set = connect({
      renewable: true,
      renew: (lease) => {
        if (away) throw new SecretSourceUnavailableError('down');
        return Lease.of({ id: lease.id, duration: '1h', renewable: true });
      },
    });
    await started(set);
    await set.clock.advance(0.9 * HOUR);
    expect(set.log.renewed.length).toBeGreaterThan(3);
    expect(set.client.status()).toMatchObject([{ lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } }]);
    away = false;
    await set.clock.advance(60_000);
    expect(set.log.opened).toHaveLength(1);
    expect(set.client.status()[0]).not.toHaveProperty('lastError');
  });

  it('given a source that stays away, when the lease ends, then the value is not served any more, and comes back with the source', async () => {
    const set = connect();
    await started(set);
    const ref = set.client.ref<{ n: number }>('DYN');
    set.fault.error = new SecretSourceUnavailableError('down');
    await set.clock.advance(0.99 * HOUR);
    expect(ref.value).toEqual({ n: 1 });
    await set.clock.advance(0.02 * HOUR);
    expect(() => ref.value).toThrow(expect.objectContaining({ code: 'SECRET_SOURCE_UNAVAILABLE' }));
    expect(() => set.client.get('DYN')).toThrow('its lease has ended');
    set.fault.error = undefined;
    await set.clock.advance(60_000);
    expect(ref.value).toMatchObject({ n: expect.any(Number) });
  });

  it('given an opening that may have had an effect, when it fails, then the next one waits a quarter of what is left of the lease', async () => {
    const set = connect();
    await started(set);
    set.fault.error = new SecretSourceUnavailableError('cut', { effect: 'possible' });
    await set.clock.advance(0.999 * HOUR);
    expect(set.log.opened.length).toBeLessThan(25);
    expect(set.log.opened.length).toBeGreaterThan(3);
  });

  it('given openings that may have had an effect, when they fail past the end of the lease, then they are tried again with back-off, and nothing loops hot', async () => {
    const set = connect();
    await started(set);
    set.fault.error = new SecretSourceUnavailableError('500', { effect: 'possible' });
    await set.clock.advance(1.01 * HOUR);
    const before = set.log.opened.length;
    await set.clock.advance(HOUR);
    const tries = set.log.opened.length - before;
    expect(tries).toBeGreaterThan(60); // a minute at the longest
    expect(tries).toBeLessThan(200);
    set.fault.error = undefined;
    await set.clock.advance(60_000);
    expect(set.client.status()[0]).not.toHaveProperty('lastError');
  });

  it('given a policy that denies the next credentials, when an operator mends it, then they are there within a minute, before the lease ends', async () => {
    const set = connect();
    await started(set);
    set.fault.error = new SecretAccessDeniedError();
    await set.clock.advance(0.9 * HOUR);
    expect(set.log.opened.length).toBeGreaterThan(10);
    expect(set.log.opened.length).toBeLessThan(40);
    expect(set.client.get('DYN')).toEqual({ n: 1 });
    set.fault.error = undefined;
    await set.clock.advance(60_000);
    expect(set.client.status()[0]).toMatchObject({ stale: false });
    expect(set.client.status()[0]).not.toHaveProperty('lastError');
    expect(set.client.get('DYN')).not.toEqual({ n: 1 });
  });

  it('given credentials that are refused here, when the lease runs out, then they are opened again while there is time, and seldom', async () => {
    const set = connect();
    await started(set);
    set.fault.error = new SecretValidationError('its schema.');
    await set.clock.advance(0.99 * HOUR);
    const tries = set.log.opened.length - 1;
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(25);
    set.fault.error = undefined;
    await set.clock.advance(0.009 * HOUR);
    expect(set.client.get('DYN')).not.toEqual({ n: 1 });
  });

  it('given credentials that are refused here, when the lease is over, then the regular refresh opens them again', async () => {
    const set = connect();
    await started(set);
    set.fault.error = new SecretValidationError('its schema.');
    await set.clock.advance(1.01 * HOUR);
    const before = set.log.opened.length;
    await set.clock.advance(2 * HOUR);
    expect(set.log.opened.length - before).toBeGreaterThan(3);
    expect(set.log.opened.length - before).toBeLessThan(12);
  });

  it('given credentials that were fetched on demand, when nobody asks for them again, then no new ones are opened', async () => {
    const set = connect();
    await set.runtime.bootstrap([], 'decorated');
    set.runtime.start();
    await set.client.fetch('DYN');
    await set.clock.advance(3 * HOUR);
    expect(set.log.opened).toHaveLength(1);
    expect(await set.client.fetch('DYN')).toEqual({ n: 2 });
    await set.clock.advance(0.5 * HOUR);
    await set.client.fetch('DYN');
    await set.clock.advance(0.3 * HOUR);
    expect(set.log.opened).toHaveLength(3);
  });

  it('given a lease of more than 2^31 ms, when it runs, then nothing loops, and it is due in its time', async () => {
    const clock = new FakeClock();
    let opened = 0;
    const source: SecretSource = {
      kind: 'long',
      read: async (names) => {
        opened += 1;
        return new Map(
          names.map((name) => [
            name,
            SecretVersion.of('v', { version: `${opened}`, lease: Lease.of({ duration: '100d' }) }),
          ]),
        );
      },
    };
    const runtime = new SecretRuntime({ source, clock, random: () => 0 });
    await runtime.bootstrap([{ name: 'DYN', need: 'required' }], 'decorated');
    expect(opened).toBe(1);
    expect(runtime.secrets.find('DYN')?.nextAttemptAt).toBeCloseTo(67 * 24 * HOUR, -3);
  });
});
