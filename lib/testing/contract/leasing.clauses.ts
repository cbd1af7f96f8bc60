import { equal, ok } from 'node:assert/strict';
import type { Lease } from '../../core/secret/lease.js';
import type { Harness } from './harness.js';
import type { Clause } from './clause.js';

async function leaseOf(harness: Harness, name: string): Promise<Lease> {
  const version = (await harness.read(name)).get(name);
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
    async hold(harness) {
      const before = await harness.opened(name);
      const first = await leaseOf(harness, name);
      equal(await harness.opened(name), before + 1);
      const second = await leaseOf(harness, name);
      equal(await harness.opened(name), before + 2);
      ok(first.id === undefined || first.id !== second.id, 'each opening should have a lease of its own');
    },
  },
  {
    title:
      'given a dynamic secret, when secrets are looked for, listed and read as a whole, then it is none of them that opens it',
    values: {},
    async hold(harness) {
      const { source, context } = harness;
      const before = await harness.opened(name);
      if (source.exists) equal(await source.exists(name, context), true);
      if (source.list) ok((await source.list(undefined, context)).includes(name), `${name} should be listed`);
      if (source.readAll) ok(!(await source.readAll(context)).has(name), 'it should not be opened unasked');
      equal(await harness.opened(name), before);
    },
  },
  {
    title: 'given a lease that can be extended, when it is, then it is the same lease, and nothing is opened',
    needs: ['renew'],
    values: {},
    async hold(harness) {
      const lease = await leaseOf(harness, name);
      const before = await harness.opened(name);
      if (!lease.renewable) return;
      const renewed = await harness.source.renew!(lease, harness.context);
      equal(renewed.id, lease.id);
      ok(renewed.duration > 0, 'it should go on');
      equal(await harness.opened(name), before);
    },
  },
  {
    title: 'given a lease, when it is ended twice, then that is as good as once, and others live',
    needs: ['revoke'],
    values: {},
    async hold(harness) {
      const [lease, other] = [await leaseOf(harness, name), await leaseOf(harness, name)];
      await harness.source.revoke!(lease, harness.context);
      await harness.source.revoke!(lease, harness.context);
      if (harness.source.renew && other.renewable) await harness.source.renew(other, harness.context);
    },
  },
  {
    title: 'given a lease that was replaced, when it is released, then the one in its place lives',
    needs: ['release'],
    values: {},
    async hold(harness) {
      const [replaced, current] = [await leaseOf(harness, name), await leaseOf(harness, name)];
      await harness.source.release!(replaced, harness.context);
      await harness.source.release!(replaced, harness.context);
      if (harness.source.renew && current.renewable) await harness.source.renew(current, harness.context);
    },
  },
];
