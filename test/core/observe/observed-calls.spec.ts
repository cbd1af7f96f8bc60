import {
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
  SecretThrottledError,
} from '../../../lib/core/errors/index.js';
import { settled } from '../../support/fake-clock.js';
import { SECOND, scripted } from '../../support/scripted-connection.js';
import type { ScriptedOptions } from '../../support/scripted-source.js';
import { delays, fails, gives, hangs } from '../../support/scripted-source.js';
import { RecordedObserver } from './recorded-observer.js';

const MIXED = { can: ['readAll', 'readPath', 'list', 'write', 'renew', 'revoke'] } satisfies ScriptedOptions;

function observed(options: Parameters<typeof scripted>[0] = {}, about: ScriptedOptions = {}) {
  const set = scripted(options, about);
  const observer = new RecordedObserver();
  const remove = set.runtime.observations.add(observer);
  return { ...set, observer, remove };
}

describe('calls of a source that are observed', () => {
  it('given each operation, when it is over, then it is told once, with its kind, its names and its time', async () => {
    const { client, backend, clock, observer, runtime } = observed({ refresh: { enabled: false } }, MIXED);
    backend.set('a', { value: 'canary-a' });
    backend.set('b', { value: 'canary-b' });
    backend.script('read', delays(clock, 40));
    const reading = Promise.all([client.fetch('a'), client.fetch('b')]);
    await clock.advance(40);
    await reading;
    await client.fetchSecrets();
    await client.getByPath('a');
    await client.list();
    await client.update('a', 'canary-c');
    const asked = observer.calls.map(({ operation, names, outcome }) => `${operation} ${names} ${outcome}`);
    expect(asked).toEqual([
      'read 2 ok',
      'readAll 2 ok',
      'list 2 ok',
      'readPath 1 ok',
      'list 2 ok',
      'write 1 ok',
      'read 1 ok',
    ]);
    expect(observer.calls[0]).toEqual({
      connection: 'default',
      source: 'scripted',
      operation: 'read',
      names: 2,
      outcome: 'ok',
      startedAt: new Date(1_800_000_000_000),
      durationMs: 40,
    });
    expect(JSON.stringify(observer)).not.toContain('canary');
    await runtime.shutdown();
  });

  it('given a lease, when it is renewed and ended, then both are told', async () => {
    const { backend, clock, observer, runtime, start } = observed({}, MIXED);
    backend.set('DB', { lease: 60 * SECOND, renewable: true });
    await start('DB');
    await clock.advance(50 * SECOND);
    const closing = runtime.shutdown();
    await clock.advance(5 * SECOND);
    await closing;
    expect(new Set(observer.calls.map(({ operation }) => operation))).toEqual(new Set(['read', 'renew', 'revoke']));
  });

  it('given an answer in part, when it is told, then the call is ok, and what failed is counted by code', async () => {
    const { client, backend, observer } = observed();
    backend.set('good', { value: 'canary-good' });
    backend.set('denied', { failure: new SecretAccessDeniedError('no.') });
    backend.set('odd', { failure: 'canary-odd' });
    const names = ['good', 'denied', 'odd', 'none', 'none2'];
    await Promise.allSettled(names.map((name) => client.fetch(name)));
    expect(observer.calls[0]).toMatchObject({
      names: 5,
      outcome: 'ok',
      failed: { SECRET_ACCESS_DENIED: 1, SECRET_SOURCE_UNAVAILABLE: 1, SECRET_NOT_FOUND: 2 },
    });
  });

  it('given a source that fails each name by itself, when it is out of reach, then the call failed', async () => {
    const { client, backend, observer, runtime } = observed();
    for (const name of ['a', 'b']) backend.set(name, { failure: new SecretSourceUnavailableError('away.') });
    await Promise.allSettled(['a', 'b'].map((name) => client.fetch(name)));
    expect(observer.calls[0]).toMatchObject({
      outcome: 'SECRET_SOURCE_UNAVAILABLE',
      failed: { SECRET_SOURCE_UNAVAILABLE: 2 },
    });
    expect(runtime.calls.status).toMatchObject({
      consecutiveFailures: 1,
      lastFailure: { code: 'SECRET_SOURCE_UNAVAILABLE' },
    });
    expect(runtime.calls.status.lastAnswerAt).toBeUndefined();
  });

  it('given a time-out, a freeze and a closing, when they end a call, then the time-out alone is a failure of the source', async () => {
    const { client, backend, clock, observer, runtime } = observed({
      timeout: SECOND,
      retry: { base: '1h', max: '1h' },
    });
    backend.always.read = hangs;
    const first = client.fetch('a').catch(() => undefined);
    await clock.advance(SECOND);
    await first;
    void client.fetch('b').catch(() => undefined);
    await settled();
    clock.freeze(60 * SECOND);
    await settled();
    void client.fetch('c').catch(() => undefined);
    await settled();
    await runtime.shutdown();
    await settled();
    expect(observer.calls.map(({ outcome }) => outcome).slice(0, 2)).toEqual([
      'SECRET_SOURCE_UNAVAILABLE',
      'interrupted',
    ]);
    expect(observer.calls.at(-1)!.outcome).toBe('interrupted');
    expect(runtime.calls.status.consecutiveFailures).toBe(1);
  });

  it('given answers and failures, when the status is asked for, then it tells the last of each and a moving latency', async () => {
    const { client, backend, clock, runtime } = observed({ retry: { base: '1h', max: '1h' } });
    backend.set('a', { value: 'canary-a' });
    const read = async (...behaviours: Parameters<typeof backend.script> extends [unknown, ...infer R] ? R : never) => {
      backend.script('read', ...behaviours);
      const reading = client.refresh('a');
      await clock.advance(200);
      await reading;
      return runtime.calls.status;
    };
    expect(runtime.calls.status).toEqual({ consecutiveFailures: 0 });
    const answered = await read(delays(clock, 100));
    expect(answered).toEqual({
      lastAnswerAt: new Date(clock.wall() - 100),
      lastDurationMs: 100,
      latencyMs: 100,
      consecutiveFailures: 0,
    });
    expect((await read(delays(clock, 200))).latencyMs).toBeCloseTo(120);
    await read(fails(new SecretThrottledError()));
    const failed = await read(fails(new SecretAuthenticationError('who?')));
    expect(failed).toMatchObject({
      lastDurationMs: 200,
      consecutiveFailures: 2,
      lastFailure: { code: 'SECRET_AUTHENTICATION', at: new Date(clock.wall() - 200) },
    });
    // "Not found" is an answer, for all that it is bad news.
    expect((await read(fails(new SecretNotFoundError()))).consecutiveFailures).toBe(0);
    expect(await read(gives('no map'))).toMatchObject({ consecutiveFailures: 0 });
  });
});

