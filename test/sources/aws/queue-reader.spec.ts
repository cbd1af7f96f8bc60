import type { PushChannel } from 'nestjs-hcp-vault';
import { SecretAccessDeniedError, SecretNotFoundError, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import type { AnnouncedChange, ChangeListener } from '../../../lib/core/source/change-listener.js';
import { GivenQueue } from '../../../lib/sources/aws/sqs-events/given-queue.js';
import { QueueReader } from '../../../lib/sources/aws/sqs-events/queue-reader.js';
import type { QueueMessage, SqsApi } from '../../../lib/sources/aws/sqs-events/sqs.client.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { scripted } from '../../support/scripted-connection.js';
import { eventOf } from './events.js';

type Receive = (wait: number, signal: AbortSignal) => Promise<readonly QueueMessage[]>;

let messages = 0;
const message = (body: unknown, sentAt?: number): QueueMessage => {
  messages += 1;
  return { id: `m-${messages}`, body: JSON.stringify(body), handle: `h-${messages}`, sentAt };
};

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }));

/** A queue that does what the test says. */
function reading(random = 0.5) {
  const clock = new FakeClock();
  const waits: { readonly at: number; readonly wait: number }[] = [];
  const told: string[] = [];
  const heard: AnnouncedChange[] = [];
  const causes: Error[] = [];
  const set = {
    clock,
    waits,
    told,
    heard,
    causes,
    /** What each request brings; without any, it waits until it is aborted. */
    answers: [] as Receive[],
    always: undefined as Receive | undefined,
    deletions: [] as (readonly string[])[],
    deleting: () => Promise.resolve(),
    ending: new AbortController(),
  };
  const sqs = {
    receive: (_: string, wait: number, { signal }: { signal: AbortSignal }) => {
      waits.push({ at: clock.now(), wait });
      const answer =
        set.answers.shift() ??
        set.always ??
        ((_wait: number, end: AbortSignal) => (_wait === 0 ? Promise.resolve([]) : aborted(end)));
      return answer(wait, signal);
    },
    delete: async (_: string, handles: readonly string[]) => {
      set.deletions.push(handles);
      await set.deleting();
    },
  } as unknown as SqsApi;
  const listener: ChangeListener = Object.assign(
    (changes?: readonly AnnouncedChange[]) => void heard.push(...changes!),
    {
      lost: (cause: unknown) => void (told.push(`lost ${clock.now()}`), causes.push(cause as Error)),
      resumed: () => void told.push(`resumed ${clock.now()}`),
    },
  );
  const queue = new GivenQueue('https://sqs.eu-west-1.amazonaws.com/1/secrets');
  const reader = new QueueReader({ sqs, queue, clock, random: () => random, listener });
  const run = reader.run(set.ending.signal);
  return { ...set, set, reader, run };
}

const fails =
  (error: Error): Receive =>
  () =>
    Promise.reject(error);
const gives =
  (...given: QueueMessage[]): Receive =>
  () =>
    Promise.resolve(given);

