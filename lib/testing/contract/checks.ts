import { fail, ok } from 'node:assert/strict';
import { format, inspect } from 'node:util';
import { fingerprint } from '../../core/secret/fingerprint.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { isBytes } from '../../core/secret/secret-value.js';

/** Equal as secrets are: by content, whatever realm the objects come from, and without a word on the values where they differ. */
export function checkSame(actual: SecretValue | undefined, expected: SecretValue | undefined, what: string): void {
  if (actual === undefined || expected === undefined) return ok(actual === expected, `${what} should be there`);
  ok(isBytes(actual) === isBytes(expected), `${what} should be ${isBytes(expected) ? 'bytes' : 'text or an object'}`);
  ok(typeof actual === typeof expected, `${what} should be ${typeof expected}, and is ${typeof actual}`);
  ok(fingerprint(actual) === fingerprint(expected), `${what} came back as another value`);
}

export function checkFrozen(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) return;
  ok(Object.isFrozen(value), `${what} should be frozen all the way down`);
  for (const item of Object.values(value)) checkFrozen(item, what);
}

/** Everything that a careless log line may make of something, in one text. */
export function printed(thing: unknown): string {
  const own = thing instanceof Error ? [...Object.getOwnPropertyNames(thing), 'cause'] : undefined;
  return [
    String(thing),
    JSON.stringify({ thing }),
    JSON.stringify(thing, own),
    inspect(thing, { showHidden: true, depth: 20, getters: true }),
    format('%s %o %j', thing, thing, thing),
  ].join('\n');
}

export function checkSilent(thing: unknown, secrets: readonly string[], what: string): void {
  const text = printed(thing);
  for (const secret of secrets) ok(!text.includes(secret), `${what} shows a value or a credential when it is printed`);
}

/** Milliseconds; below the time-outs of the usual test runners. */
const PROMPTLY = 4_000;

/** The work’s result, or a failure where it isn't there soon. */
export async function promptly<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      try {
        fail(`${what} took longer than ${PROMPTLY} ms`);
      } catch (error) {
        reject(error);
      }
    }, PROMPTLY);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
