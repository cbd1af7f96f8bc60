import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { SecretAccessDeniedError } from '../../lib/core/errors/index.js';
import { RotatingResource } from '../../lib/core/rotation/rotating.js';
import { Lease } from '../../lib/core/secret/lease.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import type { SecretSource } from '../../lib/core/source/secret-source.js';
import { RevisionHolds } from '../../lib/core/store/revision-holds.js';
import { RotationHandlers } from '../../lib/nest/lifecycle/rotation-handlers.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const HOUR = 3_600_000;

interface Plays {
  readonly releases?: boolean;
  readonly overlap?: string;
  readonly sameValue?: boolean;
  readonly refuses?: (n: number) => boolean;
}

/** Credentials that are opened anew each time; the source notes which leases it was told to end. */
async function play({ releases = true, overlap, sameValue = false, refuses = () => false }: Plays = {}) {
  const clock = new FakeClock();
  const released: string[] = [];
  const revoked: string[] = [];
  const log: string[] = [];
  const faults: { release?: Error } = {};
  let opened = 0;
  const source: SecretSource = {
    kind: 'leased',
    read(names) {
      opened += 1;
      const options = {
        lease: Lease.of({ id: `lease-${opened}`, duration: '1h' }),
        version: `v${opened}`,
      };
      return Promise.resolve(
        new Map(names.map((name) => [name, SecretVersion.of({ n: sameValue ? 1 : opened }, options)])),
      );
    },
    revoke: (lease) => Promise.resolve(void revoked.push(lease.id!)),
    ...(releases && {
      release: (lease: Lease) => {
        if (faults.release) return Promise.reject(faults.release);
        return Promise.resolve(void released.push(lease.id!));
      },
    }),
  };
  const schema = {
    DB: {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          refuses((value as { n: number }).n) ? { issues: [{ message: 'no' }] } : { value },
      },
    },
  };
  const add = (line: string): void => void log.push(line);
  const logger = { error: add, warn: add, log: add, debug: () => undefined };
  const runtime = new SecretRuntime({ source, clock, random: () => 0.5, logger, schema, overlap });
  const client = new HcpVaultClient(runtime);
  await runtime.bootstrap([{ name: 'DB', need: 'preload' }], 'decorated');
  runtime.start();
  const secret = runtime.pin('DB');
  const rotate = async () => {
    await client.refresh('DB');
    await settled();
  };
  return { clock, released, revoked, log, faults, runtime, client, secret, rotate };
}