describe('a reader of a queue', () => {
  it('given a quiet queue, when it begins, then it asks at once, and then waits for 20 s each', async () => {
    const { waits, reader, clock, told } = reading();
    await reader.begun;
    await settled();
    expect(waits.map(({ wait }) => wait)).toEqual([0, 20]);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(1);
  });

  it('given requests that fail for 60 s, when it goes on, then it is told once as lost and once as resumed, the tries are spaced, and it polls long again', async () => {
    const { set, reader, clock, told, waits } = reading();
    await reader.begun;
    await settled();
    set.always = fails(new SecretSourceUnavailableError('cut.'));
    await clock.advance(30_000); // the long poll is given up after 30 s
    expect(told).toEqual(['lost 30000']);
    const before = waits.length;
    await clock.advance(60_000);
    expect(waits.length - before).toBeLessThanOrEqual(15);
    expect(waits.length - before).toBeGreaterThan(3);
    set.always = undefined;
    await clock.advance(20_000);
    expect(told).toHaveLength(2);
    expect(told[1]).toMatch(/^resumed/);
    expect(waits.at(-1)?.wait).toBe(20);
  });

  it('given a queue that answers a missing queue at once, when a minute passes, then it does not spin', async () => {
    const { set, clock, waits, causes } = reading();
    set.always = fails(new SecretNotFoundError('no queue.'));
    await clock.advance(60_000);
    expect(waits.length).toBeLessThan(15);
    expect(causes).toHaveLength(1);
    expect(causes[0]?.message).toContain('there is no queue "secrets"');
  });

  it('given a request that hangs, when its time is over, then it is lost, and asked again', async () => {
    const { set, reader, clock, told, causes } = reading();
    await reader.begun;
    await clock.advance(29_000);
    expect(told).toEqual([]);
    set.answers.push((_, signal) => aborted(signal)); // the next one hangs too
    await clock.advance(1_000);
    expect(told).toEqual(['lost 30000']);
    expect(causes[0]?.message).toContain('no answer of SQS within 30 s');
    await clock.advance(30_000);
    expect(told).toHaveLength(2);
  });

  it('given messages that may not be deleted, when that shows, then it is told as lost, by the reason', async () => {
    const { set, reader, clock, causes } = reading();
    await reader.begun;
    set.deleting = () => Promise.reject(new SecretAccessDeniedError('DeleteMessageBatch failed: AccessDenied.'));
    set.always = () => Promise.resolve([message(eventOf.label('A', 'v-1'))]);
    await settled();
    await clock.advance(60_000);
    expect(causes).toHaveLength(1);
    expect(causes[0]?.message).toContain('DeleteMessageBatch');
  });

  it('given messages that may not be deleted, when they are hidden and come back for an hour, then it stays lost, and is heard again when they may', async () => {
    const { set, reader, clock, told, heard, waits } = reading();
    await reader.begun;
    await settled();
    await clock.advance(30_000); // the long poll of this test brings nothing
    told.length = 0;
    const one = message(eventOf.parameter('/A'));
    let shownAt = 0;
    set.deleting = () => Promise.reject(new SecretAccessDeniedError('DeleteMessageBatch failed: AccessDenied.'));
    set.always = () => {
      if (clock.now() < shownAt) return Promise.resolve([]);
      shownAt = clock.now() + 30_000;
      return Promise.resolve([one]);
    };
    const before = waits.length;
    for (let n = 0; n < 360; n += 1) await clock.advance(10_000);
    expect(told.filter((line) => line.startsWith('resumed')).length).toBeLessThanOrEqual(1); // of the first hearing
    expect(heard).toEqual(['/A']);
    expect(waits.length - before).toBeLessThan(300);
    set.deleting = () => Promise.resolve();
    await clock.advance(120_000);
    expect(told.at(-1)).toMatch(/^resumed/);
  });

  it('given a service that answers each long poll at once with nothing, when a minute passes, then it is asked once a second', async () => {
    const { set, reader, clock, waits, told } = reading();
    set.always = gives();
    await reader.begun;
    for (let n = 0; n < 60; n += 1) await clock.advance(1_000);
    expect(waits.length).toBeLessThan(65);
    expect(told).toEqual([]);
  });

  it('given an event of a time to come, when those of now follow, then they count', async () => {
    const { set, reader, heard, clock } = reading();
    const label = (at: number): QueueMessage =>
      message({ ...(eventOf.label('A', `v-${at}`) as object), id: `e-${at}`, time: new Date(clock.wall() + at).toISOString() }); // prettier-ignore
    set.answers.push(gives(), gives(label(86_400_000)), gives(label(0)), gives(label(1_000)), gives(label(-60_000)));
    await reader.begun;
    await settled(20);
    const versions = new Set(heard.map((change) => (typeof change === 'string' ? '' : change.version)));
    expect([...versions]).toEqual(['v-86400000', 'v-0', 'v-1000']);
  });

  it('given deletions that fail in passing, when the messages come again, then nothing is lost, and nothing announced twice', async () => {
    const { set, reader, told, heard } = reading();
    set.deleting = () => Promise.reject(new SecretSourceUnavailableError('cut.'));
    const one = message(eventOf.parameter('/A'));
    set.answers.push(gives(), gives(one), gives(one), gives({ ...one, handle: 'another' }));
    await reader.begun;
    await settled(20);
    expect(heard).toEqual(['/A']);
    expect(told).toEqual([]);
    expect(set.deletions).toHaveLength(3);
  });

  it('given deletions that take long, when messages pour in, then at most five are under way: what is in memory is bounded', async () => {
    const { set, reader, ending } = reading();
    let under = 0;
    let most = 0;
    const done: (() => void)[] = [];
    set.deleting = async () => {
      most = Math.max(most, (under += 1));
      await new Promise<void>((resolve) => done.push(resolve));
      under -= 1;
    };
    set.always = (wait) => Promise.resolve(wait === 0 ? [] : [message(eventOf.label('A', String(messages)))]);
    await reader.begun;
    for (let n = 0; n < 50; n += 1) {
      await settled();
      done.shift()?.();
    }
    expect(most).toBeLessThanOrEqual(5);
    ending.abort();
    for (let n = 0; n < 20; n += 1) {
      await settled(1);
      done.shift()?.();
    }
  });

  it('given messages of hours ago, when it begins, then the reading of all that follows covers them: they are deleted, and fresh ones are announced', async () => {
    const { set, reader, heard, clock } = reading();
    const old = Array.from({ length: 10 }, () => message(eventOf.parameter('/OLD'), clock.wall() - 3_600_000));
    set.answers.push(
      gives(...old),
      gives(...old.slice(0, 3), message(eventOf.parameter('/NEW'), clock.wall() - 1_000)),
    );
    await reader.begun;
    expect(heard).toEqual(['/NEW']);
    expect(set.deletions.map(({ length }) => length)).toEqual([10, 4]);
    expect(set.waits.map(({ wait }) => wait).slice(0, 2)).toEqual([0, 0]);
  });

  it('given a storm of a thousand a second, when it has passed, then what is kept of it is bounded', async () => {
    const { set, reader, heard } = reading();
    let left = 3_000;
    set.always = (wait, signal) =>
      wait === 0
        ? Promise.resolve([])
        : left > 0
          ? Promise.resolve(Array.from({ length: 10 }, () => message(eventOf.label('A', String((left -= 1))))))
          : aborted(signal);
    await reader.begun;
    while (left > 0) await settled();
    expect(heard.length).toBe(3_000);
    expect(reader.counts.messages).toBe(3_000);
  });

  it('given a long poll, when reading ends, then it ends at once, and no timer is left', async () => {
    const { reader, ending, run, clock } = reading();
    await reader.begun;
    await settled();
    ending.abort();
    await run;
    expect(clock.pending).toBe(0);
  });

  it('given a back-off, when reading ends, then it ends at once', async () => {
    const { set, reader, ending, run, clock } = reading();
    set.always = fails(new SecretSourceUnavailableError('cut.'));
    await reader.begun;
    await settled();
    ending.abort();
    await run;
    expect(clock.pending).toBe(0);
  });
});