describe('who observes', () => {
  it('given an observer that throws, when more happens, then all goes on, others hear, and it is said once, by its class and without its text', async () => {
    const { client, backend, observer, lines, runtime } = observed();
    class Careless {
      sourceCalled(): void {
        throw new Error('canary-careless');
      }

      happened(): Promise<void> {
        return Promise.reject(new Error('canary-careless'));
      }
    }
    runtime.observations.add(new Careless());
    backend.set('a', { value: 'canary-a' });
    expect(await client.fetch('a')).toBe('canary-a');
    await client.refresh('a');
    await settled();
    expect(observer.calls).toHaveLength(2);
    expect(observer.events.map(({ type }) => type)).toEqual(['loaded']);
    expect(lines.filter((line) => line.includes('Careless'))).toHaveLength(1);
    expect(lines.join('\n')).not.toContain('canary');
  });

  it('given one that is removed, when more happens, then it hears no more, and nothing is made for nobody', async () => {
    const { client, backend, observer, remove, runtime } = observed();
    backend.set('a', { value: 'canary-a' });
    await client.fetch('a');
    remove();
    expect(runtime.observations.isObserved).toBe(false);
    await client.refresh('a');
    expect(observer.calls).toHaveLength(1);
    expect(observer.events).toHaveLength(1);
    let made = 0;
    runtime.observations.tell('rotated', () => {
      made += 1;
      return {} as never;
    });
    expect(made).toBe(0);
  });
});