function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('leases that were replaced', () => {
  it('given a source that ends none early, when credentials are replaced, then nothing is ended before the app closes', async () => {
    const set = await play({ releases: false });
    await set.rotate();
    await set.clock.advance(2 * HOUR);
    expect(set.revoked).toEqual([]);
    await set.runtime.shutdown();
    expect(set.revoked).toHaveLength(1);
  });

  it('given nobody who uses them, when credentials are replaced, then the old lease is released at once, and an event says so', async () => {
    const set = await play();
    await set.rotate();
    expect(set.released).toEqual(['lease-1']);
    expect(set.client.status()[0]?.events.map(({ type }) => type)).toEqual(['loaded', 'rotated', 'lease-released']);
  });

  it('given a handler at work, when it is done, then the lease is released, and not before', async () => {
    const set = await play();
    const work = gate();
    const seen: unknown[] = [];
    class Service {
      async swap(event: { previous?: unknown }) {
        seen.push(event.previous);
        await work.opened;
      }
    }
    const service = new Service();
    new RotationHandlers(set.runtime).add(service, 'swap', { name: 'DB' } as never);
    await set.rotate();
    expect(seen).toEqual([{ n: 1 }]);
    await set.rotate(); // waits in the queue
    expect(set.released).toEqual([]);
    work.open();
    await settled(12);
    expect(set.released).toEqual(['lease-1', 'lease-2']);
  });

  it('given a resource made from them, when it has drained and is disposed of, then the lease is released, and not before', async () => {
    const set = await play();
    const { secret, runtime, clock } = set;
    const order: string[] = [];
    const disposal = gate();
    let mayBuild = true;
    const rotating = await RotatingResource.open<number>(
      'POOL',
      {
        create: (value) => {
          if (!mayBuild) throw new Error('not yet');
          return (value as { n: number }).n;
        },
        dispose: async (n) => {
          if (n === 1) await disposal.opened;
          order.push(`disposed of ${n}`);
        },
        drain: 30_000,
        retryFor: 0,
      },
      {
        secret: secret.live,
        clock,
        random: () => 0.5,
        retry: runtime.options.policies.common.retry,
        warn: () => undefined,
        provide: () => undefined,
        report: () => Promise.resolve(),
      },
    );
    const query = gate();
    const running = rotating.use(() => query.opened);
    await settled();
    mayBuild = false;
    await set.rotate();
    expect(rotating.current).toBe(1); // the old one serves
    expect(set.released).toEqual([]);
    mayBuild = true;
    await clock.advance(5_000);
    expect(rotating.current).toBe(2);
    expect(set.released).toEqual([]); // a query runs still
    query.open();
    await running;
    await settled();
    expect(set.released).toEqual([]); // the pool is being ended
    disposal.open();
    await settled();
    expect(order).toEqual(['disposed of 1']);
    expect(set.released).toEqual(['lease-1']);
    await rotating.close();
  });

  it('given work of withSecret, when it is done, then the lease is released, and not before', async () => {
    const set = await play();
    const work = gate();
    const running = set.client.withSecret('DB', () => work.opened);
    await settled();
    await set.rotate();
    expect(set.released).toEqual([]);
    work.open();
    await running;
    await settled();
    expect(set.released).toEqual(['lease-1']);
  });

  it('given two at work with the same credentials, when one is done, then the lease is kept for the other', async () => {
    const set = await play();
    const [first, second] = [gate(), gate()];
    const works = [first, second].map(({ opened }) => set.client.withSecret('DB', () => opened));
    await settled();
    await set.rotate();
    first.open();
    await works[0];
    await settled();
    expect(set.released).toEqual([]);
    second.open();
    await works[1];
    await settled();
    expect(set.released).toEqual(['lease-1']);
  });

  it('given an overlap, when it is over, then the lease is released, and not before', async () => {
    const set = await play({ overlap: '10m' });
    set.client.ref('DB');
    await set.rotate();
    await set.clock.advance(599_000);
    expect(set.released).toEqual([]);
    await set.clock.advance(2_000);
    expect(set.released).toEqual(['lease-1']);
  });

  it('given the same credentials under another lease, when they are read again, then the old lease is left alone', async () => {
    const set = await play({ sameValue: true });
    await set.rotate();
    expect(set.released).toEqual([]);
  });

  it('given a source that may not end leases, when two are to be ended, then that is one warning, and an event each', async () => {
    const set = await play();
    set.faults.release = new SecretAccessDeniedError('no policy.');
    await set.rotate();
    await set.rotate();
    expect(set.log).toEqual([expect.stringMatching(/no policy.*run to their own end\. This is said once/)]);
    expect(set.client.status()[0]?.events.filter(({ type }) => type === 'lease-release-failed')).toHaveLength(2);
  });

  it('given an app that closes while some are in use, when it has closed, then they are revoked as well, and no timer is left', async () => {
    const set = await play({ overlap: '10m' });
    set.client.ref('DB');
    await set.rotate();
    await set.runtime.shutdown();
    expect(set.revoked.sort()).toEqual(['lease-1', 'lease-2']);
    expect(set.released).toEqual([]);
    expect(set.clock.pending).toBe(0);
  });

  it('given credentials that their schema refuses, when they came, then nobody will use them, and they are ended at once', async () => {
    const set = await play({ refuses: (n) => n === 2 });
    await set.rotate();
    expect(set.revoked).toEqual(['lease-2']);
    expect(set.client.get('DB')).toEqual({ n: 1 });
    await set.rotate();
    expect(set.client.get('DB')).toEqual({ n: 3 });
    expect(set.released).toEqual(['lease-1']);
  });
});

describe('holds of a revision', () => {
  it('given two holders, when one lets go twice, then the other still holds; who waits is told when both have', async () => {
    const holds = new RevisionHolds();
    const [first, second] = [holds.hold(1), holds.hold(1)];
    const free: string[] = [];
    void holds.free(1).then(() => free.push('one'));
    void holds.free(1).then(() => free.push('another'));
    void holds.free(2).then(() => free.push('another revision'));
    first();
    first();
    await settled();
    expect(free).toEqual(['another revision']);
    second();
    await settled();
    expect(free).toEqual(['another revision', 'one', 'another']);
    await holds.free(1);
    const third = holds.hold(1);
    void holds.free(1).then(() => free.push('third'));
    await settled();
    expect(free).toHaveLength(3);
    third();
    await settled();
    expect(free).toHaveLength(4);
  });
});
