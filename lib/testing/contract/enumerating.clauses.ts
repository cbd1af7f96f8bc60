import { deepEqual, equal, ok } from 'node:assert/strict';
import { isSecretError } from '../../core/errors/index.js';
import { checkSame } from './checks.js';
import type { Clause } from './clause.js';

const A = 'CONTRACT_A_1';
const A2 = 'CONTRACT_A_2';
const B = 'CONTRACT_B';
const MISSING = 'CONTRACT_MISSING';
const three = { [A]: 'value of a', [A2]: 'value of a2', [B]: 'value of b' };

// The backend may hold more than the suite has put in: what is there beside is left alone.
export const enumeratingClauses: readonly Clause[] = [
  {
    title: 'given secrets, when all are read, then each is what reading by name gives',
    needs: ['readAll'],
    values: three,
    async hold(harness) {
      const all = await harness.source.readAll!(harness.context);
      for (const name of Object.keys(harness.values)) ok(all.has(name), `${name} should be among all`);
      for (const [name, version] of await harness.read(...Object.keys(harness.values))) {
        const among = all.get(name);
        ok(among && !isSecretError(among), `${name} should have its value among all`);
        checkSame(among.value, version.value, name);
        equal(among.version, version.version);
      }
    },
  },
  {
    title: 'given secrets, when all are read, then each of them is listed',
    needs: ['readAll', 'list'],
    values: three,
    async hold({ source, context }) {
      const names = await source.list!(undefined, context);
      for (const name of (await source.readAll!(context)).keys()) ok(names.includes(name), `${name} should be listed`);
    },
  },
  {
    title: 'given secrets, when listed by prefix, then those that begin with it come, each once',
    needs: ['list'],
    values: three,
    async hold({ source, context }) {
      const listed = async (prefix?: string): Promise<string[]> => [...(await source.list!(prefix, context))].sort();
      deepEqual(await listed('CONTRACT_A'), [A, A2]);
      deepEqual(await listed(B), [B]);
      deepEqual(await listed('CONTRACT_NO_SUCH'), []);
      for (const all of [await listed(), await listed('')]) {
        equal(new Set(all).size, all.length);
        for (const name of [A, A2, B]) ok(all.includes(name), `${name} should be listed`);
      }
    },
  },
  {
    title: 'given a secret, when looked for, then it exists, and others don’t',
    needs: ['exists'],
    values: three,
    async hold({ source, context }) {
      equal(await source.exists!(A, context), true);
      equal(await source.exists!(MISSING, context), false);
    },
  },
  {
    title:
      'given names, when spelled canonically, then that is a name of the same secret, and its own canonical spelling',
    needs: ['canonicalName'],
    values: three,
    async hold(harness) {
      const spell = (name: string): string => harness.source.canonicalName!(name);
      for (const name of [A, MISSING, 'with/path', 'with space']) equal(spell(spell(name)), spell(name));
      checkSame(await harness.valueOf(spell(A)), harness.values[A], A);
      ok(spell(A) !== spell(A2), 'two secrets should not be one');
    },
  },
];
