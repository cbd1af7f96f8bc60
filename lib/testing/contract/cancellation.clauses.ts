import { ok } from 'node:assert/strict';
import { isSecretError } from '../../core/errors/index.js';
import type { ReadContext, SecretSource } from '../../core/source/secret-source.js';
import { checkSame, checkSilent, promptly } from './checks.js';
import type { Clause } from './clause.js';

const A = 'CONTRACT_A';
const SECRET = 'contract-value-d41c9b';
const values = { [A]: SECRET };

/** Every way to ask the source for something. */
function calls(source: SecretSource): Record<string, (context: ReadContext) => Promise<unknown>> {
  return {
    read: (context) => source.read([A], context),
    ...(source.readAll && { readAll: (context) => source.readAll!(context) }),
    ...(source.list && { list: (context) => source.list!(undefined, context) }),
    ...(source.exists && { exists: (context) => source.exists!(A, context) }),
  };
}

export const cancellationClauses: readonly Clause[] = [
  {
    title: 'given a signal that is aborted already, when called, then it rejects promptly',
    values,
    async hold({ source }) {
      for (const [name, call] of Object.entries(calls(source))) {
        const ended = call({ signal: AbortSignal.abort() }).then(
          () => false,
          () => true,
        );
        ok(await promptly(ended, name), `${name} should reject`);
      }
    },
  },
  {
    title:
      'given a signal that is aborted in the midst of a call, when called, then it ends promptly, and the next call works',
    values,
    async hold(harness) {
      for (const [name, call] of Object.entries(calls(harness.source))) {
        const controller = new AbortController();
        const ended = call({ signal: controller.signal }).catch(() => undefined);
        controller.abort();
        await promptly(ended, name);
      }
      checkSame(await harness.valueOf(A), SECRET, A);
    },
  },
  {
    title: 'given a source that was read, when it and its answers are printed, then no value and no credential shows',
    values,
    async hold(harness) {
      const { source, context, credentials } = harness;
      const answer = await harness.read(A);
      const secrets = [SECRET, ...credentials];
      checkSilent(source, secrets, 'the source');
      checkSilent(answer, secrets, 'an answer');
      checkSilent(answer.get(A), secrets, 'a version');
      if (source.readAll) checkSilent(await source.readAll(context), secrets, 'all');
    },
  },
  {
    title:
      'given a backend that fails, when called, then the errors are SecretErrors and show nothing, and after recovery it reads',
    needs: ['fail'],
    values,
    async hold(harness) {
      await harness.read(A);
      await harness.fail();
      for (const [name, call] of Object.entries(calls(harness.source))) {
        const error = await errorOf(name, call(harness.context));
        ok(isSecretError(error), `${name} should reject with a SecretError`);
        checkSilent(error, [SECRET, ...harness.credentials], `the error of ${name}`);
      }
      await harness.recover();
      checkSame(await harness.valueOf(A), SECRET, A);
    },
  },
];

/** What a call fails with: as a whole, or for the one name that was asked for. */
async function errorOf(name: string, call: Promise<unknown>): Promise<unknown> {
  try {
    const answer = await call;
    if (name === 'read' && answer instanceof Map) return answer.get(A);
    return undefined;
  } catch (error) {
    return error;
  }
}
