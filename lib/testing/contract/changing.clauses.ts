import { equal, notEqual, ok } from 'node:assert/strict';
import type { JsonObject } from '../../core/secret/json.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import type { SecretSource } from '../../core/source/secret-source.js';
import { checkSame, promptly } from './checks.js';
import type { Clause } from './clause.js';

const A = 'CONTRACT_A';
const B = 'CONTRACT_B';
const two = { [A]: 'value of a', [B]: 'value of b' };

interface Listener {
  /** Resolves with the first telling. */
  readonly told: Promise<void>;
  readonly count: () => number;
  readonly end: () => void;
}

/** Counts what a watched source tells of a name. */
async function listen(source: SecretSource, name: string): Promise<Listener> {
  let resolve = (): void => undefined;
  let count = 0;
  const told = new Promise<void>((done) => (resolve = done));
  const listener: ChangeListener = (changes) => {
    if (changes && !changes.some((change) => (typeof change === 'string' ? change : change.name) === name)) return;
    count += 1;
    resolve();
  };
  listener.lost = () => undefined;
  listener.resumed = () => undefined;
  const end = await source.watch!(listener);
  return { told, count: () => count, end };
}

export const changingClauses: readonly Clause[] = [
  {
    title: 'given a rotated secret, when read, then value and version are new, and others stay',
    needs: ['rotate'],
    values: two,
    async hold(harness) {
      const before = await harness.read(A, B);
      await harness.rotate(A, 'rotated value');
      const after = await harness.read(A, B);
      checkSame(after.get(A)?.value, 'rotated value', A);
      notEqual(after.get(A)?.version, before.get(A)?.version);
      checkSame(after.get(B)?.value, two[B], B);
      // Fields of one document share its version: a new one with an equal value is not a rotation.
      const kept = [before.get(B)?.version, after.get(A)?.version];
      ok(kept.includes(after.get(B)?.version), `${B} has a version of neither its own state nor ${A}'s`);
    },
  },
  {
    title: 'given a secret that is taken away, when read and listed, then it is absent',
    needs: ['remove'],
    values: two,
    async hold(harness) {
      await harness.read(A, B);
      await harness.remove(A);
      const { source, context } = harness;
      equal((await harness.read(A, B)).has(A), false);
      if (source.exists) equal(await source.exists(A, context), false);
      if (source.list) ok(!(await source.list(undefined, context)).includes(A), `${A} should not be listed`);
      if (source.readAll) ok(!(await source.readAll(context)).has(A), `${A} should not be among all`);
      checkSame(await harness.valueOf(B), harness.values[B], B);
    },
  },
  {
    title: 'given a written secret, when read, then it has the new value and a new version',
    needs: ['write'],
    values: two,
    async hold(harness) {
      const before = (await harness.read(A)).get(A);
      await harness.source.write?.(A, 'written value', harness.context);
      const after = (await harness.read(A)).get(A);
      checkSame(after?.value, 'written value', A);
      notEqual(after?.version, before?.version);
      checkSame(await harness.valueOf(B), harness.values[B], B);
    },
  },
  {
    title: 'given a written object, when its writer changes it afterwards, then the secret stays as written',
    needs: ['write'],
    kind: 'object',
    values: { [A]: { password: 'old' } },
    async hold(harness) {
      const own: JsonObject = { password: 'new', hosts: ['one'] };
      await harness.source.write?.(A, own, harness.context);
      ok(!Object.isFrozen(own), 'what a writer hands in should stay its own');
      own.password = 'changed';
      (own.hosts as string[]).push('two');
      const value = await harness.valueOf(A);
      // Where the backend holds only strings, objects are stored as JSON.
      const parsed = typeof value === 'string' ? (JSON.parse(value) as JsonObject) : value;
      checkSame(parsed, { password: 'new', hosts: ['one'] }, A);
    },
  },
  {
    title: 'given somebody who watches, when a secret is rotated, then it is told',
    needs: ['watch', 'rotate'],
    values: two,
    async hold(harness) {
      await harness.read(A, B);
      const { told, end } = await listen(harness.source, A);
      try {
        await harness.rotate(A, 'rotated value');
        await promptly(told, 'telling of a rotation');
        checkSame(await harness.valueOf(A), 'rotated value', A);
      } finally {
        end();
      }
    },
  },
  {
    title: 'given two who watch, when one of them leaves, then the other alone is told',
    needs: ['watch', 'rotate'],
    values: two,
    async hold(harness) {
      await harness.read(A, B);
      const leaving = await listen(harness.source, A);
      const staying = await listen(harness.source, A);
      try {
        leaving.end();
        leaving.end();
        await harness.rotate(A, 'rotated value');
        await promptly(staying.told, 'telling of a rotation');
        equal(leaving.count(), 0);
      } finally {
        staying.end();
      }
    },
  },
];
