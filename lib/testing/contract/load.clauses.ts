import { ok } from 'node:assert/strict';
import { isSecretError } from '../../core/errors/index.js';
import { checkSame } from './checks.js';
import type { Clause } from './clause.js';

const MANY = 100;
const values = Object.fromEntries(Array.from({ length: MANY }, (_, index) => [`CONTRACT_${index}`, `value ${index}`]));
const names = Object.keys(values);
/** As many requests as one name may cost, in attempts, before that is a storm. */
const ATTEMPTS = 3;
const BUCKET = { perSecond: 50, burst: 25 };
/** Milliseconds between readings of what is left, and how many of these there may be. */
const PAUSE = 250;
const MOST_READINGS = 20;

export const loadClauses: readonly Clause[] = [
  {
    title:
      'given a backend that is down, when many secrets are read, then one round of requests finds it out, and no storm',
    needs: ['fail', 'requests'],
    values,
    async hold(harness) {
      await harness.read(names[0]!);
      await harness.fail();
      const counts: number[] = [];
      for (let reading = 0; reading < 2; reading += 1) {
        const before = await harness.requests();
        const answer = await harness.source.read(names, harness.context).catch(() => new Map<string, never>());
        for (const [name, result] of answer) ok(isSecretError(result), `"${name}" can't have been read`);
        counts.push((await harness.requests()) - before);
      }
      const [first = 0, second = 0] = counts;
      ok(first < MANY, `${first} requests for ${MANY} secrets of a backend that is down`);
      ok(second <= first, `${second} requests the second time, after ${first}`);
      await harness.recover();
      checkSame(await harness.valueOf(names[0]!), values[names[0]!], names[0]!);
    },
  },
  {
    title:
      'given a backend with a quota, when many secrets are read until all are there, then what came is kept, and nothing is asked for in storms',
    needs: ['throttle', 'requests'],
    values,
    async hold(harness) {
      await harness.read(names[0]!);
      await harness.throttle(BUCKET);
      const before = await harness.requests();
      let left = names;
      for (let reading = 0; left.length > 0 && reading < MOST_READINGS; reading += 1) {
        if (reading > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE));
        const answer = await harness.source.read(left, harness.context).catch(() => undefined);
        left = left.filter((name) => {
          const result = answer?.get(name);
          ok(!answer || result !== undefined, `"${name}" was called missing, and is there`);
          return result === undefined || isSecretError(result);
        });
      }
      ok(left.length === 0, `${left.length} of ${MANY} secrets never came`);
      const requests = (await harness.requests()) - before;
      ok(requests <= ATTEMPTS * MANY, `${requests} requests for ${MANY} secrets`);
    },
  },
];