describe('an app that hears of rotations by a queue', () => {
  /** A queue that keeps what is sent while nobody can reach it. */
  function playedQueue(clock: FakeClock) {
    const kept: QueueMessage[] = [];
    let isCut = false;
    let wake = (): void => undefined;
    const sqs = {
      receive: async (_: string, wait: number, { signal }: { signal: AbortSignal }) => {
        for (const end = clock.now() + wait * 1_000; ;) {
          if (isCut) throw new SecretSourceUnavailableError('cut.');
          if (kept.length > 0 || clock.now() >= end) return kept.slice(0, 10);
          await Promise.race([
            new Promise<void>((resolve) => (wake = resolve)),
            aborted(signal),
            clock.sleep(end - clock.now(), signal),
          ]);
        }
      },
      delete: (_: string, handles: readonly string[]) => {
        if (isCut) return Promise.reject(new SecretSourceUnavailableError('cut.'));
        for (const handle of handles)
          kept.splice(
            kept.findIndex((each) => each.handle === handle),
            1,
          );
        return Promise.resolve();
      },
    } as unknown as SqsApi;
    return {
      kept,
      sqs,
      send: (body: unknown) => (kept.push(message(body, clock.wall())), wake()),
      cut: (is: boolean) => ((isCut = is), wake()),
    };
  }

  async function connected() {
    const reading: { queue?: ReturnType<typeof playedQueue> } = {};
    const push: PushChannel = {
      kind: 'sqs-events',
      async open(listener) {
        const queue = (reading.queue = playedQueue(set.clock));
        const ending = new AbortController();
        const given = new GivenQueue('https://sqs.eu-west-1.amazonaws.com/1/secrets');
        const reader = new QueueReader({ sqs: queue.sqs, queue: given, clock: set.clock, random: () => 0.5, listener });
        const run = reader.run(ending.signal);
        await reader.begun;
        return () => (ending.abort(), run);
      },
    };
    const set = scripted({ refresh: { jitter: 0 }, push });
    const names = Array.from({ length: 20 }, (_, n) => `S${n}`);
    for (const name of names) set.backend.set(name, { value: `${name}-0`, version: `${name}-0` });
    await set.start(...names);
    await set.clock.advance(5_000);
    const rotate = (name: string, n: number, isAnnounced = true): void => {
      set.backend.set(name, { value: `${name}-${n}`, version: `${name}-${n}` });
      if (isAnnounced) reading.queue!.send(eventOf.label(name, `${name}-${n}`));
    };
    const count = () => set.backend.calls.flatMap(({ names: read }) => read).length;
    return { ...set, queue: reading.queue!, names, rotate, count };
  }

  it('given a cut of 60 s, with rotations before, in and after it, half of them announced to nobody, when it is over, then none is lost', async () => {
    const { clock, queue, names, rotate, client, runtime, statusOf, told } = await connected();
    expect(runtime.options.policies.isEased).toBe(true);
    queue.cut(true);
    await clock.advance(1_000);
    expect(statusOf('S0')?.channel).toBe('lost');
    for (let n = 0; n < 58; n += 1) {
      rotate(names[n % 20]!, n + 1, n % 2 === 0);
      await clock.advance(1_000);
    }
    queue.cut(false);
    const last = clock.now();
    await clock.advance(20_000); // the longest back-off
    for (const [index, name] of names.entries()) {
      const n = [57, 56, 55].find((each) => each % 20 === index) ?? (index < 18 ? index + 40 : index + 20);
      expect(client.get(name)).toBe(`${name}-${n + 1}`);
    }
    expect(told('channel-resumed')).toHaveLength(1);
    expect(told('channel-resumed')[0]!.at.getTime() - clock.wall() + clock.now() - last).toBeLessThanOrEqual(20_000);
    expect(queue.kept).toEqual([]);
    expect(runtime.options.policies.isEased).toBe(true);
    await runtime.shutdown();
    expect(clock.pending).toBe(0);
  });

  it('given 200 rotations, when each is announced, then each is read once', async () => {
    const { clock, names, rotate, client, count } = await connected();
    const before = count();
    for (let n = 1; n <= 200; n += 1) {
      const name = names[n % 20]!;
      rotate(name, n);
      await clock.advance(200);
      expect(client.get(name)).toBe(`${name}-${n}`);
    }
    expect((count() - before) / 200).toBeLessThanOrEqual(1.2);
  });

  it('given a storm of 1,000 announcements a second of one secret that changes all the time, when 30 s have passed, then there was at most one reading a second', async () => {
    const { clock, rotate, client, count } = await connected();
    const before = count();
    for (let n = 1; n <= 30_000; n += 1) {
      rotate('S0', n);
      if (n % 20 === 0) await clock.advance(20);
    }
    expect(count() - before).toBeLessThanOrEqual(31);
    await clock.advance(10_000);
    expect(client.get('S0')).toBe('S0-30000');
  }, 60_000);
});
