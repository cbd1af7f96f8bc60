import { deepEqual, equal, ok } from 'node:assert/strict';
import { isSecretError } from '../../core/errors/index.js';
import { fingerprint } from '../../core/secret/fingerprint.js';
import { isBytes } from '../../core/secret/secret-value.js';
import { checkFrozen, checkSame } from './checks.js';
import type { Clause } from './clause.js';

const A = 'CONTRACT_A';
const B = 'CONTRACT_B';
const BAD = 'CONTRACT_BAD';
const MISSING = 'CONTRACT_MISSING';
const two = { [A]: 'value of a', [B]: 'value of b' };
const object = { [A]: { values: { access_key_id: 'id', 'odd key': ['x', 1, 1.5, true, null, {}] }, empty: [] } };

export const readingClauses: readonly Clause[] = [
  {
    title: 'it has a kind, which stands in errors and in the status',
    values: {},
    async hold({ source }) {
      ok(typeof source.kind === 'string' && source.kind.trim() !== '', '`kind` should be a readable text');
      await Promise.resolve();
    },
  },
  {
    title: 'given several names, when read in one call, then those that are there come, and absent ones don’t',
    values: two,
    async hold(harness) {
      const found = await harness.read(A, MISSING, B);
      deepEqual([...found.keys()].sort(), [A, B]);
      for (const [name, { value }] of found) checkSame(value, harness.values[name], name);
      equal((await harness.read(MISSING)).size, 0);
      equal((await harness.read()).size, 0);
    },
  },
  {
    title: 'given text with quotes, spaces, line breaks and letters of all kinds, when read, then it comes as it is',
    values: { [A]: ` "it's" = {#$PATH} 100% \\n\nпароль 密码 🔑\t` },
    async hold(harness) {
      checkSame(await harness.valueOf(A), harness.values[A], A);
    },
  },
  {
    title: 'given an object, when read, then it comes equal, and frozen all the way down',
    kind: 'object',
    values: object,
    async hold(harness) {
      const value = await harness.valueOf(A);
      checkSame(value, harness.values[A], A);
      checkFrozen(value, A);
    },
  },
  {
    title: 'given bytes, when a reader changes them, then no other reader sees it',
    kind: 'bytes',
    values: { [A]: Uint8Array.of(0xff, 0x00, 0xfe, 0x0a) },
    async hold(harness) {
      const version = (await harness.read(A)).get(A);
      const value = version?.value;
      checkSame(value, harness.values[A], A);
      if (isBytes(value)) value.fill(1);
      checkSame(version?.value, harness.values[A], A);
      checkSame(await harness.valueOf(A), harness.values[A], A);
    },
  },
  {
    title: 'given a secret that stays, when read again, then its version is the same',
    values: two,
    async hold(harness) {
      const before = (await harness.read(A)).get(A)?.version;
      const after = (await harness.read(A, B)).get(A)?.version;
      ok(typeof before === 'string' && before !== '', 'a version should be a text');
      equal(after, before);
    },
  },
  {
    title: 'given a version that isn’t there, when asked for, then it is not found',
    values: two,
    async hold({ source, context }) {
      const asked = { ...context, version: 'no-such-version-of-it' };
      const answer = await source.read([A], asked).catch(() => new Map<string, never>());
      ok(!answer.get(A) || !('value' in answer.get(A)!), 'another version came in its place');
    },
  },
  {
    title: 'given many readers at once, when they read, then each gets its answer',
    values: two,
    async hold(harness) {
      const readings = Array.from({ length: 25 }, (_, index) => harness.read(...(index % 2 ? [A] : [A, B])));
      for (const found of await Promise.all(readings)) {
        for (const [name, { value }] of found) checkSame(value, harness.values[name], name);
        ok(found.has(A), `${A} should be there for each`);
      }
    },
  },
  {
    title:
      'given a value that can’t be taken, where there can be one, when read with others, by name and in bulk, then that is its error, and the others come',
    values: { ...two, [BAD]: 'still good' },
    async hold(harness) {
      const { source, values } = harness;
      if (!(await harness.spoil(BAD))) return;
      const bulks = [await source.read([A, BAD, B], harness.context), await source.readAll?.(harness.context)];
      for (const bulk of bulks) {
        for (const name of bulk ? [A, B] : []) {
          const found = bulk?.get(name);
          ok(found && !isSecretError(found), `${BAD} should not stand in the way of ${name}`);
          checkSame(found.value, values[name], name);
        }
        const bad = bulk?.get(BAD);
        ok(!bad || isSecretError(bad), `${BAD} should be an error`);
      }
      ok(bulks[0]?.has(BAD), `${BAD} should be an error, and is absent`);
    },
  },
  {
    title: 'given the values that it was made with, when read and read again, then these are as they were',
    values: { ...two },
    async hold(harness) {
      const before = fingerprint(harness.values);
      await harness.read(A, B);
      equal(fingerprint(harness.values), before);
    },
  },
  {
    title: 'given a source that was closed, even twice, when read, then it opens again',
    needs: ['close'],
    values: two,
    async hold(harness) {
      await harness.read(A);
      await harness.source.close?.();
      await harness.source.close?.();
      checkSame(await harness.valueOf(A), harness.values[A], A);
    },
  },
];
