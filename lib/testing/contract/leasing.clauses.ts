import { equal, ok } from 'node:assert/strict';
import type { Lease } from '../../core/secret/lease.js';
import type { Bench } from './bench.js';
import type { Clause } from './clause.js';

async function leaseOf(bench: Bench, name: string): Promise<Lease> {
  const version = (await bench.read(name)).get(name);
  ok(version, `${name} should be there`);
  ok(version.lease, `${name} should have a lease: reading it issues new credentials`);
  ok(version.lease.duration > 0, 'a lease should last some time');
  return version.lease;
}

/** Of a source that has a dynamic secret, whose reading issues new credentials. */
export const leasingClauses = (name: string): readonly Clause[] => [
  {
    title: 'given a dynamic secret, when it is read, then it is opened, with a lease, and once for each reading',
    values: {},
    async hold(bench) {
      const before = await bench.opened(name);
      const first = await leaseOf(bench, name);
      equal(await bench.opened(name), before + 1);
      const second = await leaseOf(bench, name);
      equal(await bench.opened(name), before + 2);
      ok(first.id === undefined || first.id !== second.id, 'each opening should have a lease of its own');
    },
  },
  {
    title:
      'given a dynamic secret, when secrets are looked for, listed and read as a whole, then it is none of them that opens it',
    values: {},
    async hold(bench) {
      const { source, context } = bench;
      const before = await bench.opened(name);
      if (source.exists) equal(await source.exists(name, context), true);
      if (source.list) ok((await source.list(undefined, context)).includes(name), `${name} should be listed`);
      if (source.readAll) ok(!(await source.readAll(context)).has(name), 'it should not be opened unasked');
      equal(await bench.opened(name), before);
    },
  },
  {
    title: 'given a lease that can be extended, when it is, then it is the same lease, and nothing is opened',
    needs: ['renew'],
    values: {},
    async hold(bench) {
      const lease = await leaseOf(bench, name);
      const before = await bench.opened(name);
      if (!lease.renewable) return;
      const renewed = await bench.source.renew!(lease, bench.context);
      equal(renewed.id, lease.id);
      ok(renewed.duration > 0, 'it should go on');
      equal(await bench.opened(name), before);
    },
  },
  {
    title: 'given a lease, when it is ended twice, then that is as good as once, and others live',
    needs: ['revoke'],
    values: {},
    async hold(bench) {
      const [lease, other] = [await leaseOf(bench, name), await leaseOf(bench, name)];
      await bench.source.revoke!(lease, bench.context);
      await bench.source.revoke!(lease, bench.context);
      if (bench.source.renew && other.renewable) await bench.source.renew(other, bench.context);
    },
  },
  {
    title: 'given a lease that was replaced, when it is released, then the one in its place lives',
    needs: ['release'],
    values: {},
    async hold(bench) {
      const [replaced, current] = [await leaseOf(bench, name), await leaseOf(bench, name)];
      await bench.source.release!(replaced, bench.context);
      await bench.source.release!(replaced, bench.context);
      if (bench.source.renew && current.renewable) await bench.source.renew(current, bench.context);
    },
  },
];
