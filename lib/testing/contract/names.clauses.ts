import { deepEqual, equal, ok } from 'node:assert/strict';
import { isSecretError } from '../../core/errors/index.js';
import { checkSame } from './checks.js';
import type { Clause } from './clause.js';

const KEY = 'CONTRACT_KEY';
const OTHER = 'CONTRACT_OTHER';

/**
 * What no source takes for a name: halves of characters (`encodeURIComponent` throws on them, and other encodings replace
 * them by a letter that a name may have), control characters, and more than 4,096 characters.
 */
const IMPOSSIBLE = [
  '\ud800',
  `${KEY}\udc00`,
  `\ud83d${KEY}`,
  `${KEY}\0`,
  `${KEY}\r\n`,
  `\u001b[2J${KEY}`,
  `\u009b2J${KEY}`,
  `${KEY}\u007f`,
  `${KEY}/../`.repeat(500) + KEY,
  KEY.repeat(400),
];

/** Spellings by which a careless path, URL, pattern or prototype leads to another secret, or to all. */
const SIMILAR_NAMES = [
  '',
  ' ',
  '.',
  '..',
  '/',
  '*',
  '%',
  `/${KEY}`,
  `${KEY}/`,
  `${KEY}/.`,
  `${KEY}/..`,
  `./${KEY}`,
  `../${KEY}`,
  `x/../${KEY}`,
  `..\\${KEY}`,
  `%2e%2e%2f${KEY}`,
  `x/%2e%2e/${KEY}`,
  `x%2f..%2f${KEY}`,
  `x%252f%252e%252e%252f${KEY}`,
  `x/%c0%ae%c0%ae/${KEY}`,
  `x/%u002e%u002e/${KEY}`,
  `x%5c..%5c${KEY}`,
  `x/..;/${KEY}`,
  `x/..;a=b/${KEY}`,
  `x/\uff0e\uff0e/${KEY}`,
  `x\uff0f..\uff0f${KEY}`,
  `${KEY}%20`,
  `${KEY.slice(0, -1)}%59`,
  `${KEY} `,
  ` ${KEY}`,
  `${KEY}\n`,
  `${KEY}\0`,
  `${KEY}#`,
  `${KEY}#fragment`,
  `${KEY}?version=1`,
  `${KEY}?`,
  `${KEY};x`,
  `${KEY}:1`,
  `${KEY}=`,
  `${KEY}*`,
  KEY.slice(0, -1),
  `${KEY.slice(0, -1)}\uff39`,
  'CONTRACT_*',
  '__proto__',
  'constructor',
  'toString',
];

export const namesClauses: readonly Clause[] = [
  {
    title: 'given names that are nearly another’s, when read, then none reaches another secret',
    values: { [KEY]: 'value of the key' },
    async hold(harness) {
      const { source } = harness;
      const same = source.canonicalName?.(KEY);
      const similar = SIMILAR_NAMES.filter((name) => same === undefined || source.canonicalName?.(name) !== same);
      for (const name of similar) {
        const answer = await source.read([name], harness.context).catch((error: unknown) => {
          ok(isSecretError(error), `reading ${JSON.stringify(name)} should be refused with a SecretError`);
          return new Map<string, never>();
        });
        for (const [found, result] of answer) {
          ok(isSecretError(result), `${JSON.stringify(name)} led to the secret ${JSON.stringify(found)}`);
        }
      }
    },
  },
  {
    title:
      'given names that are nearly another’s, when read beside one that is there, then that one comes all the same',
    values: { [KEY]: 'value of the key' },
    async hold(harness) {
      const { source, values } = harness;
      // A source may refuse a name, but not the others for it.
      for (const name of SIMILAR_NAMES) {
        const answer = await source.read([name, KEY], harness.context);
        const found = answer.get(KEY);
        ok(found && !isSecretError(found), `${JSON.stringify(name)} should not stand in the way of others`);
        checkSame(found.value, values[KEY], KEY);
      }
    },
  },
  {
    title:
      'given what is not a name (control characters, halves of characters, more than 4,096) among others, when read, then the others come, and it is refused or absent',
    values: { [KEY]: 'value of the key', [OTHER]: 'value of the other' },
    async hold(harness) {
      const { source, values } = harness;
      for (const name of IMPOSSIBLE) {
        const answer = await source.read([KEY, name, OTHER], harness.context);
        for (const good of [KEY, OTHER]) {
          const found = answer.get(good);
          ok(found && !isSecretError(found), `${JSON.stringify(name)} should not stand in the way of others`);
          checkSame(found.value, values[good], good);
        }
        const bad = answer.get(name);
        ok(!bad || isSecretError(bad), `${JSON.stringify(name)} led to a secret`);
        const codes = ['SECRET_CONFIGURATION', 'SECRET_NOT_FOUND'];
        ok(!bad || codes.includes(bad.code), `${JSON.stringify(name)} should be refused, and is ${bad?.code}`);
        const exists = await source.exists?.(name, harness.context).catch((error: unknown) => {
          ok(isSecretError(error), `looking for ${JSON.stringify(name)} should be refused with a SecretError`);
          return false;
        });
        ok(!exists, `${JSON.stringify(name)} exists`);
      }
    },
  },
  {
    title: 'given names that are nearly another’s, when looked for, then there is no such secret',
    needs: ['exists'],
    values: { [KEY]: 'value of the key' },
    async hold(harness) {
      const { source } = harness;
      for (const name of SIMILAR_NAMES) {
        const found = await source.exists!(name, harness.context).catch((error: unknown) => {
          ok(isSecretError(error), `looking for ${JSON.stringify(name)} should be refused with a SecretError`);
          return false;
        });
        ok(!found || source.canonicalName?.(name) === source.canonicalName?.(KEY), `${JSON.stringify(name)} exists`);
      }
    },
  },
];

/** Names that the backend can hold, as its maker says: each has a value of its own. */
export function oddNamesClause(names: readonly string[]): Clause {
  return {
    title: `given secrets of unusual names (${names.map((name) => JSON.stringify(name)).join(', ')}), when read, then each gives its own value`,
    values: Object.fromEntries(names.map((name, index) => [name, `value ${index}`])),
    async hold(harness) {
      const together = await harness.read(...names);
      deepEqual([...together.keys()].sort(), [...names].sort());
      for (const name of names) {
        checkSame(together.get(name)?.value, harness.values[name], name);
        checkSame(await harness.valueOf(name), harness.values[name], name);
        if (harness.source.exists) equal(await harness.source.exists(name, harness.context), true);
      }
      const listed = (await harness.source.list?.(undefined, harness.context)) ?? names;
      for (const name of names) ok(listed.includes(name), `${JSON.stringify(name)} should be listed`);
    },
  };
}
